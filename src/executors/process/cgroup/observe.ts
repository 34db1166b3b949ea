import { join } from "node:path";
import { field, number, text } from "./files.ts";
import { findHierarchies } from "./find.ts";

/** A group that somebody else has made, as far as it can be looked at. */
export interface Observed {
  cpuMs(): number | null;
  /** Bytes: the most at one time, files' caches included; null where that is not known. */
  peakMemory(): number | null;
  /** How many processes the kernel has killed in it for want of memory. */
  memoryKills(): number;
}

/** The groups that a process is in; null where there are none to look at. */
export function findGroupOf(pid: number, proc = "/proc"): Observed | null {
  const { v1, v2 } = findHierarchies(proc, String(pid));
  const memory = v1.get("memory");
  const cpu = v1.get("cpuacct");
  if (memory !== undefined) {
    return {
      cpuMs: () => (cpu === undefined ? null : positive(Math.round(number(join(cpu, "cpuacct.usage")) / 1e6))),
      peakMemory: () => positive(number(join(memory, "memory.max_usage_in_bytes"))),
      memoryKills: () => field(join(memory, "memory.oom_control"), "oom_kill"),
    };
  }
  if (!v2 || text(join(v2.own, "memory.current")) === "") return null;
  const { own } = v2;
  return {
    cpuMs: () => positive(Math.round(field(join(own, "cpu.stat"), "usage_usec") / 1000)),
    peakMemory: () => positive(number(join(own, "memory.peak")) || number(join(own, "memory.current"))),
    memoryKills: () => field(join(own, "memory.events"), "oom_kill"),
  };
}

/** A group that is gone reads as nothing. */
function positive(value: number): number | null {
  return value > 0 ? value : null;
}
