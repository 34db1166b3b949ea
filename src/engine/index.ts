/**
 * The engine: reduces expressions to values. It finds equal calls, looks them up in the store,
 * schedules the bodies that must run, tries again what failed, and records everything: results,
 * the call graph, and which result flowed into which argument.
 *
 * The story of a run, file by file: a `Run` takes steps from a queue. The `Reducer` gives every
 * node of the expression a `Cell` (operators in `operators/`); `Calls` makes jobs of calls;
 * `Lookup` asks the store; `BodyRunner` runs what the cache does not have, as the `Scheduler` lets
 * it; the `Settler` takes what a body left; the `Recorder` commits it all in groups.
 *
 * It must not know how a job is run (executors), what a database is (store), or who asked (CLI,
 * server).
 *
 * @module
 */
export type { RunSettings } from "./context.ts";
export { Engine, type EngineOptions, type RunFacts } from "./engine.ts";
export type { FileService } from "./files.ts";
export type { Job } from "./job.ts";
export { noSuchTask } from "./calls.ts";
export type { Mode, ModeSettings } from "./mode.ts";
export { Progress, type TaskProgress } from "./progress.ts";
export type { Run } from "./run.ts";
export type { TimeLeft } from "./time-left.ts";
export type { LeftOut } from "./sampling.ts";
