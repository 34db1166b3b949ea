/**
 * What the jobs of a run wrote, as it is written: files that are in a work directory while the job
 * runs and among the logs afterwards. It knows the record, and nothing of who reads.
 *
 * @module
 */
export { type LogFilter, LogFollower, type LogSink, type LogSource } from "./follower.ts";
export type { Stream } from "./reader.ts";
