import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Stands beside a root file system that has reached the disk. */
const MARK = "durable";

/** A name of the time since this machine was started. Empty where the system has none. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * Sees to it that a power cut does not leave files without their content in what is found afterwards: until all of it is on
 * the disk it is believed only as long as the machine has not been started anew. Nobody waits for it: the disk may be
 * busy with what others write, for a minute.
 *
 * @param folder - holds a root file system and its record
 */
export function makeDurable(folder: string): void {
  const child = spawn("/bin/sh", ["-c", 'sync -f "$1" && : > "$1/$2"', "sh", folder, MARK], {
    detached: true,
    stdio: "ignore",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
  });
  child.on("error", () => {});
  child.unref();
}

/** Has it reached the disk, or was it written since the machine was started? */
export function isDurable(folder: string, boot: string): boolean {
  return boot === bootId() || existsSync(join(folder, MARK));
}
