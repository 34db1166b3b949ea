import { readdirSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Resources } from "../types.ts";

/** The share of the machine's memory that jobs may have: the rest is for the system and for us. */
const MEMORY_SHARE = 0.9;

/** What people have said about this machine. */
export interface CapacitySettings {
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly gpus?: number | undefined;
}

/** The GPUs that this process may use: those it was given by `CUDA_VISIBLE_DEVICES`, else those of the machine. */
function gpusFound(): number {
  const visible = process.env["CUDA_VISIBLE_DEVICES"];
  if (visible !== undefined) return visible.split(",").filter((gpu) => /\S/.test(gpu) && !gpu.startsWith("-")).length;
  try {
    return readdirSync("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}

/** Bytes that may still be written beside a folder. */
function diskFree(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}

/**
 * What this machine has, as far as jobs may use it.
 *
 * @param dir - the folder whose disk the jobs will fill
 */
export function localCapacity({ cpus, memory, gpus }: CapacitySettings, dir: string): Resources {
  return {
    cpu: cpus ?? availableParallelism(),
    memory: memory ?? Math.floor(totalmem() * MEMORY_SHARE),
    gpu: gpus ?? gpusFound(),
    disk: diskFree(dir),
  };
}
