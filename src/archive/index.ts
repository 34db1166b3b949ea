/**
 * Runs to take along: one as an archive that another store takes in, so that what it computed is found there.
 *
 * `format.ts` says what an archive is, `row-lines.ts` how rows are written; `export.ts` writes one, `open.ts` reads it
 * and checks all of it, `import.ts` takes it into a store.
 *
 * It must not know who asks (no command line, no screen), how anything is run, or what a task means by its files.
 *
 * @module
 */
export { type Bundle, type BundleOptions, bundleRun } from "./bundle/bundle-run.ts";
export { type Crate, type CrateOptions, exportCrate } from "./crate/export-crate.ts";
export { type Exporting, type ExportOptions, exportRun } from "./export.ts";
export type { Manifest, Member } from "./format.ts";
export { type Imported, importArchive, type ImportHooks } from "./import.ts";
export { openArchive } from "./open.ts";
export type { FileChoice } from "./run-files.ts";
export { writeFolder, writeZip } from "./sink.ts";
