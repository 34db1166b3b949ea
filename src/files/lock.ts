import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";

/** How often a process looks whether the lock that it waits for is free, in milliseconds. */
const LOOK = 100;

/** A lock that is held. */
export interface Held {
  release(): void;
}

/**
 * Takes a lock among the processes of this machine, waiting as long as another has it. It is the kernel's: it ends with the
 * process that holds it, however that ends, so that no lock is ever left behind. SQLite is what gives Node such locks; the
 * database stays empty.
 *
 * @param path - a file that stands for what is locked; its folder exists
 */
export async function lock(path: string, signal?: AbortSignal, onWait?: () => void): Promise<Held> {
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    const held = tryLock(path);
    if (held !== undefined) return held;
    if (tries === 0) onWait?.();
    await wait(tries < 10 ? LOOK / 10 : LOOK, undefined, signal && { signal });
  }
}

/** The lock, unless another holds it now. */
export function tryLock(path: string): Held | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    // SQLITE_BUSY, SQLITE_LOCKED
    const code = (error as { errcode?: number }).errcode;
    if (code === 5 || code === 6) return undefined;
    throw error;
  }
  return {
    release() {
      database.exec("ROLLBACK");
      database.close();
    },
  };
}
