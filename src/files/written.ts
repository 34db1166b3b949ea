/** A file or folder in the text of a value, as {@link fileAtoms} writes it. */
export interface WrittenFile {
  /** Where it is: `ligase:…` in the store, `./…` in the project, else a path or a URL. */
  path: string;
  /** Of its content; nothing while that is not known. */
  readonly hash?: string;
  readonly size?: number;
  readonly sidecars?: readonly WrittenFile[];
  /** Of an output, where it was said. */
  readonly mediaType?: string;
}

/** What stands for a file or folder in the text of a value. An output is a file. */
export type FileTag = "file" | "dir" | "output";

/** Is this the tag of a file or folder? */
export function isFileTag(tag: unknown): tag is FileTag {
  return tag === "file" || tag === "dir" || tag === "output";
}

/** Does a text as the codec writes it hold files or folders? Few do: a look for the tag spares the others a walk. */
export function holdsFiles(text: string): boolean {
  return text.includes('"$":"file"') || text.includes('"$":"dir"') || holdsOutputs(text);
}

/** The same for files that a task handed to people. */
export function holdsOutputs(text: string): boolean {
  return text.includes('"$":"output"');
}

/**
 * Calls back for each file and folder in a parsed value or expression, sidecars too. What `visit` is given is the place
 * in the JSON itself: its path may be changed.
 *
 * @example
 * ```ts
 * const json = JSON.parse(text);
 * eachWritten(json, (file) => console.log(file.path));
 * ```
 */
export function eachWritten(json: unknown, visit: (file: WrittenFile, kind: "file" | "dir") => void): void {
  if (json === null || typeof json !== "object") return;
  if (Array.isArray(json)) {
    for (const part of json) eachWritten(part, visit);
    return;
  }
  const { $: tag, v } = json as { $?: unknown; v?: unknown };
  if (!isFileTag(tag)) for (const part of Object.values(json)) eachWritten(part, visit);
  else if (isWritten(v)) withSidecars(v, (file) => visit(file, tag === "dir" ? "dir" : "file"));
}

function withSidecars(file: WrittenFile, visit: (file: WrittenFile) => void): void {
  visit(file);
  for (const side of file.sidecars ?? []) withSidecars(side, visit);
}

function isWritten(v: unknown): v is WrittenFile {
  return typeof v === "object" && v !== null && "path" in v && typeof v.path === "string";
}
