import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type as system } from "node:os";

/** The machine and the code that figures belong to, without its name. */
export interface Conditions {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** The commit measured, with `+` when the tree was not clean. */
  readonly commit: string;
  /** The day, as YYYY-MM-DD. */
  readonly day: string;
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** Where and on what the figures of this run are taken. */
export function conditions(): Conditions {
  const dirty = git("status", "--porcelain", "--", "src", "bench", "package-lock.json") !== "";
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    kernel: `${system()} ${release().replace(/^(\d+\.\d+).*$/, "$1")}`,
    node: process.version,
    commit: `${git("rev-parse", "--short", "HEAD")}${dirty ? "+" : ""}`,
    day: new Date().toISOString().slice(0, 10),
  };
}
