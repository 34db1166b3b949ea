/**
 * Code that goes to another machine: a program with the packages it uses in one bundle, or the files of a project; each file
 * by its content, so that only what is new is sent.
 *
 * It must not know where it goes, nor what is declared in it.
 *
 * @module
 */
export { type CodeFile, codeHashOf } from "./code-file.ts";
export { isPacked, loadPacked } from "./load-packed.ts";
export type { FoundHandler } from "../tasks/handlers.ts";
export {
  type PackedCode,
  type PackedFile,
  type PackedProgram,
  packFile,
  packFiles,
  type PackOptions,
  packProgram,
} from "./pack.ts";
