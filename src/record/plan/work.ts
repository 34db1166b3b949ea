import type { PlannedTask } from "./types.ts";

/** What work takes, one thing after another, by the past: milliseconds; null where nobody knows. */
export interface Work {
  /** Of what would run. */
  readonly run: number | null;
  /** Of what may run besides. */
  readonly may: number | null;
}

/** How long the calls of these tasks take that are not cached. */
export function workOf(tasks: readonly PlannedTask[]): Work {
  const sum = (parts: readonly (number | null)[]): number | null => {
    const known = parts.filter((part) => part !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b);
  };
  const times = (mean: number | null, count: number): number | null =>
    count === 0 || mean === null ? null : mean * count;
  return {
    run: sum(tasks.map(({ meanMs, run }) => times(meanMs, run))),
    may: sum(tasks.flatMap(({ meanMs, may, lastTimeMs }) => [times(meanMs, may), lastTimeMs])),
  };
}
