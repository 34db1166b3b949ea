import { readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "./protocol.ts";

/** Measures one job of a process that has had others. */
export class Meter {
  readonly #begun = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #reset = resetPeak();

  /** What was used since it was made. */
  read(): Measured {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      wallMs: performance.now() - this.#begun,
      cpuMs: (user + system) / 1000,
      peakMemory: this.#reset ? peak() : process.resourceUsage().maxRSS * 1024,
    };
  }
}

/** Lets the kernel count the peak of resident memory anew; false where it cannot. */
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
