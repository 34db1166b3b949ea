import { LigaseError } from "../../kernel/index.ts";
import type { ServerContext } from "../context.ts";
import { HEADERS } from "./answer.ts";

/** What `/v2` answers when it does not do what was asked: `{ "error": "…" }`. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}) {
    super(sentence);
    this.status = status;
    this.headers = headers;
  }
}

/** A refusal as an answer. */
export function refusalAnswer({ status, message, headers }: Refusal): Response {
  return new Response(JSON.stringify({ error: message }), {
    status,
    headers: { ...HEADERS, ...headers },
  });
}

/** What an error is to who asked. What they did not cause they are not told. */
export function refusalOf(error: unknown, { log }: Pick<ServerContext, "log">, what: string): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof LigaseError) {
    switch (error.code) {
      case "LIGASE_E_QUEUE_FULL": {
        const { retryAfterMs } = error.facts;
        const seconds = Math.max(1, Math.ceil((typeof retryAfterMs === "number" ? retryAfterMs : 1000) / 1000));
        return new Refusal(429, error.message, { "Retry-After": String(seconds) });
      }
      case "LIGASE_E_JOB_STATE":
      case "LIGASE_E_WEBHOOK":
        return new Refusal(400, error.message);
      case "LIGASE_E_QUEUE_CLOSED":
        return new Refusal(503, error.message, { "Retry-After": "1" });
      case "LIGASE_E_VALUE_MISSING":
        log.warn(`${what}: ${error.message}`);
        return new Refusal(500, "what was kept of this job is gone from the disk of the server");
    }
    if (isStoreTrouble(error.code)) {
      log.warn(`${what}: ${error.message}`);
      return new Refusal(503, "the server cannot record anything now: nothing was taken", { "Retry-After": "5" });
    }
  }
  log.warn(`${what} failed: ${error instanceof Error ? error.message : String(error)}`, {
    stack: error instanceof Error ? error.stack : undefined,
  });
  return new Refusal(500, "something went wrong here; the log of the server says what");
}

/** Nothing can be recorded: the disk is full, or the store is not what it was. It is not the fault of who asks. */
function isStoreTrouble(code: string): boolean {
  return code.startsWith("LIGASE_E_STORE_") || code === "LIGASE_E_DISK_FULL" || code === "LIGASE_E_READ_ONLY";
}
