import type { Executor } from "../executors/types.ts";
import type { TaskImpl } from "../expr/task.ts";
import type { Codec, Hash, Log } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import type { Circles } from "./circles.ts";
import type { Job } from "./job.ts";
import type { Mode, ModeSettings } from "./mode.ts";
import type { FileService } from "./files.ts";
import type { Recorder, Recording } from "./recorder.ts";
import type { Reducer } from "./reducer.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Sharing } from "./sharing.ts";
import type { GpuStalls } from "./stall.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TaskSets } from "./task-sets.ts";

/** What people may set for one run. */
export interface RunSettings extends ModeSettings {
  /** Take nothing from the cache, but record. */
  readonly noCache: boolean;
  /** Tasks whose bodies run even where the cache has a result. */
  readonly force: ReadonlySet<string>;
  /** Stop everything at the first failure. */
  readonly failFast: boolean;
  /** Keep the work directories of jobs that succeed. */
  readonly keepWork: boolean;
  /** Retries of tasks that say nothing of them. */
  readonly retries: number;
}

/** What is so where nobody says otherwise. */
export const DEFAULTS: RunSettings = {
  noCache: false,
  force: new Set(),
  failFast: false,
  keepWork: false,
  retries: 0,
};

/** What looking up and reducing ask of a run, be it one in which nothing runs. */
export interface Evaluation {
  readonly settings: RunSettings;
  readonly mode: Mode;
  readonly store: Store;
  readonly codec: Codec;
  readonly recorder: Recording;
  readonly reducer: Reducer;
  readonly files: FileService;
  readonly sets: TaskSets;
  readonly circles: Circles;
  readonly surroundings: Surroundings;
  /** The jobs of this run by the key of their call: equal calls are one job. */
  readonly jobs: Map<Hash, Job>;
  /** True once the run is being stopped: nothing new starts. */
  readonly stopping: boolean;

  /** A task of the program, or one of Ligase's own, by its name. */
  taskNamed(name: string): TaskImpl | undefined;
  /** The part of the cache key that stands for a task's code. */
  taskHash(task: TaskImpl, version?: string): Hash;
  /** A call of a task waits for its arguments (1), or does so no more (-1). */
  expect?(task: TaskImpl, by: 1 | -1): void;
  /** A job's state becomes this: counted, recorded, and told to who listens. */
  change(job: Job, state: Job["state"]): void;
  /** Waits for something outside: the answer comes back as a step of the queue. */
  track<T>(promise: Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void;
  /** There is something to do. */
  wake(): void;
}

/** What the parts of one run share. */
export interface RunContext extends Evaluation {
  readonly id: string;
  /** The `.ligase` folder. */
  readonly storeDir: string;
  readonly recorder: Recorder;
  readonly scheduler: Scheduler;
  readonly sharing: Sharing;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly gpuStalls: GpuStalls;
  readonly log: Log;
  /** The bundle that process workers import; made when the first is needed. */
  readonly bundle: () => Promise<string>;
  /** The folder that Python is read from. */
  readonly code: (() => Promise<string>) | undefined;
}
