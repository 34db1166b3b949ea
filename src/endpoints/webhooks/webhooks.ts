import { join } from "node:path";
import { linkKey, serverOf, signingKey } from "../../files/links/index.ts";
import type { Log } from "../../kernel/index.ts";
import type { Store } from "../../store/types.ts";
import { LARGEST_OUTPUT, outputPath, statusText } from "../answers/index.ts";
import type { Queue, QueueJob } from "../queue/types.ts";
import { hostOf, type Reach } from "./address.ts";
import { deliver } from "./deliver.ts";
import { Turns } from "./turns.ts";

/** What webhooks are told from, and how. Durations are milliseconds. */
export interface WebhooksOptions {
  readonly store: Pick<Store, "commitQueue" | "waitingWebhooks">;
  readonly storeDir: string;
  readonly queue: Pick<Queue, "get" | "listen" | "outputOf">;
  readonly log: Log;
  /** Whom they may reach. Default: `public`. */
  readonly reach?: Reach | undefined;
  /** Bytes: a larger output is told of as a link. Default: 20 MB. */
  readonly largestOutput?: number | undefined;
  /** Between two tries. Default: 10 s. */
  readonly retryMs?: number | undefined;
  /** That a receiver has. Default: 10 s. */
  readonly timeoutMs?: number | undefined;
  readonly now?: (() => number) | undefined;
}

/** How often a receiver is tried in all. */
const TRIES = 3;
const MOST = { most: 64, mostOfOne: 4 };
/** How long a link to an output is good where it is not said when the output goes: a day. */
const LINK_LASTS = 24 * 3600 * 1000;

/** The file in the store's folder with what signs webhooks. */
export const WEBHOOK_KEY = "webhook.key";

interface Waiting {
  readonly id: string;
  readonly url: string;
  /** Tries so far. */
  readonly tries: number;
  readonly at: number;
}

/** Tells others of the end of jobs, those of before included. What was told is recorded: a restart repeats little. */
export function startWebhooks(options: WebhooksOptions): { close(): Promise<void> } {
  const { store, storeDir, queue, log, now = Date.now } = options;
  const { reach = "public", largestOutput = LARGEST_OUTPUT, retryMs = 10_000, timeoutMs = 10_000 } = options;
  const stop = new AbortController();
  const under = new Set<Promise<void>>();
  /** Those that are tried again, soonest first: each waits as long as the others. */
  const later: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let secret: string | undefined;

  const bodyOf = async (job: QueueJob): Promise<string> => {
    if (job.state !== "COMPLETED" || (job.outputSize ?? 0) <= largestOutput) {
      return statusText(job, { output: await queue.outputOf(job) });
    }
    const expires = Math.ceil((job.collectAt ?? now() + LINK_LASTS) / 1000);
    const path = outputPath(job.endpoint, job.id, expires, linkKey(storeDir));
    return statusText(job, { output: null, outputUrl: (serverOf(storeDir) ?? "") + path });
  };

  const tell = async ({ id, url, tries }: Waiting): Promise<void> => {
    if (stop.signal.aborted) return;
    const job = await queue.get(id);
    // Forgotten, or tried once more: then it has another end to tell of.
    if (job?.endedAt == null) return;
    secret ??= signingKey(join(storeDir, WEBHOOK_KEY), "webhooks");
    const attempt = tries + 1;
    const delivery = { url, job: id, attempt, body: await bodyOf(job) };
    const problem = await deliver(delivery, { secret, reach, timeoutMs, now, signal: stop.signal });
    if (problem !== undefined && stop.signal.aborted) return;
    if (problem === undefined) {
      await store.commitQueue({ changed: [{ id, webhookState: "delivered", webhookTries: attempt, webhookAt: null }] });
    } else if (attempt >= TRIES) {
      log.warn(`the webhook of job ${id} was not delivered in ${TRIES} tries: ${problem}`);
      await store.commitQueue({ changed: [{ id, webhookState: "failed", webhookTries: attempt, webhookAt: null }] });
    } else {
      const at = now() + retryMs;
      await store.commitQueue({ changed: [{ id, webhookState: "waiting", webhookTries: attempt, webhookAt: at }] });
      put({ id, url, tries: attempt, at });
    }
  };

  const turns = new Turns<Waiting>((waiting) => {
    const told = tell(waiting).catch((error: unknown) => {
      const says = error instanceof Error ? error.message : String(error);
      log.warn(`the webhook of job ${waiting.id} failed: ${says}`);
    });
    under.add(told);
    return told.finally(() => under.delete(told));
  }, MOST);

  const put = (waiting: Waiting): void => {
    if (stop.signal.aborted) return;
    if (waiting.at <= now()) return turns.add(receiverOf(waiting.url), waiting);
    later.push(waiting);
    arm();
  };
  const arm = (): void => {
    const [next] = later;
    if (timer !== undefined || next === undefined) return;
    // A clock that steps back holds nobody up for longer than one wait.
    timer = setTimeout(due, Math.min(retryMs, Math.max(0, next.at - now())));
    timer.unref();
  };
  const due = (): void => {
    timer = undefined;
    for (;;) {
      const [next] = later;
      if (next === undefined || next.at > now()) break;
      later.shift();
      turns.add(receiverOf(next.url), next);
    }
    arm();
  };

  const unlisten = queue.listen({
    ended: ({ id, webhook }) => {
      if (webhook !== null) put({ id, url: webhook, tries: 0, at: 0 });
    },
  });
  const read = store.waitingWebhooks().then((jobs) => {
    const open = jobs.filter((job) => job.endedAt !== null);
    open.sort((a, b) => (a.webhookAt ?? 0) - (b.webhookAt ?? 0));
    for (const { id, webhook, webhookTries, webhookAt } of open) {
      if (webhook !== null) put({ id, url: webhook, tries: webhookTries, at: webhookAt ?? 0 });
    }
  });
  under.add(
    read.catch((error: unknown) => {
      log.warn(`webhooks of before are not delivered: ${error instanceof Error ? error.message : String(error)}`);
    }),
  );

  return {
    async close() {
      unlisten();
      stop.abort();
      turns.clear();
      clearTimeout(timer);
      await Promise.all(under);
    },
  };
}

/** What hangs together. */
function receiverOf(url: string): string {
  const parsed = new URL(url);
  return `${hostOf(parsed)}:${parsed.port}`;
}
