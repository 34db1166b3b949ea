/**
 * Locks: what definitions were when somebody said that they shall stay so: digests of what they stand on, and exact versions
 * of all packages, in a file that goes into the project's version control.
 *
 * It must not know how an environment is built or entered.
 *
 * @module
 */
export { LOCK_FILE, locksOf, readLock, writeLock } from "./file.ts";
export { imageKey } from "./key.ts";
export { type Lockable, makeLock, type Mismatch, mismatches } from "./make.ts";
export type { Archive, ImageLock, LockFile } from "./types.ts";
