import type { Pools } from "../pool/types.ts";
import type { Queue } from "../queue/types.ts";
import type { Statistics } from "../services.ts";
import { Window } from "./window.ts";

/** Where statistics hear of what passes. */
export interface StatisticsOptions {
  readonly queue: Pick<Queue, "listen">;
  readonly pools: Pick<Pools, "onChange">;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: () => number;
}

/** Counts what passes through endpoints, from now on. */
export function createStatistics({ queue, pools, now = () => performance.now() }: StatisticsOptions): Statistics {
  const windows = new Map<string, Window>();
  const began = now();
  const slotOf = (endpoint: string) => {
    let window = windows.get(endpoint);
    if (!window) windows.set(endpoint, (window = new Window(began)));
    return window.at(now());
  };
  queue.listen({
    taken({ endpoint, takenAt, queuedAt }) {
      if (takenAt !== null) slotOf(endpoint).queueDelay.add(takenAt - queuedAt);
    },
    ended({ endpoint, state, takenAt, endedAt }) {
      if (state === "CANCELLED") return;
      const slot = slotOf(endpoint);
      if (state === "COMPLETED") slot.completed++;
      else slot.failed++;
      if (takenAt !== null && endedAt !== null) slot.execution.add(endedAt - takenAt);
    },
  });
  // A worker is told of again when it stops.
  const started = new Set<string>();
  pools.onChange(({ id, endpoint, state, startedAt, readyAt }) => {
    if (state === "ended" || state === "failed") started.delete(id);
    if (state !== "ready" || readyAt === null || started.has(id)) return;
    started.add(id);
    slotOf(endpoint).coldStart.add(readyAt - startedAt);
  });
  return {
    of: (endpoint) => (windows.get(endpoint) ?? new Window(began)).stats(now()),
    answered(endpoint, { waited, took, failed }) {
      const slot = slotOf(endpoint);
      slot.queueDelay.add(waited);
      slot.execution.add(took);
      if (failed) slot.failed++;
      else slot.completed++;
    },
  };
}
