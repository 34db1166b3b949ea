import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import type { ScriptSpec } from "../../expr/script.ts";
import { isShell } from "../../expr/shell-lexer.ts";
import { commandWords } from "../../worker/script/index.ts";

/** Where versions are kept between runs: one entry for a program's path, time and size. */
export interface VersionCache {
  get(key: string): string | null | undefined;
  set(key: string, version: string | null): void;
}

const MOST_SCRIPTS = 1000;
const FRESH_MS = 2000;

/** Found on PATH, and what identifies it. */
interface Program {
  readonly path: string;
  readonly key: string;
  readonly checkedAt: number;
}

/**
 * Finds out which versions of which tools a script calls: its command words that are programs on
 * PATH outside of the project. Each is asked once, until its file changes, and in the background.
 */
export class ToolVersions {
  readonly #root: string;
  readonly #cache: VersionCache;
  readonly #probe: (path: string) => Promise<string | null | undefined>;
  readonly #words = new Map<string, readonly string[]>();
  readonly #programs = new Map<string, Program | null>();
  readonly #asked = new Map<string, Promise<string | null>>();

  /**
   * @param root - the project's folder: its own scripts are code, and no tools
   * @param probe - asks a program for its version
   */
  constructor(root: string, cache: VersionCache, probe: (path: string) => Promise<string | null | undefined>) {
    this.#root = root;
    this.#cache = cache;
    this.#probe = probe;
  }

  /**
   * The versions of the tools that a script names. Those not known yet are waited for, but no
   * longer than it takes: they are known the next time.
   *
   * @returns nothing when it calls no tools
   */
  of(
    { interpreter, parts }: ScriptSpec,
    patienceMs: number,
  ): Promise<Record<string, string>> | Record<string, string> | null {
    // The text around the values is the same for all jobs of one script.
    const text = isShell(interpreter) ? parts.join(" _ ") : interpreter;
    let words = this.#words.get(text);
    if (!words) {
      if (this.#words.size >= MOST_SCRIPTS) this.#words.clear();
      this.#words.set(text, (words = commandWords(text)));
    }
    if (words.length === 0) return null;
    const known: Record<string, string> = {};
    const open: Promise<void>[] = [];
    for (const word of words) {
      const program = this.#find(word);
      if (!program) continue;
      const version = this.#cache.get(program.key);
      if (typeof version === "string") known[word] = version;
      else if (version === undefined) {
        open.push(this.#ask(program).then((version) => void (version !== null && (known[word] = version))));
      }
    }
    if (open.length === 0) return Object.keys(known).length > 0 ? known : null;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    return Promise.race([Promise.all(open), late]).then(() => {
      clearTimeout(timer);
      return { ...known };
    });
  }

  #ask(program: Program): Promise<string | null> {
    let asked = this.#asked.get(program.key);
    if (!asked) {
      asked = this.#probe(program.path).then((version) => {
        this.#asked.delete(program.key);
        if (version !== undefined) this.#cache.set(program.key, version);
        return version ?? null;
      });
      this.#asked.set(program.key, asked);
    }
    return asked;
  }

  #find(word: string): Program | null {
    const before = this.#programs.get(word);
    const now = performance.now();
    if (before === null || (before && now - before.checkedAt < FRESH_MS)) return before;
    const program = this.#look(word, now);
    this.#programs.set(word, program);
    return program;
  }

  #look(word: string, checkedAt: number): Program | null {
    const places = word.includes("/")
      ? word.startsWith("/")
        ? [word]
        : []
      : (process.env["PATH"] ?? "").split(delimiter).map((dir) => join(dir, word));
    for (const path of places) {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (!stats?.isFile() || (stats.mode & 0o111) === 0) continue;
      if (path.startsWith(this.#root + sep)) return null;
      return { path, key: `${path}:${stats.mtimeMs}:${stats.size}`, checkedAt };
    }
    return null;
  }
}

/** Versions in a JSON file; without it (or with a broken one) they are found anew. */
export function versionFile(path: string): VersionCache {
  let versions: Record<string, string | null> | undefined;
  const read = (): Record<string, string | null> => {
    try {
      return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, string | null>) : {};
    } catch {
      return {};
    }
  };
  return {
    get: (key) => (versions ??= read())[key],
    set(key, version) {
      // Others may have written meanwhile; what is lost in a race is found again.
      versions = { ...read(), ...versions, [key]: version };
      const temporary = `${path}.${process.pid}`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, JSON.stringify(versions));
        renameSync(temporary, path);
      } catch {
        // Only a cache: a full disk has better places to be noticed.
      }
    },
  };
}
