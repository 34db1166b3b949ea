import { dirname, join, resolve } from "node:path";
import type { Program } from "../../code/types.ts";
import { CONFIG_FILES } from "../../config/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Supervisor } from "../watch/index.ts";
import { paramsFiles } from "./options.ts";

/** Files that say how code is read and which packages it gets. */
const ABOUT_CODE = ["package.json", "package-lock.json", "tsconfig.json"];

/** Tells who watches which files say how the code is run, and with what: they need not be there yet. */
export function tellOfSettings(supervisor: Supervisor, root: string, words: readonly string[]): void {
  const params = paramsFiles(words).map((file) => resolve(file));
  supervisor.code([...[...CONFIG_FILES, ...ABOUT_CODE].map((name) => join(root, name)), ...params]);
}

/** Tells who watches of which files the program is made. */
export function tellOfCode(supervisor: Supervisor, { root, modules, assets }: Program): void {
  supervisor.code([...modules, ...assets].map(({ path }) => resolve(root, path)));
}

/** Tells who watches what may mend an error before anything ran: the code in question, or a file that was named. */
export function tellOfError(supervisor: Supervisor, root: string, words: readonly string[], error: unknown): void {
  supervisor.code(words.map((word) => resolve(word.replace(/^--?[\w.-]+=/, ""))));
  const { file, specifier } = error instanceof LigaseError ? error.facts : {};
  if (typeof file !== "string") return;
  const path = resolve(root, file);
  // An import that leads nowhere may lead somewhere yet.
  const missing = typeof specifier === "string" && specifier.startsWith(".") ? [resolve(dirname(path), specifier)] : [];
  supervisor.code([path, ...missing]);
}
