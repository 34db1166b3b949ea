import { availableParallelism } from "node:os";
import { join } from "node:path";
import { field, number, processesIn, put, text } from "./files.ts";
import { type MemoryReading, PeakMemory } from "./peak.ts";
import type { Folders, Group, GroupLimits, GroupPlace, GroupUsage, LimitName } from "./types.ts";
import { removed, removeGroup } from "./remove.ts";

/** Those that are of use here. */
export const V1_CONTROLLERS = ["memory", "cpu", "cpuacct", "pids"] as const;
type Controller = (typeof V1_CONTROLLERS)[number];

/** The kernel's period for shares of a processor, in microseconds. */
const PERIOD_US = 100_000;

/** For each processor that the jobs of a launcher share: that of four processes at work. */
const WEIGHT = 4 * 1024;

/** What each limit needs. */
export const V1_LIMITS: Readonly<Record<LimitName, Controller>> = { memory: "memory", cpu: "cpu", processes: "pids" };

/** Groups of version 1: one folder in each controller's hierarchy. */
export class V1Place implements GroupPlace {
  readonly version = 1;
  readonly enforced: readonly LimitName[];
  readonly #dirs: ReadonlyMap<Controller, string>;
  readonly #folders: Folders;
  #made = 0;

  /** @param dirs - folders that were made for this launcher, by controller; several may share one (`cpu,cpuacct`) */
  constructor(dirs: ReadonlyMap<Controller, string>, folders: Folders) {
    this.#dirs = dirs;
    this.#folders = folders;
    // Processes that are in no group compete one by one, and a group as a whole: with the weight of one it would starve.
    put(join(dirs.get("cpu") ?? "/nonexistent", "cpu.shares"), WEIGHT * availableParallelism());
    this.enforced = (["memory", "cpu", "processes"] as const).filter((limit) => dirs.has(V1_LIMITS[limit]));
  }

  make(): Group {
    const name = String(++this.#made);
    for (const dir of new Set(this.#dirs.values())) this.#folders.make(join(dir, name));
    return new V1Group(new Map([...this.#dirs].map(([of, dir]) => [of, join(dir, name)])), this.#folders);
  }

  remove(): void {
    for (const dir of new Set(this.#dirs.values())) removeGroup(dir, this.#folders);
  }
}

class V1Group implements Group {
  readonly doors: readonly string[];
  readonly #dirs: ReadonlyMap<Controller, string>;
  readonly #folders: Folders;
  readonly #memory = new PeakMemory();
  #before: { readonly cpuNs: number; readonly kills: number; readonly refused: number } = {
    cpuNs: 0,
    kills: 0,
    refused: 0,
  };

  constructor(dirs: ReadonlyMap<Controller, string>, folders: Folders) {
    this.#dirs = dirs;
    this.#folders = folders;
    this.doors = [...new Set(dirs.values())].map((dir) => join(dir, "cgroup.procs"));
  }

  #in(controller: Controller, file: string): string {
    // A file that is not there reads as nothing, and cannot be written.
    return join(this.#dirs.get(controller) ?? "/nonexistent", file);
  }

  begin({ cpu, memory, processes }: GroupLimits): void {
    const limit = memory > 0 ? String(Math.ceil(memory)) : "-1";
    // The one with swap must never be the smaller of the two, whichever way they go.
    put(this.#in("memory", "memory.memsw.limit_in_bytes"), "-1");
    put(this.#in("memory", "memory.limit_in_bytes"), limit);
    put(this.#in("memory", "memory.memsw.limit_in_bytes"), limit);
    put(this.#in("cpu", "cpu.cfs_quota_us"), cpu > 0 ? String(Math.max(1000, Math.round(cpu * PERIOD_US))) : "-1");
    put(this.#in("pids", "pids.max"), processes > 0 ? String(processes) : "max");
    this.#before = this.#counts();
    this.#memory.begin(this.#reading(this.#before.kills));
  }

  usage(): GroupUsage {
    const { cpuNs, kills, refused } = this.#counts();
    this.#memory.add(this.#reading(kills), true);
    return {
      cpuMs: this.#dirs.has("cpuacct") ? Math.max(0, Math.round((cpuNs - this.#before.cpuNs) / 1e6)) : null,
      peakMemory: this.#dirs.has("memory") ? this.#memory.peak : null,
      memoryKills: kills - this.#before.kills,
      refusedForks: refused - this.#before.refused,
      processes: number(this.#in("pids", "pids.current")),
    };
  }

  #counts(): { cpuNs: number; kills: number; refused: number } {
    return {
      cpuNs: number(this.#in("cpuacct", "cpuacct.usage")),
      kills: field(this.#in("memory", "memory.oom_control"), "oom_kill"),
      refused: field(this.#in("pids", "pids.events"), "max"),
    };
  }

  /** The mark begins anew with it. */
  #reading(kills: number): MemoryReading {
    const mark = this.#in("memory", "memory.max_usage_in_bytes");
    const most = number(mark);
    put(mark, "0");
    const stat = text(this.#in("memory", "memory.stat"));
    const bytes = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(stat)?.[1] ?? 0);
    const shared = bytes("shmem");
    return { most, cached: Math.max(0, bytes("cache") - shared), used: bytes("rss") + shared, kills };
  }

  members(): number[] {
    const [dir = ""] = this.#dirs.values();
    return processesIn(dir);
  }

  close(): void {
    put(this.#in("pids", "pids.max"), "0");
  }

  remove(): boolean {
    return [...new Set(this.#dirs.values())].map((dir) => removed(dir, this.#folders)).every(Boolean);
  }
}
