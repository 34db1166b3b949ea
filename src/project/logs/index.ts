/**
 * What the jobs of a run wrote, as it is written: files that are in a work directory while the job
 * runs and among the logs afterwards. `follower.ts` finds them by the record, from any process;
 * `live.ts` hears the jobs of this one. It knows nothing of who reads.
 *
 * @module
 */
export { type LogFilter, LogFollower, type LogSink, type LogSource } from "./follower.ts";
export { LineCutter } from "./lines.ts";
export { type LiveSink, type LiveSource, LogStream, type WantedStreams } from "./live.ts";
export type { Stream } from "./reader.ts";
