import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { crashPoint, hashText, LigaseError, newId } from "../../kernel/index.ts";

/**
 * The folder of large values: one file each, named after the hash of its text, so that a text is
 * never written over. A file is there in full, and on the disk, before the row that names it.
 */
export class ValueTexts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a text; answers the name to read it by. */
  write(text: string): string {
    const hash = hashText(text);
    const name = `${hash.slice(0, 2)}/${hash.slice(2)}`;
    const path = join(this.#folder, name);
    const bytes = Buffer.from(text);
    if (statSync(path, { throwIfNoEntry: false })?.size === bytes.length) return name;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${newId()}.tmp`;
    try {
      const file = openSync(temporary, "wx");
      try {
        writeFileSync(file, bytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      crashPoint("store.value.rename");
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
    return name;
  }

  /** Is a text there, as long as it was? */
  has(name: string, bytes: number): boolean {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size === bytes;
  }

  /** A text by its name; nothing when its file is gone. */
  find(name: string): string | undefined {
    try {
      return readFileSync(join(this.#folder, name), "utf8");
    } catch {
      return undefined;
    }
  }

  /** Removes all other files. */
  keepOnly(names: ReadonlySet<string>): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      const path = join(name.parentPath, name.name);
      if (name.isFile() && !names.has(relative(this.#folder, path))) rmSync(path, { force: true });
    }
  }

  /** @throws LigaseError `LIGASE_E_VALUE_MISSING` when the file is gone or not as long as it was */
  read(name: string, bytes: number): string {
    const path = join(this.#folder, name);
    let content: Buffer | undefined;
    try {
      content = readFileSync(path);
    } catch (error) {
      throw missing(path, "cannot be read", error);
    }
    if (content.length !== bytes) throw missing(path, `has ${content.length} bytes instead of ${bytes}`);
    return content.toString();
  }
}

function missing(path: string, what: string, cause?: unknown): LigaseError {
  return new LigaseError("LIGASE_E_VALUE_MISSING", `the value kept in ${path} ${what}`, {
    mend: "restore the file, or run again with --force so that its task computes the value anew",
    facts: { path },
    cause,
  });
}

/** Makes a rename in a folder survive a power cut. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
