/**
 * The record, read: what people, reports and the server want to know of what ran, made of the rows of
 * the store. Why a job ran or failed, what a stored value is for people, which process a run is.
 *
 * It must not know who asks (no command line, no screen, no HTTP), and it changes nothing.
 *
 * @module
 */
export {
  type Because,
  type Change,
  type CodeChange,
  type DeclarationChange,
  type Difference,
  differences,
  explain,
  explainBriefly,
  type Explanation,
  reasonText,
} from "./explain/index.ts";
export { type Failure, failureOf, originOf } from "./failure.ts";
export { jobCounts } from "./job-counts.ts";
export { asTheyAre, processOf, type RunProcess } from "./liveness.ts";
export { type ProjectRecord, withRecord } from "./open.ts";
export { type NamedParameter, namedParameters, parameterNames } from "./parameter-names.ts";
export { outline, type OutlineGroup, type OutlineJob, type OutlineOptions } from "./outline.ts";
export { pathFrom } from "./path.ts";
export { type ReasonGroup, type RunReasons, runReasons } from "./run-reasons.ts";
export {
  JOB_STATES,
  jobFilter,
  type Page,
  RUN_STATES,
  runFilter,
  selectJobs,
  selectRuns,
  type Selection,
} from "./select.ts";
export { short } from "./short.ts";
export { taskSummaries, type TaskSummary } from "./task-summaries.ts";
export { argumentsText, locate, type Places, storedValue } from "./stored-value.ts";
