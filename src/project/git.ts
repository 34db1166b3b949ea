import { execFile } from "node:child_process";
import { promisify } from "node:util";

const exec = promisify(execFile);

/**
 * The commit that a folder is at, and whether anything in it differs from that. Nothing outside of
 * a repository, or without git.
 */
export async function gitState(dir: string): Promise<{ commit: string; dirty: boolean } | undefined> {
  try {
    // One process for both: `--branch` prints the commit in its header.
    const { stdout } = await exec("git", ["status", "--porcelain=v2", "--branch", "--untracked-files=no"], {
      cwd: dir,
      timeout: 5000,
      maxBuffer: 2 ** 24,
    });
    const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1];
    return commit === undefined ? undefined : { commit, dirty: /^[^#]/m.test(stdout) };
  } catch {
    return undefined;
  }
}
