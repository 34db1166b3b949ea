import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { LigaseError, newId } from "../../kernel/index.ts";
import type { CodeFile } from "../types.ts";

/** What nobody used for so long, in milliseconds, may go: a driver may still read a tree, an upload may still be used. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** Tells whether text may be the SHA-256 of a content. */
export function isContentHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/**
 * Code that was uploaded: contents by their hash, and folders made of them. Both appear whole or not at all, and never
 * change.
 */
export class CodeStore {
  readonly #base: string;

  /** @param storeDir - the store's folder: code lies in its `code` */
  constructor(storeDir: string) {
    this.#base = join(storeDir, "code");
  }

  /** Which of these contents are not here. */
  missing(hashes: readonly string[]): readonly string[] {
    return [...new Set(hashes)].filter((hash) => !isContentHash(hash) || !existsSync(this.#blob(hash)));
  }

  /**
   * Keeps a content.
   *
   * @throws LigaseError `LIGASE_E_CODE_HASH` when it is another one than its hash says; `LIGASE_E_DISK_FULL`
   */
  async put(hash: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (!isContentHash(hash)) {
      throw new LigaseError("LIGASE_E_CODE_HASH", `${JSON.stringify(hash.slice(0, 80))} is no SHA-256`, {
        mend: "name the content by 64 hexadecimal digits",
      });
    }
    const at = this.#blob(hash);
    mkdirSync(dirname(at), { recursive: true });
    const temporary = join(dirname(at), `.${newId()}`);
    try {
      const found = createHash("sha256");
      const file = await open(temporary, "wx", 0o444);
      try {
        for await (const chunk of content) {
          found.update(chunk);
          await file.writeFile(chunk);
        }
        // A deployment is durable: so is its code.
        await file.sync();
      } finally {
        await file.close();
      }
      const is = found.digest("hex");
      if (is !== hash) {
        throw new LigaseError("LIGASE_E_CODE_HASH", `the content that was sent as ${hash} is ${is}`, {
          facts: { expected: hash, found: is },
          mend: "deploy again: it was changed, or cut off on its way",
        });
      }
      renameSync(temporary, at);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error instanceof LigaseError ? error : fsError(error, at, "write");
    }
  }

  /**
   * The folder that holds code as a tree: made of its contents when it is not there.
   *
   * @param code - checked already: no path leads out
   * @throws LigaseError `LIGASE_E_CODE_MISSING`
   */
  tree(code: readonly CodeFile[], codeHash: string): string {
    const folder = this.place(codeHash);
    if (!existsSync(folder)) this.#make(folder, code);
    // What was used last is kept longest.
    const now = Date.now() / 1000;
    utimesSync(folder, now, now);
    return folder;
  }

  /** Where the tree of a code lies, or would lie. */
  place(codeHash: string): string {
    return join(this.#base, "trees", codeHash);
  }

  #make(folder: string, code: readonly CodeFile[]): void {
    const missing = this.missing(code.map(({ hash }) => hash));
    if (missing.length > 0) {
      const { path } = code.find(({ hash }) => hash === missing[0])!;
      const others = missing.length === 1 ? "" : ` and ${missing.length - 1} other files`;
      throw new LigaseError("LIGASE_E_CODE_MISSING", `${path}${others} of the deployment were not uploaded`, {
        facts: { missing },
        mend: "deploy again",
      });
    }
    const trees = dirname(folder);
    const temporary = join(trees, `.${newId()}`);
    mkdirSync(temporary, { recursive: true });
    try {
      const folders = new Set<string>([temporary]);
      for (const { path, hash, executable } of code) {
        const at = join(temporary, path);
        mkdirSync(dirname(at), { recursive: true });
        for (let above = dirname(at); above !== temporary; above = dirname(above)) folders.add(above);
        linkSync(executable ? this.#executable(hash) : this.#blob(hash), at);
      }
      for (const each of folders) chmodSync(each, 0o555);
      renameSync(temporary, folder);
    } catch (error) {
      removeTree(temporary);
      // Another request made the same one meanwhile.
      if (!existsSync(folder)) throw fsError(error, folder, "write");
    }
  }

  /** Links share the mode of what they link to: executable files have a copy of the content of their own. */
  #executable(hash: string): string {
    const at = `${this.#blob(hash)}x`;
    if (existsSync(at)) return at;
    const temporary = join(dirname(at), `.${newId()}`);
    copyFileSync(this.#blob(hash), temporary);
    chmodSync(temporary, 0o555);
    renameSync(temporary, at);
    return at;
  }

  /**
   * Removes trees that are not needed and that nobody used for a week, and contents that no tree holds any more.
   *
   * @param needed - hashes of code that stays, whatever its age
   */
  prune(needed: ReadonlySet<string>, now: number = Date.now()): void {
    const trees = join(this.#base, "trees");
    let removed = 0;
    for (const name of list(trees)) {
      if (needed.has(name)) continue;
      const at = join(trees, name);
      if (now - (statSync(at, { throwIfNoEntry: false })?.mtimeMs ?? now) <= KEPT_MS) continue;
      removeTree(at);
      removed++;
    }
    if (removed === 0) return;
    for (const folder of list(join(this.#base, "blobs"))) {
      for (const name of list(join(this.#base, "blobs", folder))) {
        const at = join(this.#base, "blobs", folder, name);
        const stats = statSync(at, { throwIfNoEntry: false });
        if (stats?.nlink === 1 && now - stats.ctimeMs > KEPT_MS) rmSync(at, { force: true });
      }
    }
  }

  #blob(hash: string): string {
    return join(this.#base, "blobs", hash.slice(0, 2), hash);
  }
}

/** Removes a folder whose folders may not be written to. */
function removeTree(folder: string): void {
  try {
    chmodSync(folder, 0o755);
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    }
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Space that is not freed now is freed later.
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
