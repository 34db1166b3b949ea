import { readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "./protocol.ts";

/** Milliseconds: the kernel counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10;

/** Measures one job of a process that has had others. */
export class Meter {
  readonly #begun = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #children = childrenCpuMs();
  readonly #reset = resetPeak();
  readonly #highest = highest();

  /** What was used since it was made. */
  read(): Pick<Measured, "wallMs" | "cpuMs" | "peakMemory"> {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      wallMs: performance.now() - this.#begun,
      cpuMs: (user + system) / 1000 + childrenCpuMs() - this.#children,
      peakMemory: this.#reset ? peak() : this.#grown(),
    };
  }

  /** Where the peak cannot be counted anew: that of the whole process, if this job raised it; else nobody knows. */
  #grown(): number | null {
    const now = highest();
    return now > this.#highest ? now : null;
  }
}

/** Lets the kernel count the peak of resident memory anew; false where it cannot (macOS, a kernel without it). */
function resetPeak(): boolean {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}

function peak(): number | null {
  const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Bytes: the most it ever had. */
function highest(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** CPU time of the child processes that ended and were waited for: what a body runs with `execFile`, say. */
function childrenCpuMs(): number {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    // After the name in parentheses, which may hold any character: `cutime` and `cstime` are fields 16 and 17 of all.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  } catch {
    return 0;
  }
}
