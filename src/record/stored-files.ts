import { nameOf } from "../files/location.ts";
import { type FileTag, holdsFiles, isFileTag, type WrittenFile } from "../files/written.ts";

/** A file or folder in a stored value. */
export interface StoredFile {
  /** Where in the value: `sample.reads1`. */
  readonly at: string;
  /** As the record has it: `./reads.fq` in the project, `ligase:outputs/…` in the store. */
  readonly path: string;
  readonly name: string;
  readonly hash: string | undefined;
  readonly size: number | undefined;
  readonly isDir: boolean;
  /** Was it handed to people? */
  readonly isOutput: boolean;
  /** Of an output, where it was said. */
  readonly mediaType: string | undefined;
}

/**
 * The files and folders in a stored value, those beside others among them.
 *
 * @param text - as the codec writes it
 * @param names - of the items of the outermost list: the parameters of a task
 */
export function storedFiles(text: string, names: readonly string[] = []): readonly StoredFile[] {
  if (!holdsFiles(text)) return [];
  const found: StoredFile[] = [];
  const add = ({ path, hash, size, sidecars = [], mediaType }: WrittenFile, at: string, tag: FileTag): void => {
    const [isDir, isOutput] = [tag === "dir", tag === "output"];
    found.push({ at, path, name: nameOf(path), hash, size, isDir, isOutput, mediaType });
    sidecars.forEach((side, i) => add(side, `${at}.sidecars[${i}]`, "file"));
  };
  const walk = (json: unknown, at: string, depth: number): void => {
    if (typeof json !== "object" || json === null) return;
    if ("$" in json) {
      // Only files and folders have a place; what else is tagged holds none.
      if ("v" in json && isFileTag(json.$)) add(json.v as WrittenFile, at, json.$);
      return;
    }
    for (const [key, part] of Object.entries(json)) {
      const step = Array.isArray(json) ? `[${key}]` : at === "" ? key : `.${key}`;
      walk(part, depth === 0 ? (names[Number(key)] ?? step) : at + step, depth + 1);
    }
  };
  walk(JSON.parse(text), "", 0);
  return found;
}
