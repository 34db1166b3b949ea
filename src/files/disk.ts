import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LigaseError } from "../kernel/index.ts";
import { fsError, systemCode } from "./fs-error.ts";

interface Space {
  readonly free: number;
  readonly total: number;
}

async function space(dir: string): Promise<Space> {
  for (let at = dir; ; at = dirname(at)) {
    try {
      const { bavail, blocks, bsize } = await statfs(at);
      return { free: bavail * bsize, total: blocks * bsize };
    } catch (error) {
      // A folder that will be made lies on the disk of the nearest one that exists.
      if (systemCode(error) !== "ENOENT" || at === dirname(at)) throw fsError(error, dir, "measure the disk of");
    }
  }
}

/** The bytes that this user may still write to the file system of a directory (which need not exist yet). */
export async function freeBytes(dir: string): Promise<number> {
  return (await space(dir)).free;
}

/** A disk with too little space left. */
export interface LowDisk {
  /** Bytes free, and how many there should be. */
  readonly free: number;
  readonly floor: number;
  /** The directory that was asked about. */
  readonly dir: string;
}

/** What a {@link DiskGuard} may be told. */
export interface DiskGuardOptions {
  /** Bytes that must stay free. Default: 1 GiB, or 5 % of the disk where that is less. */
  readonly floor?: number;
  /** Hears, once an episode, that jobs are held back. */
  readonly onLow?: (low: LowDisk) => void;
  /** Milliseconds between looks while the disk is low. Default 2,000. */
  readonly interval?: number;
  /** How free space is measured, for tests. */
  readonly measure?: (dir: string) => Promise<Space>;
}

const GIB = 2 ** 30;
/** An answer serves this long: thousands of jobs that start at once ask once. */
const FRESH_MS = 500;

/**
 * Holds jobs back while the disk is nearly full, so that what runs can finish and nothing is lost.
 *
 * @example
 * ```ts
 * const guard = new DiskGuard(".ligase/work", { onLow: ({ free }) => log.warn(`only ${formatBytes(free)} left`) });
 * await guard.whenFree(); // before each job
 * ```
 */
export class DiskGuard {
  readonly #dir: string;
  readonly #options: DiskGuardOptions;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #waiters = 0;

  constructor(dir: string, options: DiskGuardOptions = {}) {
    this.#dir = dir;
    this.#options = options;
  }

  /** The disk as it is, when that is too full; nothing when there is room. */
  async check(): Promise<LowDisk | undefined> {
    const { free, total } = await (this.#options.measure ?? space)(this.#dir);
    const floor = this.#options.floor ?? Math.min(GIB, total * 0.05);
    if (free < floor) return { free, floor, dir: this.#dir };
    this.#checkedAt = performance.now();
    return undefined;
  }

  /**
   * Resolves when there is room: at once, or when somebody made some.
   *
   * @param signal - stops the wait
   * @throws LigaseError `LIGASE_E_DISK_LOW` when the wait was stopped
   */
  async whenFree(signal?: AbortSignal): Promise<void> {
    if (performance.now() - this.#checkedAt < FRESH_MS) return;
    if (signal?.aborted) throw stopped(this.#dir);
    this.#waiters++;
    // All who wait share one look.
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(stopped(this.#dir));
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await Promise.race([this.#looking, promise]);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#waiters--;
    }
  }

  /** Looks until there is room, or nobody waits any more. */
  async #look(): Promise<void> {
    for (let told = false; this.#waiters > 0; told = true) {
      const low = await this.check();
      if (!low) return;
      if (!told) this.#options.onLow?.(low);
      await setTimeout(this.#options.interval ?? 2000);
    }
  }
}

function stopped(dir: string): LigaseError {
  return new LigaseError("LIGASE_E_DISK_LOW", `the disk of ${dir} is nearly full, and waiting for room was stopped`, {
    facts: { dir },
    mend: "free some space, and run again: what finished is kept",
  });
}
