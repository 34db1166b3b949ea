import { existsSync, type FSWatcher, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { hasChanged, lookAt, type Look } from "./look.ts";

const CODE = /^[^.].*\.(?:[cm]?[jt]sx?|json)$/;

/** So many times a moment are waited for the end of changes. */
const MOST_SETTLES = 5;

/** How a {@link Watcher} works. */
export interface WatcherOptions {
  /** Hears which files changed, when no more have for a moment. */
  readonly onChange: (paths: readonly string[]) => void;
  /** How long a moment is, in milliseconds: an editor that saves several files does so within it. Default 100. */
  readonly settleMs?: number;
  /** How often everything is looked at, whatever the system says, in milliseconds: network file systems say nothing. Default 2,000. */
  readonly pollMs?: number;
}

/**
 * Watches files, which need not be there, and folders. The system's own watching of their folders makes it quick, and a
 * look at each now and then makes it certain.
 *
 * @example
 * ```ts
 * const watcher = new Watcher({ onChange: (paths) => console.log(paths) });
 * await watcher.add(["/project/workflow.ts"]);
 * watcher.close();
 * ```
 */
export class Watcher {
  readonly #options: Required<WatcherOptions>;
  readonly #seen = new Map<string, Look>();
  readonly #folders = new Map<string, FSWatcher>();
  /** Folders in which any code counts. */
  readonly #whole = new Set<string>();
  readonly #stirred = new Set<string>();
  readonly #poll: NodeJS.Timeout;
  #stirredAt = 0;
  #settling: NodeJS.Timeout | undefined;
  #checking = false;
  #closed = false;

  constructor({ onChange, settleMs = 100, pollMs = 2000 }: WatcherOptions) {
    this.#options = { onChange, settleMs, pollMs };
    this.#poll = setInterval(() => void this.#check(this.#seen.keys()), pollMs);
  }

  /** How many files and folders are watched. */
  get size(): number {
    return this.#seen.size;
  }

  /**
   * Watches more files, from how they are now on.
   *
   * @param since - a file that was changed after this time has changed already: milliseconds since 1970
   */
  async add(paths: Iterable<string>, since = Infinity): Promise<void> {
    for (const path of paths) {
      if (this.#closed || this.#seen.has(path)) continue;
      const look = await lookAt(path).catch(() => undefined);
      if (!look) continue;
      this.#seen.set(path, look);
      this.#watchFolder(dirname(path));
      if (look.facts && Number(BigInt(look.facts.mtimeNs) / 1_000_000n) > since) this.#stir(path, true);
    }
  }

  /** Any code in these folders counts from now on, also files to come; hidden ones do not. */
  addFolders(folders: Iterable<string>): void {
    for (const folder of folders) {
      this.#whole.add(folder);
      this.#watchFolder(folder);
    }
  }

  /** Only these files are watched from now on. */
  keep(paths: ReadonlySet<string>): void {
    this.#whole.clear();
    for (const path of this.#seen.keys()) if (!paths.has(path)) this.#seen.delete(path);
    const folders = new Set([...this.#seen.keys()].map(dirname));
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** Of the folder, not the file: editors put a new file in the place of the old one. */
  #watchFolder(folder: string): void {
    if (this.#folders.has(folder) || !existsSync(folder)) return;
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null) for (const path of this.#seen.keys()) this.#stir(path);
        else this.#stir(join(folder, name));
      });
      // The folder is gone, or the system has no more watches: a look now and then does it too.
      watcher.on("error", () => {
        watcher.close();
        this.#folders.delete(folder);
      });
      this.#folders.set(folder, watcher);
    } catch {
      // The same.
    }
  }

  #stir(path: string, surely = false): void {
    const isNew = this.#whole.has(dirname(path)) && CODE.test(basename(path));
    if (!surely && !this.#seen.has(path) && !isNew) return;
    if (surely) this.#seen.set(path, { facts: undefined, content: undefined });
    this.#stirred.add(path);
    const { settleMs } = this.#options;
    const now = performance.now();
    if (this.#settling === undefined) this.#stirredAt = now;
    clearTimeout(this.#settling);
    // What is written to all the time is not waited for.
    const wait = Math.min(settleMs, Math.max(0, this.#stirredAt + MOST_SETTLES * settleMs - now));
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      void this.#check([...this.#stirred]);
    }, wait);
  }

  async #check(paths: Iterable<string>): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    const changed: string[] = [];
    for (const path of paths) {
      this.#stirred.delete(path);
      const seen = this.#seen.get(path);
      if (seen && !(await hasChanged(path, seen))) continue;
      changed.push(path);
      this.#seen.set(path, await lookAt(path).catch(() => seen ?? { facts: undefined, content: undefined }));
    }
    this.#checking = false;
    if (changed.length > 0 && !this.#closed) this.#options.onChange(changed);
    // What was written while we looked.
    if (this.#stirred.size > 0) for (const path of this.#stirred) this.#stir(path);
  }
}
