import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A fresh directory, removed after the test. */
export function tempDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-files-")));
  made.push(dir);
  return dir;
}

/** Waits until what was written just now counts as settled (see `isSettled`). */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2100));
}
