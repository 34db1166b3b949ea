import { setTimeout as wait } from "node:timers/promises";
import { type Backoff, backoffDelay, formatDuration, type Log } from "../kernel/index.ts";
import type { RunRow } from "../store/types.ts";

/** What a webhook hears of a run that has ended. */
export interface RunNotice {
  /** All in one line: what Slack and Teams show. */
  readonly text: string;
  /** The same: what Discord shows. */
  readonly content: string;
  readonly run: string;
  readonly task: string;
  readonly state: RunRow["state"];
  /** The name of the project's folder. */
  readonly project: string;
  readonly host: string;
  readonly user: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  /** Jobs by what became of them. */
  readonly counts: Readonly<Record<"done" | "cached" | "failed" | "cancelled", number>>;
  readonly tags: Readonly<Record<string, string>>;
  /** What it failed of; null when it did not. */
  readonly error: { readonly code: string | null; readonly message: string } | null;
}

/** How a webhook is called. */
export interface NotifyOptions {
  /** For all attempts together, in milliseconds. Default 5,000: the terminal waits for it. */
  readonly limitMs?: number;
  readonly backoff?: Backoff;
}

/** Discord takes 2,000 characters. */
const LONGEST = 1900;
const TRY_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const BACKOFF: Backoff = { initial: 200, max: 2000, factor: 2 };

/**
 * Says what became of a run.
 *
 * @param facts - what the row of the run does not say
 */
export function noticeOf(run: Readonly<RunRow>, facts: Pick<RunNotice, "project" | "counts" | "error">): RunNotice {
  const endedAt = run.endedAt ?? Date.now();
  const durationMs = endedAt - run.startedAt;
  const { done, cached } = facts.counts;
  const took = formatDuration(durationMs);
  const what = `${run.task} (${facts.project})`;
  const line =
    run.state === "done"
      ? `✓ ${what} is done: ${done} ran, ${cached} cached, took ${took}`
      : run.state === "cancelled"
        ? `– ${what} was stopped after ${took}: ${done} ran, ${cached} cached`
        : `✗ ${what} failed after ${took}: ${facts.error?.message ?? run.state}`;
  const text = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  return {
    text,
    content: text,
    run: run.id,
    task: run.task,
    state: run.state,
    ...facts,
    host: run.host,
    user: run.user,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    durationMs,
    tags: run.tags,
  };
}

/**
 * Posts a notice to each of some webhooks, trying again for a few seconds. One that cannot be reached is a warning, and
 * changes nothing of the run.
 *
 * @example
 * ```ts
 * await notify(["https://hooks.example.org/T0/secret"], noticeOf(run.row, { project, counts, error: null }), log);
 * ```
 */
export async function notify(
  urls: readonly string[],
  notice: RunNotice,
  log: Log,
  options: NotifyOptions = {},
): Promise<void> {
  const body = JSON.stringify(notice);
  await Promise.all(
    urls.map(async (url) => {
      const trouble = await post(url, body, options);
      if (trouble !== undefined) log.warn(`could not notify ${withoutSecrets(url)}: ${trouble}`);
    }),
  );
}

/** @returns what went wrong, if anything did */
async function post(
  url: string,
  body: string,
  { limitMs = 5000, backoff = BACKOFF }: NotifyOptions,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  const headers = { "content-type": "application/json", "user-agent": "ligase" };
  let trouble = "the server is silent";
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url, { method: "POST", body, headers, signal });
        await response.body?.cancel();
        if (response.ok) return undefined;
        trouble = `the server answered ${response.status}`;
        if (!TRY_AGAIN.has(response.status)) return trouble;
      } catch (error) {
        if (signal.aborted) return trouble;
        trouble = reason(error);
      }
      await wait(backoffDelay(backoff, attempt), undefined, { signal });
    }
  } catch {
    // The time is up.
    return trouble;
  }
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  return cause.message || code || error.message;
}

/**
 * The address of a webhook as it may be shown and recorded: its path is its password.
 *
 * @example
 * ```ts
 * withoutSecrets("https://hooks.slack.com/services/T0/B0/x"); // "https://hooks.slack.com/…"
 * ```
 */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return "…";
  const { origin, pathname, search, username, password } = new URL(url);
  return pathname === "/" && search + username + password === "" ? origin : `${origin}/…`;
}
