import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSettled, sameFacts, type StatFacts } from "../../files/stat-facts.ts";
import { newId } from "../../kernel/index.ts";

/** Size, times and inode, and the content that was found then. */
type Row = readonly [size: number, mtimeNs: string, ctimeNs: string, inode: string, hash: string];

/** What files held when they were read last, so that those that did not change need not be read again. */
export class SyncIndex {
  readonly #folder: string;
  readonly #rows: Map<string, Row>;
  #changed = false;

  private constructor(folder: string, rows: Map<string, Row>) {
    this.#folder = folder;
    this.#rows = rows;
  }

  /** Reads it; one that is not there, or broken, is empty. */
  static read(folder: string): SyncIndex {
    let rows = new Map<string, Row>();
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
      if (Array.isArray(found)) rows = new Map(found.filter(isEntry));
    } catch {
      // the files are read
    }
    return new SyncIndex(folder, rows);
  }

  /** The content of a file, if it is what it was. */
  hashOf(path: string, facts: StatFacts): string | undefined {
    const row = this.#rows.get(path);
    if (!row) return undefined;
    const [size, mtimeNs, ctimeNs, inode, hash] = row;
    return sameFacts(facts, { size, mtimeNs, ctimeNs, inode }) ? hash : undefined;
  }

  /** Remembers what a file held. One that was changed a moment ago may change within the same tick of the clock. */
  put(path: string, facts: StatFacts, hash: string): void {
    if (!isSettled(facts, Date.now())) {
      this.#changed = this.#rows.delete(path) || this.#changed;
      return;
    }
    this.#rows.set(path, [facts.size, facts.mtimeNs, facts.ctimeNs, facts.inode, hash]);
    this.#changed = true;
  }

  /** Keeps it, for the files that are still there. */
  write(paths: ReadonlySet<string>): void {
    for (const path of this.#rows.keys())
      if (!paths.has(path)) this.#changed = this.#rows.delete(path) || this.#changed;
    if (!this.#changed) return;
    mkdirSync(this.#folder, { recursive: true });
    const temporary = join(this.#folder, `.${newId()}`);
    writeFileSync(temporary, JSON.stringify([...this.#rows]));
    renameSync(temporary, join(this.#folder, "index.json"));
  }
}

function isEntry(value: unknown): value is [string, Row] {
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Array.isArray(value[1])) return false;
  const [size, ...texts] = value[1] as unknown[];
  return typeof size === "number" && texts.length === 4 && texts.every((text) => typeof text === "string");
}
