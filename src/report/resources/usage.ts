import type { AttemptRow } from "../../store/types.ts";
import type { RunRows } from "../read/rows.ts";

/** What the jobs of a task asked for and what they used. Sizes are bytes; `null` stands for what nothing measured. */
export interface TaskUsage {
  readonly task: string;
  readonly jobs: number;
  readonly attempts: number;
  /** How the attempts ended: `{ done: 20, memory: 3 }`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The most that one asked for. */
  readonly cpuAsked: number | null;
  /** Processors that were busy on average. */
  readonly cpuUsed: number | null;
  /** Which part of the processor time that was set aside was used. */
  readonly cpuEfficiency: number | null;
  /** The most that one asked for; `null` where none did. */
  readonly memoryAsked: number | null;
  /** The most that one used. */
  readonly memoryPeak: number | null;
  /** The largest part of what it asked for that one used. */
  readonly memoryShare: number | null;
  readonly wallMs: { readonly total: number; readonly median: number; readonly most: number } | null;
  readonly cpuMs: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
}

/** The attempts of a run by task: scripts go with the task whose body built them. */
export function attemptsByTask({ attempts, book }: RunRows): Map<string, AttemptRow[]> {
  return Map.groupBy(attempts, (attempt) => {
    const job = book.get(attempt.job);
    return job ? book.ownerOf(job).task : "(not recorded)";
  });
}

/** Sums up the attempts of one task. */
export function usageOf(task: string, attempts: readonly AttemptRow[]): TaskUsage {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of attempts) {
    const word = outcome ?? "running";
    outcomes[word] = (outcomes[word] ?? 0) + 1;
  }
  const walls = numbers(attempts.map((each) => each.wallMs)).toSorted((a, b) => a - b);
  // Processor time is compared with wall time where both were measured.
  const timed = attempts.filter((each) => each.wallMs !== null && each.cpuMs !== null);
  const wall = sum(timed.map((each) => each.wallMs));
  const setAside = sum(timed.map((each) => (each.cpu ?? 0) * each.wallMs!));
  const cpuMs = sum(attempts.map((each) => each.cpuMs));
  const used = sum(timed.map((each) => each.cpuMs));
  return {
    task,
    jobs: new Set(attempts.map((each) => each.job)).size,
    attempts: attempts.length,
    outcomes,
    cpuAsked: most(attempts.map((each) => each.cpu || null)),
    cpuUsed: wall && used !== null ? used / wall : null,
    cpuEfficiency: setAside && used !== null ? used / setAside : null,
    // Zero is how nothing asked for is recorded.
    memoryAsked: most(attempts.map((each) => each.memory || null)),
    memoryPeak: most(attempts.map((each) => each.peakMemory)),
    memoryShare: most(
      attempts.map((each) => (each.memory && each.peakMemory !== null ? each.peakMemory / each.memory : null)),
    ),
    wallMs: walls.length === 0 ? null : { total: sum(walls)!, median: walls[walls.length >> 1]!, most: walls.at(-1)! },
    cpuMs,
    bytesIn: sum(attempts.map((each) => each.bytesIn)),
    bytesOut: sum(attempts.map((each) => each.bytesOut)),
  };
}

const numbers = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** The sum of what is known; nothing where nothing is. */
function sum(values: readonly (number | null)[]): number | null {
  const known = numbers(values);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/** The largest of what is known. Not by `Math.max(…)`, which takes no 100,000 arguments. */
function most(values: readonly (number | null)[]): number | null {
  return numbers(values).reduce<number | null>((max, value) => (max === null || value > max ? value : max), null);
}
