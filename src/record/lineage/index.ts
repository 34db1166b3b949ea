/**
 * Where files came from and what was made of them: from the calls whose results and arguments hold their content.
 *
 * A file is known by its content, so it may have been moved or renamed. It must not know how the tree is shown.
 *
 * @module
 */
export { type AskedFile, filesNamed, findFile } from "./find-file.ts";
export { originOfFile, usesOfFile } from "./lineage.ts";
export type { CallOrigin, CallUse, FileOrigin, FileUse, ValueOrigin } from "./types.ts";
