/**
 * `ligase run --watch`: one process watches files, and starts another for each run, which tells it what it read. So
 * every run has the code as it is, and nothing is left of the one before.
 *
 * It must not know how a run is made; what a run tells it are paths.
 *
 * @module
 */
export { type Supervisor, supervisorOf } from "./supervisor.ts";
export { watchRuns } from "./watch-runs.ts";
