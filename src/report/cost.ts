import type { Price } from "../config/index.ts";
import type { RunRows } from "./read/rows.ts";

/** What the attempts of an executor took, in hours of what they asked for. */
export interface ExecutorCost {
  readonly executor: string;
  readonly attempts: number;
  readonly hours: number;
  readonly cpuHours: number;
  readonly memoryGiBHours: number;
  readonly gpuHours: number;
  /** `null` where the executor has no price. */
  readonly amount: number | null;
}

/** What executors take. */
export interface Prices {
  /** By the name of the executor. */
  readonly prices: Readonly<Record<string, Price>>;
  /** What they are in: `"USD"`; empty where that is not said. */
  readonly currency: string;
}

/** What a run cost. */
export interface Cost {
  /** What the prices are in, such as `USD`; `null` where the configuration does not say. */
  readonly currency: string | null;
  /** `null` where no executor has a price. */
  readonly total: number | null;
  readonly executors: readonly ExecutorCost[];
}

const HOUR = 3_600_000;
const GIB = 2 ** 30;

/**
 * What the attempts of a run cost, those that failed too: for as long as each took, what it asked for counts, whether it
 * was used or not.
 */
export function readCost({ attempts, end }: RunRows, { prices, currency }: Prices): Cost {
  const executors = [...Map.groupBy(attempts, (attempt) => attempt.executor)].map(([executor, all]): ExecutorCost => {
    let hours = 0;
    let cpuHours = 0;
    let memoryGiBHours = 0;
    let gpuHours = 0;
    for (const { startedAt, endedAt, wallMs, cpu, memory, gpu, outcome } of all) {
      const until = outcome === "lost" || endedAt === null ? end : endedAt;
      const took = (wallMs ?? Math.max(0, until - startedAt)) / HOUR;
      hours += took;
      cpuHours += took * (cpu ?? 0);
      memoryGiBHours += (took * (memory ?? 0)) / GIB;
      gpuHours += took * (gpu ?? 0);
    }
    const price = Object.hasOwn(prices, executor) ? prices[executor] : undefined;
    const amount = price
      ? cpuHours * (price.cpuHour ?? 0) + memoryGiBHours * (price.memoryGiBHour ?? 0) + gpuHours * (price.gpuHour ?? 0)
      : null;
    return { executor, attempts: all.length, hours, cpuHours, memoryGiBHours, gpuHours, amount };
  });
  const priced = executors.flatMap(({ amount }) => amount ?? []);
  return {
    currency: currency || null,
    total: priced.length === 0 ? null : priced.reduce((sum, each) => sum + each, 0),
    executors,
  };
}
