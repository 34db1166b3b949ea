/**
 * A thread of the launcher that removes work directories. Not in its main thread: while the file
 * system writes its journal (others wait for their data to be safe) a single `rmdir` can take a
 * millisecond, in which no job could start or end.
 *
 * @module
 */
import { rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";

/** What most work directories hold, and nothing else: seven calls at 20 µs, where `rmSync` takes 300. */
const KNOWN_FILES = [".command.sh", ".command.out", ".command.err", ".command.enclosure"];

function remove(dir: string): string | null {
  for (const name of KNOWN_FILES) {
    try {
      unlinkSync(join(dir, name));
    } catch {
      // It was taken over, or was never there.
    }
  }
  try {
    rmdirSync(join(dir, ".command.tmp"));
  } catch {
    // It was no job in an environment, or left something there.
  }
  try {
    rmdirSync(dir);
    return null;
  } catch {
    try {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
      return null;
    } catch (error) {
      return `${dir} could not be removed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

parentPort?.on("message", (dir: string) => parentPort?.postMessage(remove(dir)));
