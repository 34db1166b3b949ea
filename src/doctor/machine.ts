import { execFile } from "node:child_process";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem, userInfo } from "node:os";
import { dirname } from "node:path";
import { findProgram } from "../images/build/index.ts";
import type { Answer, Machine } from "./types.ts";

/** A program that does not answer is as good as none. */
const PATIENCE_MS = 10_000;

/** This machine, and who asks. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    user: nameOfUser(),
    nodeVersion: process.versions.node,
    cpus: availableParallelism(),
    memory: { total: totalmem(), free: freeMemory() },
    read,
    exists: existsSync,
    disk(path) {
      try {
        const { bavail, blocks, bsize } = statfsSync(nearestFolder(path));
        return { total: blocks * bsize, free: bavail * bsize };
      } catch {
        return undefined;
      }
    },
    program: findProgram,
    run,
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What programs can have: the kernel gives up what it caches of files. */
function freeMemory(): number {
  const kibibytes = /^MemAvailable:\s+(\d+)/m.exec(read("/proc/meminfo") ?? "")?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

/** Some containers run as a number that no user has. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

/** Folders that are made when they are needed may not be there yet. */
function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

function run(program: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : child.exitCode, output: stdout + stderr });
    });
  });
}
