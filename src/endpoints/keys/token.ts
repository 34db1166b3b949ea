import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { newId } from "../../kernel/index.ts";
import { TOKEN_FILE } from "../../remote/client.ts";

/**
 * A secret that nobody guesses: 260 random bits. What it is good for stands before it, so that people and scanners of
 * leaked secrets know it by sight.
 */
export function newSecret(prefix: "lgs" | "lgt"): string {
  return `${prefix}_${newId()}${newId()}${newId()}${newId()}`;
}

/**
 * Makes the token of a server's user, in a file for this user alone. Each server makes its own at its start: one that was
 * copied somewhere is void when the server ends.
 *
 * @throws LigaseError `LIGASE_E_PERMISSION`, `LIGASE_E_READ_ONLY`, `LIGASE_E_DISK_FULL`
 */
export function writeToken(storeDir: string): string {
  const token = newSecret("lgt");
  const path = join(storeDir, TOKEN_FILE);
  const temporary = `${path}.${newId()}.tmp`;
  try {
    writeFileSync(temporary, `${token}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
    return token;
  } catch (error) {
    throw fsError(error, path, "write");
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Takes the file away, unless another server has written it since. */
export function removeToken(storeDir: string, token: string): void {
  const path = join(storeDir, TOKEN_FILE);
  try {
    if (readFileSync(path, "utf8").trim() === token) rmSync(path, { force: true });
  } catch {
    // It is gone already.
  }
}
