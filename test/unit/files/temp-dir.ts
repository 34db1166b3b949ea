import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";

const made: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A fresh directory, removed after the test. */
export function tempDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-files-")));
  made.push(dir);
  return dir;
}

/** Lets what was written just now count as settled (see `isSettled`): the clock of Ligase alone goes on by three seconds. */
export async function settle(): Promise<void> {
  // The file system's clock must have ticked before the next change.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 3000);
}

/** A text that holds another, for `toMatchObject`. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
