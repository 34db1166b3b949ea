import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";

/** The text of one of the kernel's files; empty where it is not there. */
export function text(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}

/** A number that stands alone in a file; 0 where it is not there, or says `max`. */
export function number(path: string): number {
  const value = Number(text(path));
  return Number.isFinite(value) ? value : 0;
}

/** The number behind a name, in a file with one a line: `oom_kill 3`. */
export function field(path: string, name: string): number {
  const line = text(path)
    .split("\n")
    .find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Writes where it may; tells whether it could. */
export function put(path: string, value: string | number): boolean {
  let file: number;
  try {
    // Never makes one: what is not there, the kernel does not know.
    file = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  } catch {
    return false;
  }
  try {
    writeSync(file, String(value));
    return true;
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

/** The ids of the processes in a group. */
export function processesIn(dir: string): number[] {
  const listed = text(`${dir}/cgroup.procs`);
  return listed === "" ? [] : listed.split("\n").map(Number);
}
