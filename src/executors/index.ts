/**
 * Executors: the places where jobs run. Each takes attempts and gives back outcomes, in one folder
 * with the same contract (`types.ts`) and one contract suite; so far `process/`, this machine.
 *
 * They must not know the engine: what a job needs from it comes with the attempt or through its head.
 *
 * @module
 */
export {
  createLocalExecutor,
  type LocalExecutor,
  type LocalExecutorOptions,
  type LocalExecutorSettings,
} from "./process/index.ts";
export { type CapacitySettings, localCapacity } from "./process/capacity.ts";
export { jobEnvironment } from "./process/environment.ts";
export { prepareScript } from "./process/prepare.ts";
export { type EnclosedAttempt, type EnclosedCommand, enclosureOf, placeVolumes, SCRATCH } from "./process/enclosure.ts";
export { createServiceLauncher, type ServiceLauncherOptions } from "./process/services.ts";
export { type KeptEnclosure, readEnclosure } from "./process/kept-enclosure.ts";
export { killOrphan, processStart, type RecordedProcess } from "./process/proc.ts";
export type {
  RunningService,
  ServiceEntry,
  ServiceExit,
  ServiceLauncher,
  ServiceProcess,
  ServiceProgram,
  ServiceRequest,
} from "./service.ts";
export type { Attempt, Executor, FailureCause, Head, Outcome, Resources, Running, Usage, Work } from "./types.ts";
