import type { Config } from "../config/index.ts";
import type { RunState } from "../store/types.ts";
import type { LogLine } from "./log-lines.ts";

/** How a program runs something. */
export interface RunOptions {
  /** What the run is called in the record. Default: the expression. */
  readonly name?: string;
  /** Words to find it by. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Take nothing from the cache. */
  readonly noCache?: boolean;
  /** Stop everything at the first failure. */
  readonly failFast?: boolean;
  /** Take so many items of every map, the first ones: a cheap trial, whose results no other run takes from the cache. */
  readonly sample?: number;
  /** Run the stubs of tasks in place of their bodies: the wiring alone, whose results no other run takes from the cache. */
  readonly stub?: boolean;
  /** Cancels it. */
  readonly signal?: AbortSignal;
  /**
   * Runs it on a server: the name of a context, or an address; `"local"` in this process. Default: `LIGASE_CONTEXT` in the
   * environment, else in this process.
   */
  readonly context?: string;
  /** Settings that win over the project's. They count when no other run of this program goes on. */
  readonly config?: Config;
}

/** Where a spawned run stands. */
export interface RunStatus {
  readonly state: RunState;
  /** Jobs by state, of all tasks together. */
  readonly jobs: Readonly<Record<"pending" | "running" | "done" | "cached" | "failed" | "cancelled", number>>;
}

/** A run that goes on while the program does other things. */
export interface Handle<T> {
  /** The run's id, as `ligase log` shows it. */
  readonly id: string;
  /** Its value, once it is recorded; rejects with the first error. */
  readonly result: Promise<T>;
  status(): RunStatus;
  /** The lines that its jobs write, as they come, until it has ended. Bodies inside this process write to its own stdout. */
  logs(): AsyncIterable<LogLine>;
  /** Ends it: what has finished stays recorded. */
  cancel(): Promise<void>;
}
