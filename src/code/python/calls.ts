import type { PyUnit } from "./module.ts";
import type { PythonSources } from "./source-tree.ts";
import { isTask, taskName } from "./task-functions.ts";

/** A task that Python code calls. */
export interface PythonCall {
  readonly task: string;
  /** For each item of a list. */
  readonly each: boolean;
}

/** Members of a task that call it as one: what it does then is another job's business. */
const ONCE = new Set(["remote", "spawn", "with_options"]);
const EACH = new Set(["map", "starmap"]);

/** Does a member of a task call it as one? */
export function isTaskCall(member: string | undefined): boolean {
  return member !== undefined && (ONCE.has(member) || EACH.has(member));
}

/** The tasks that a function calls, itself or through the helpers it reaches, in the order of the source. */
export function callsOf(sources: PythonSources, unit: PyUnit): readonly PythonCall[] {
  const calls = new Map<string, PythonCall>();
  const seen = new Set([unit]);
  for (const one of seen) {
    for (const { chain, refs } of sources.factsOf(one).uses.values()) {
      for (const origin of sources.originsOf(one.module, chain, refs)) {
        if (origin.kind !== "unit") continue;
        const [member] = origin.rest;
        if (isTaskCall(member) && isTask(sources, origin.unit)) {
          const task = taskName(sources, origin.unit);
          const each = EACH.has(member!);
          calls.set(`${task} ${each}`, { task, each });
        } else if (origin.unit.kind !== "statement") seen.add(origin.unit);
      }
    }
  }
  return [...calls.values()];
}
