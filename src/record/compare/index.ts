/**
 * Compares two runs: what differs in code, arguments, results, environments, tools, times and failures.
 *
 * It reads the store, and files as far as their contents are still there; it does not know how a comparison is shown.
 *
 * @module
 */
export { compareRuns } from "./compare.ts";
export type {
  EnvironmentComparison,
  FactChange,
  FailureGroup,
  ReachedChange,
  RunComparison,
  TaskComparison,
  TaskSide,
} from "./types.ts";
