import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log } from "../../kernel/index.ts";
import type { QueueJobChange, QueueJobRow, Store } from "../../store/types.ts";
import type { Queue, QueueJob } from "../queue/types.ts";
import { JobRows } from "./job-rows.ts";
import type { Drivers, Ending } from "./types.ts";

/** What recording is started with. */
export interface RecordingOptions {
  readonly store: Store;
  readonly storeDir: string;
  readonly queue: Pick<Queue, "listen" | "outputOf">;
  readonly drivers: Pick<Drivers, "has" | "ended">;
  readonly log: Log;
}

/** Jobs that end within this time are recorded together, in milliseconds. */
const GROUP_MS = 250;
/** Jobs that are read and committed at once: 100 take 0.7 ms to read, in which nobody else is answered; 500 took 8 ms. */
const MOST = 100;
/** Jobs that are made rows of at once: other requests are answered between. */
const SLICE = 25;
/** How long until it is tried again when the store could not be written, in milliseconds. */
const AGAIN_MS = 5000;

/**
 * Puts jobs of endpoints into the call graph, in the background: each is a run. Those whose handlers called tasks have one
 * already, which is closed; of the others the run is written as a whole. It is not waited for: a server that ends before
 * leaves them to the next one.
 */
export function startRecording({ store, storeDir, queue, drivers, log }: RecordingOptions): { close(): Promise<void> } {
  const rows = new JobRows(store, storeDir);
  /** Runs that are being closed, by job. */
  const closing = new Map<string, Promise<string | null>>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  /** Some ended after the last look. */
  let again = false;
  let closed = false;

  const unlisten = queue.listen({
    ended(job) {
      if (drivers.has(job.id))
        closing.set(
          job.id,
          endOf(job, queue).then((how) => drivers.ended(job.id, how)),
        );
      soon(GROUP_MS);
    },
  });

  const soon = (ms: number): void => {
    again ||= working !== undefined;
    if (!timer && !working && !closed) timer = setTimeout(() => void work(), ms);
  };

  const work = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    working ??= all()
      .then(
        () => false,
        (error: unknown) => {
          log.warn(`jobs were not put into the call graph: ${error instanceof Error ? error.message : String(error)}`);
          return true;
        },
      )
      .then((failed) => {
        working = undefined;
        if (failed) soon(AGAIN_MS);
        else if (again) soon(GROUP_MS);
        again = false;
      });
    return working;
  };

  const all = async (): Promise<void> => {
    for (;;) {
      const jobs = await store.unrecordedQueueJobs(MOST);
      if (jobs.length > 0) await record(jobs);
      if (jobs.length < MOST) return;
    }
  };

  const record = async (jobs: readonly QueueJobRow[]): Promise<void> => {
    const changed: QueueJobChange[] = [];
    const batch = rows.batch();
    for (const [at, job] of jobs.entries()) {
      if (at > 0 && at % SLICE === 0) await nextTurn();
      const run = (await closing.get(job.id)?.catch(() => null)) ?? (await batch.add(job));
      changed.push({ id: job.id, run, recorded: true });
    }
    // In this order, and with ids that a job always has: after a crash between the two the same is written again.
    await batch.commit();
    await store.commitQueue({ changed });
    for (const { id } of jobs) closing.delete(id);
  };

  // What an earlier server left.
  soon(0);

  return {
    async close() {
      unlisten();
      closed = true;
      await work();
    },
  };
}

/** How a job ended, for the run that it has. */
async function endOf(job: QueueJob, queue: Pick<Queue, "outputOf">): Promise<Ending> {
  if (job.state === "CANCELLED") return "cancelled";
  if (job.state === "COMPLETED") return { output: (await queue.outputOf(job)) ?? "null" };
  return { error: job.error ?? job.reason ?? job.state };
}
