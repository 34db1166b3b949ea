import type { PlannedTask } from "./types.ts";

/** How long all calls of a plan take that would run, and that might, one after another: milliseconds; null where nobody knows. */
export function workOf(tasks: readonly PlannedTask[], fate: "run" | "may"): number | null {
  const known = tasks.filter((task) => task.meanMs !== null && task[fate] > 0);
  if (known.length === 0) return null;
  return known.reduce((sum, task) => sum + task.meanMs! * task[fate], 0);
}
