/**
 * The test kit for authors of workflows (`ligase/testing`): see `testing/index.ts`.
 *
 * @module
 */
export {
  type Snapshot,
  type StubsOf,
  testWorkflow,
  type TestedJob,
  type TestedRun,
  type TestOptions,
  type TestRunOptions,
  type TestWorkflow,
} from "./testing/index.ts";
