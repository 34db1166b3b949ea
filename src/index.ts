/**
 * Ligase joins functions: typed tasks, and scripts inside them, run as workflows that never repeat
 * work and explain themselves.
 *
 * This is what workflows import.
 *
 * @module
 */
export {
  all,
  attempt,
  attemptAll,
  type AttemptContext,
  cond,
  type Expr,
  fail,
  flatten,
  get,
  type Group,
  groupBy,
  type GroupOptions,
  type ImageReference,
  type Interpolation,
  isExpr,
  type Lazy,
  lift,
  local,
  map,
  type PerAttempt,
  python,
  type Raw,
  raw,
  reduce,
  type Resolved,
  type RetryOptions,
  type ScriptOptions,
  seq,
  type Stub,
  type Task,
  task,
  type TaskOptions,
  withOptions,
  zip,
} from "./expr/index.ts";
export {
  Dir,
  File,
  type LinkOptions,
  optional,
  type OptionalOutput,
  Output,
  output,
  type OutputOptions,
  type OutputValue,
} from "./files/index.ts";
export { script, type ScriptTemplate } from "./files/script.ts";
export {
  type CommandOptions,
  Endpoint,
  endpoint,
  type EndpointOptions,
  type Handler,
  type HandlerContext,
  jobContext,
  progress,
  type Scaler,
  web,
  WebApp,
  type WebCommandOptions,
  type WebHandler,
  type WebOptions,
  type WorkerOptions,
} from "./apps/index.ts";
export { LigaseError } from "./kernel/index.ts";
export { type Config, defineConfig } from "./config/config.ts";
export { Image } from "./images/index.ts";
export { type Handle, type LogLine, run, type RunOptions, type RunStatus, spawn } from "./programs/index.ts";
export { Volume, volume } from "./volumes/volume.ts";
