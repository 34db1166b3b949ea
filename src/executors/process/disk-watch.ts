import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

const FIRST_MS = 200;
const SLOWEST_MS = 10_000;
/** A look takes at most this share of the time: one at a directory of 100,000 files takes half a second. */
const MOST_SHARE = 20;
/** The kernel counts in these, whatever the blocks of the file system are. */
const BLOCK = 512;

/** Looks every now and then at how much is in a directory. */
export class DiskWatch {
  readonly #dir: string;
  readonly #limit: number;
  #nextAt = performance.now() + FIRST_MS;
  #interval = FIRST_MS;
  #looking = false;
  /** Bytes seen when there was more than the limit; 0 until then. */
  over = 0;

  /** @param limit - bytes */
  constructor(dir: string, limit: number) {
    this.#dir = dir;
    this.#limit = limit;
  }

  /** Begins a look if one is due. */
  tick(now: number): void {
    if (this.#looking || now < this.#nextAt) return;
    void this.look();
  }

  /** Looks now. */
  async look(): Promise<void> {
    this.#looking = true;
    const begun = performance.now();
    const used = await usedBy(this.#dir);
    if (used > this.#limit) this.over = Math.max(this.over, used);
    const now = performance.now();
    // The nearer to the limit, the sooner again; far from it, less and less often.
    this.#interval = used > this.#limit / 2 ? FIRST_MS : Math.min(this.#interval * 1.5, SLOWEST_MS);
    this.#nextAt = now + Math.max(this.#interval, (now - begun) * MOST_SHARE);
    this.#looking = false;
  }
}

/** Bytes that the files below a directory take on the disk. Links are not followed: what is staged belongs to others. */
async function usedBy(dir: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(dir)) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) bytes += await usedBy(path);
      else if (entry.isFile()) bytes += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * BLOCK;
    }
  } catch {
    // It is going away, or belongs to somebody else.
  }
  return bytes;
}
