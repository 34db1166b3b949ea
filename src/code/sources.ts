import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { hashText, type Hash } from "../kernel/index.ts";
import type { Program } from "./types.ts";

/** A text that a program was made of: a module, or an imported file that is text. */
export interface Source {
  /** Relative to the project. */
  readonly path: string;
  /** Of its content. */
  readonly hash: Hash;
  /** Nothing where it is no text, is very long, or was changed since the program was loaded. */
  readonly text: string | undefined;
}

/** Longer ones are data more than code: nobody reads a diff of them. */
const LONGEST = 2 ** 20;

/**
 * The texts that a program was made of, read from where its modules are: they were read a moment ago, when it was
 * loaded, and count only if they still are what they were then.
 */
export function readSources({ root, modules, assets }: Pick<Program, "root" | "modules" | "assets">): Source[] {
  return [
    ...modules.map(({ path, hash }) => ({ path, hash, text: readText(resolve(root, path), hash, "utf8") })),
    ...assets.map(({ path, hash }) => ({ path, hash, text: readText(resolve(root, path), hash, "latin1") })),
  ];
}

/** @param hashed - as what the content was hashed */
function readText(path: string, hash: Hash, hashed: "utf8" | "latin1"): string | undefined {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > LONGEST || hashText(bytes.toString(hashed)) !== hash) return undefined;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
