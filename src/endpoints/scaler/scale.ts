import type { ScaledWorker, Scaling, ScalingInput } from "./types.ts";

/**
 * Says how many workers there should be.
 *
 * From nothing the first job starts a worker at once. Others follow by the endpoint's scaler: by `queueDelay` when the oldest
 * job has waited for so long, and then no more than what waits needs beyond the room that there is (free places of ready
 * workers, all places of starting ones); by `requestCount` as many as the count says; of a web app as many as what runs and
 * waits fills. A worker ends when it has had nothing to do for the idle timeout, nothing waits, and no worker was wanted
 * for as long: the load is over then, and not just between two jobs. There are never fewer than `minWorkers`, nor more than
 * `maxWorkers`; those above it end as soon as they have no job.
 *
 * @example
 * ```ts
 * scale({ settings, load: { waiting: 1, oldestAt: now, running: 0 }, workers: [], grownAt: null, now }).want; // 1
 * ```
 */
export function scale(input: ScalingInput): Scaling {
  const { settings, load, workers, now } = input;
  const max = Math.max(0, settings.maxWorkers);
  const min = Math.min(Math.max(0, settings.minWorkers), max);
  const { count, lookAt: growAt } = needed(input);
  const needs = Math.min(max, Math.max(min, count));
  if (needs > workers.length) return { want: needs, end: [], lookAt: growAt };
  const surplus = workers.length - max;
  if (surplus > 0) return { want: max, end: idsOf(dispensable(workers).slice(0, surplus)), lookAt: null };
  if (load.waiting > 0) return { want: workers.length, end: [], lookAt: surplus === 0 ? null : growAt };
  const calmAt = (input.grownAt ?? -Infinity) + settings.idleTimeout;
  const idle = workers.filter(isIdle).toSorted((a, b) => a.idleSince - b.idleSince);
  const candidates = idle.slice(0, workers.length - needs);
  const due = candidates.filter(({ idleSince }) => Math.max(idleSince + settings.idleTimeout, calmAt) <= now);
  const [next] = candidates.slice(due.length);
  return {
    want: workers.length - due.length,
    end: idsOf(due),
    lookAt: next === undefined ? null : Math.max(next.idleSince + settings.idleTimeout, calmAt),
  };
}

/** How many workers what there is to do needs, and when that becomes more by itself. */
function needed({ settings, load, workers, now }: ScalingInput): { count: number; lookAt: number | null } {
  const { scaler } = settings;
  const { waiting, running, oldestAt } = load;
  const concurrency = Math.max(1, settings.concurrency);
  if (waiting === 0 && running === 0) return { count: 0, lookAt: null };
  if (scaler === null) return { count: Math.ceil((waiting + running) / concurrency), lookAt: null };
  if ("requestCount" in scaler) {
    return { count: Math.ceil((waiting + running) / Math.max(1, scaler.requestCount)), lookAt: null };
  }
  const busy = workers.filter((worker) => worker.ready && worker.running > 0).length;
  // What runs needs the workers that it has; with nothing but idle ones, the first of them is needed for what waits.
  const least = Math.max(busy, 1);
  if (waiting === 0) return { count: least, lookAt: null };
  if (workers.length === 0) return { count: 1, lookAt: null };
  const room = workers.reduce((sum, each) => sum + Math.max(0, concurrency - (each.ready ? each.running : 0)), 0);
  const lacking = Math.ceil((waiting - room) / concurrency);
  if (lacking <= 0) return { count: least, lookAt: null };
  const due = (oldestAt ?? now) + scaler.queueDelay * 1000;
  return due <= now ? { count: workers.length + lacking, lookAt: null } : { count: least, lookAt: due };
}

/** Those that can end now, the least useful first: those that are not ready, then the longest idle. */
function dispensable(workers: readonly ScaledWorker[]): ScaledWorker[] {
  const idle = workers.filter(isIdle).toSorted((a, b) => a.idleSince - b.idleSince);
  return [...workers.filter(({ ready }) => !ready), ...idle];
}

function isIdle({ ready, running }: ScaledWorker): boolean {
  return ready && running === 0;
}

function idsOf(workers: readonly ScaledWorker[]): string[] {
  return workers.map(({ id }) => id);
}
