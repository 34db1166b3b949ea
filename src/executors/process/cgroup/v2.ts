import { closeSync, existsSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { field, number, processesIn, put } from "./files.ts";
import { removed, removeGroup } from "./remove.ts";
import { type MemoryReading, PeakMemory } from "./peak.ts";
import {
  type Folders,
  type Group,
  type GroupLimits,
  type GroupPlace,
  type GroupUsage,
  type LimitName,
  LIMITS,
} from "./types.ts";

/** What each limit needs. */
export const V2_LIMITS: Readonly<Record<LimitName, string>> = { memory: "memory", cpu: "cpu", processes: "pids" };

const PERIOD_US = 100_000;

/** Groups of version 2: below one folder of this launcher's own. */
export class V2Place implements GroupPlace {
  readonly version = 2;
  readonly enforced: readonly LimitName[];
  readonly #dir: string;
  readonly #folders: Folders;
  #made = 0;

  /** @param dir - a folder that was made for this launcher, told to hand on what it was handed */
  constructor(dir: string, folders: Folders) {
    this.#dir = dir;
    this.#folders = folders;
    // Told is not done: what is below it shows what it got.
    const probe = join(dir, "probe");
    folders.make(probe);
    this.enforced = LIMITS.filter((limit) => existsSync(join(probe, `${V2_LIMITS[limit]}.max`)));
    removed(probe, folders);
  }

  make(): Group {
    const dir = join(this.#dir, String(++this.#made));
    this.#folders.make(dir);
    return new V2Group(dir, this.enforced.includes("memory"), this.#folders);
  }

  remove(): void {
    removeGroup(this.#dir, this.#folders);
  }
}

class V2Group implements Group {
  readonly doors: readonly string[];
  readonly #dir: string;
  readonly #countsMemory: boolean;
  readonly #folders: Folders;
  /** Kernels from 6.12 on forget the peak for whoever writes to the open file. */
  #peakFile: number | null = null;
  readonly #memory = new PeakMemory();
  #before = { cpuUs: 0, kills: 0, refused: 0 };

  constructor(dir: string, countsMemory: boolean, folders: Folders) {
    this.#dir = dir;
    this.#folders = folders;
    this.#countsMemory = countsMemory;
    this.doors = [join(dir, "cgroup.procs")];
  }

  #file(name: string): string {
    return join(this.#dir, name);
  }

  begin({ cpu, memory, processes }: GroupLimits): void {
    put(this.#file("memory.swap.max"), memory > 0 ? "0" : "max");
    put(this.#file("memory.max"), memory > 0 ? String(Math.ceil(memory)) : "max");
    put(this.#file("cpu.max"), `${cpu > 0 ? Math.max(1000, Math.round(cpu * PERIOD_US)) : "max"} ${PERIOD_US}`);
    put(this.#file("pids.max"), processes > 0 ? String(processes) : "max");
    this.#openPeak();
    this.#before = this.#counts();
    this.#memory.begin(this.#reading(this.#before.kills));
  }

  #openPeak(): void {
    if (this.#peakFile !== null) return;
    try {
      const file = openSync(this.#file("memory.peak"), "r+");
      if (forget(file)) this.#peakFile = file;
      else closeSync(file);
    } catch {
      // Kernels before 5.19 do not keep it.
    }
  }

  usage(): GroupUsage {
    const { cpuUs, kills, refused } = this.#counts();
    this.#memory.add(this.#reading(kills), this.#peakFile !== null);
    return {
      cpuMs: Math.max(0, Math.round((cpuUs - this.#before.cpuUs) / 1000)),
      peakMemory: this.#countsMemory ? this.#memory.peak : null,
      memoryKills: kills - this.#before.kills,
      refusedForks: refused - this.#before.refused,
      processes: number(this.#file("pids.current")),
    };
  }

  #counts(): { cpuUs: number; kills: number; refused: number } {
    return {
      cpuUs: field(this.#file("cpu.stat"), "usage_usec"),
      kills: field(this.#file("memory.events"), "oom_kill"),
      refused: field(this.#file("pids.events"), "max"),
    };
  }

  #reading(kills: number): MemoryReading {
    const file = this.#peakFile;
    const most = file === null ? number(this.#file("memory.peak")) : readNumber(file);
    if (file !== null) forget(file);
    const stat = this.#file("memory.stat");
    const shared = field(stat, "shmem");
    return { most, cached: Math.max(0, field(stat, "file") - shared), used: field(stat, "anon") + shared, kills };
  }

  members(): number[] {
    return processesIn(this.#dir);
  }

  close(): void {
    put(this.#file("pids.max"), "0");
  }

  remove(): boolean {
    if (this.#peakFile !== null) closeSync(this.#peakFile);
    this.#peakFile = null;
    return removed(this.#dir, this.#folders);
  }
}

/** Has the mark begin anew for whoever reads it through this file. */
function forget(file: number): boolean {
  try {
    writeSync(file, "0", 0);
    return true;
  } catch {
    return false;
  }
}

function readNumber(file: number): number {
  const bytes = Buffer.alloc(32);
  return Number(bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0))) || 0;
}
