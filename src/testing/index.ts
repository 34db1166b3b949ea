/**
 * What authors of workflows test with: a workflow opened in a temporary project, runs of its tasks
 * that say what ran and what was cached, snapshots of results with the hashes of their files, and
 * stubs in place of tasks. It works in any test runner, for it is called by nothing but the test.
 *
 * It must not know a test runner, nor the command line.
 *
 * @module
 */
export { type Snapshot } from "./snapshot.ts";
export type { StubsOf, TestedJob, TestedRun, TestOptions, TestRunOptions, TestWorkflow } from "./types.ts";
export { testWorkflow } from "./test-workflow.ts";
