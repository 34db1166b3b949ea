import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../build/index.ts";

/** So long a machine is taken to be as it was. */
const LASTS_MS = 60 * 60_000;

/**
 * Remembers for an hour that sandboxes can be made here: to find it out takes 100 to 200 ms, most of it to ask programs for
 * their versions, and no run but the first should wait for that. It counts for this user, this start of the machine, and
 * bubblewrap as it is.
 */
export class Remembered {
  readonly #path: string;

  /** @param imagesDir - where built environments are kept */
  constructor(imagesDir: string) {
    this.#path = join(imagesDir, "sandbox-works.json");
  }

  /** Did they work a while ago? */
  get works(): boolean {
    try {
      if (Date.now() - statSync(this.#path).mtimeMs > LASTS_MS) return false;
      return readFileSync(this.#path, "utf8") === circumstances();
    } catch {
      return false;
    }
  }

  /** They work. */
  put(): void {
    const text = circumstances();
    if (text === undefined) return;
    try {
      mkdirSync(join(this.#path, ".."), { recursive: true });
      const part = `${this.#path}.${process.pid}`;
      writeFileSync(part, text);
      renameSync(part, this.#path);
    } catch {
      // It is only found out again.
    }
  }
}

function circumstances(): string | undefined {
  const bwrap = findProgram("bwrap");
  if (bwrap === undefined) return undefined;
  const { mtimeMs, ino, mode, uid } = statSync(bwrap);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return JSON.stringify({ boot, user: process.getuid?.(), bwrap, mtimeMs, ino, mode, owner: uid });
}
