import { LigaseError, nearest } from "../../kernel/index.ts";

/** What people can cause, as HTTP says it. What is not here is 400. */
const STATUSES: Readonly<Record<string, number>> = {
  LIGASE_E_UNAUTHORIZED: 401,
  LIGASE_E_FORBIDDEN: 403,
  LIGASE_E_ID: 404,
  LIGASE_E_NO_DEPLOYMENT: 404,
  LIGASE_E_NO_ENDPOINT: 404,
  LIGASE_E_NO_ROUTE: 404,
  LIGASE_E_JOB_STATE: 409,
  LIGASE_E_TOO_LARGE: 413,
  LIGASE_E_QUEUE_FULL: 429,
  LIGASE_E_RATE_LIMIT: 429,
  LIGASE_E_NO_WORKER: 503,
  LIGASE_E_QUEUE_CLOSED: 503,
  LIGASE_E_DISK_FULL: 507,
};

/** An error as the management API writes it; nothing for a defect of ours, which is not told to everybody. */
export function answerOf(error: unknown): Response {
  if (!(error instanceof LigaseError)) {
    return written(500, {
      code: "LIGASE_E_SERVER",
      message: "Something went wrong here.",
      mend: "what ligase serve writes says more",
    });
  }
  const { code, message, mend, facts } = error;
  const answer = written(STATUSES[code] ?? 400, { code, message, ...(mend !== undefined && { mend }) });
  const wait = facts["retryAfterMs"];
  if (typeof wait === "number") answer.headers.set("Retry-After", String(Math.max(1, Math.ceil(wait / 1000))));
  return answer;
}

function written(status: number, error: { code: string; message: string; mend?: string }): Response {
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store" } });
}

/** What was sent is not in its form. */
export function badRequest(message: string, mend?: string): LigaseError {
  return new LigaseError("LIGASE_E_REQUEST", message, mend === undefined ? {} : { mend });
}

export function tooLarge(limit: string): LigaseError {
  return new LigaseError("LIGASE_E_TOO_LARGE", `this is larger than ${limit}`);
}

/** There is nothing of this name or id. */
export function notThere(what: string, name: string, known: Iterable<string>, code = "LIGASE_E_ID"): LigaseError {
  const near = nearest(name, known);
  return new LigaseError(code, `there is no ${what} ${name}`, {
    facts: { [what]: name },
    ...(near !== undefined && { mend: `did you mean ${near}?` }),
  });
}

export function forbidden(message: string): LigaseError {
  return new LigaseError("LIGASE_E_FORBIDDEN", message, { mend: "ask for a key that may: ligase key create" });
}
