import type { Scaler } from "../../apps/index.ts";

/** What an endpoint says of its scaling. Durations are milliseconds. */
export interface ScalingSettings {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly idleTimeout: number;
  /** Jobs, or requests, that one worker has at once. */
  readonly concurrency: number;
  /** Null: by what there is at the moment, as web apps are. */
  readonly scaler: Scaler | null;
}

/** What there is to do. */
export interface ScalingLoad {
  readonly waiting: number;
  /** When the oldest of them came; null when none waits. */
  readonly oldestAt: number | null;
  readonly running: number;
}

/** A worker that lives and may take jobs, now or once it is ready. */
export interface ScaledWorker {
  readonly id: string;
  readonly ready: boolean;
  /** Jobs that it has. */
  readonly running: number;
  /** Since when it has had nothing to do: since it was ready, or since its last job. It counts where it is ready and has none. */
  readonly idleSince: number;
}

/** What is known when one looks. */
export interface ScalingInput {
  readonly settings: ScalingSettings;
  readonly load: ScalingLoad;
  readonly workers: readonly ScaledWorker[];
  /** When a worker was last wanted beyond those there were; null for never. */
  readonly grownAt: number | null;
  readonly now: number;
}

/** What should be done. */
export interface Scaling {
  /** How many workers there should be when that is done. */
  readonly want: number;
  /** Workers that are to end: none of them has a job. */
  readonly end: readonly string[];
  /** When to look again, should nothing happen until then; null for never. */
  readonly lookAt: number | null;
}
