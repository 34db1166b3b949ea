/**
 * The kernel: small, pure helpers that every other floor stands on: identity (canonical
 * encoding and hashing), ids, errors, time, units, columns of text, retry schedules
 * and the log.
 *
 * It must not know anything of tasks, files, stores or processes.
 *
 * @module
 */
export { type AtomCodec, Codec, type Encoded, type Json } from "./codec.ts";
export { columnsOf, shortenMiddle, takeColumns } from "./columns.ts";
export { crashPoint } from "./crash.ts";
export { hashText, type Hash } from "./hash.ts";
export { idOf, isId, newId } from "./ids.ts";
export { errorFacts, LigaseError, reviveError, type ErrorFacts } from "./errors.ts";
export { formatBytes, formatDuration, parseBytes, parseDuration } from "./units.ts";
export { backoffDelay, type Backoff } from "./retry.ts";
export { nearest } from "./nearest.ts";
export {
  createRedactingStream,
  createRedactor,
  REDACTED,
  redactDeep,
  type RedactingStream,
  type Redactor,
} from "./redact.ts";
export { type Log, silentLog } from "./log.ts";
export { VERSION } from "./version.ts";
