/**
 * The store: the record of everything that ran. Runs, jobs, calls and their edges, values by
 * content, the code of tasks, fingerprints of files, and the processes that work on it.
 *
 * `types.ts` is the contract: `rows.ts` what is stored, `questions.ts` what is asked,
 * `collecting.ts` what is about space. `sqlite/` keeps it in one file on a local disk, one noun a
 * file; `migrations/` are the steps of the schema, for every database.
 *
 * It must not know the engine: what a hit is, what is stale, when something runs again. It keeps
 * rows and answers questions about them.
 *
 * @module
 */
export type * from "./types.ts";
export { openStore, type OpenOptions } from "./sqlite/open.ts";
