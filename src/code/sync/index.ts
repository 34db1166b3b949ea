/**
 * File sync: a copy of a project's files in the store, as they were at one moment, for code that is read from files where
 * it runs. Each content is kept once; a copy is a folder of links to contents.
 *
 * `ignored.ts` knows what is left out, `find-files.ts` finds the rest, `sync.ts` copies what is new, `sync-index.ts`
 * remembers what need not be read, `prune.ts` removes what nobody uses.
 *
 * It must not know what the files are for.
 *
 * @module
 */
export { type Found, findFiles, type Skipped } from "./find-files.ts";
export { IGNORE_FILE } from "./ignored.ts";
export { skippedLine, type Synced, syncFiles, type SyncOptions } from "./sync.ts";
export { syncedTrees } from "./trees.ts";
