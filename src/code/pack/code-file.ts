import { type Hash, hashText } from "../../kernel/index.ts";

/** A file of code that goes to another machine, by its content. */
export interface CodeFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** SHA-256 of its content, hexadecimal. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

/** The identity of files of code as a whole: their paths, which of them are executable, and what they hold. */
export function codeHashOf(files: readonly CodeFile[]): Hash {
  const rows = files.map(({ path, hash, executable }) => [path, hash, executable] as const);
  return hashText(JSON.stringify(rows.sort(([a], [b]) => (a < b ? -1 : 1))));
}
