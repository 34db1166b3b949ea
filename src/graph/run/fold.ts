import { isLift, SCRIPT } from "../../project/owner.ts";
import type { CallCount, JobState, TaskFlow } from "../../store/types.ts";
import type { StateCounts } from "../model.ts";
import type { Call } from "../nest.ts";

/** Who called whom how often. */
export interface CountedCall extends Call {
  readonly jobs: number;
}

/** What a run did, as people think of it. */
export interface Folded {
  /** The tasks in the order in which they were first called. */
  readonly tasks: ReadonlyMap<string, StateCounts>;
  readonly calls: readonly CountedCall[];
  readonly flows: readonly TaskFlow[];
}

/**
 * Folds scripts into the tasks whose bodies built them, and lifts into what flows through them. A task whose script
 * went another way than its body went that way: a body that was cached while its script ran again did run.
 */
export function fold(counts: readonly CallCount[], flows: readonly TaskFlow[]): Folded {
  const isScript = ({ parent, task }: CallCount): boolean => task === SCRIPT && parent !== null;
  const tasks = new Map<string, Map<JobState, number>>();
  const calls = new Map<string, { parent: string | null; task: string; jobs: number }>();
  for (const count of counts) {
    const { parent, task, state, jobs } = count;
    if (isLift(count) || isScript(count)) continue;
    const states = tasks.get(task) ?? new Map<JobState, number>();
    tasks.set(task, states.set(state, (states.get(state) ?? 0) + jobs));
    const key = JSON.stringify([parent, task]);
    const call = calls.get(key);
    if (call) call.jobs += jobs;
    else calls.set(key, { parent, task, jobs });
  }
  for (const { parent, parentState, state, jobs } of counts.filter(isScript)) {
    const states = tasks.get(parent!);
    if (!states || parentState === null || parentState === state) continue;
    // The result of a body that ran may have been there already: what people see is that it ran.
    if (state === "cached") continue;
    const moved = Math.min(jobs, states.get(parentState) ?? 0);
    states.set(parentState, (states.get(parentState) ?? 0) - moved);
    states.set(state, (states.get(state) ?? 0) + moved);
  }
  const called = [...calls.values()];
  return {
    tasks: new Map(Array.from(tasks, ([task, states]) => [task, Object.fromEntries(states)])),
    calls: called,
    flows: foldFlows(flows, called, counts.filter(isScript)),
  };
}

/** Flows between tasks alone: through lifts to where these lead, and to and from scripts as to their tasks. */
function foldFlows(
  flows: readonly TaskFlow[],
  calls: readonly CountedCall[],
  scripts: readonly CallCount[],
): readonly TaskFlow[] {
  const from = Map.groupBy(flows, (flow) => flow.from);
  const builders = new Set(scripts.map((script) => script.parent));
  const callersOf = Map.groupBy(calls, (call) => call.task);
  /** The tasks that a script beside another task may belong to: those that call that task, and build scripts. */
  const owners = (name: string, beside: string): readonly string[] => {
    if (name !== SCRIPT || builders.size === 0) return [name];
    const callers = callersOf.get(beside) ?? [];
    return callers.flatMap(({ parent }) => (parent !== null && builders.has(parent) ? [parent] : []));
  };
  const folded = new Map<string, TaskFlow>();
  const add = (flow: TaskFlow): void => {
    for (const source of owners(flow.from, flow.to)) {
      for (const target of owners(flow.to, flow.from)) {
        const whole = { ...flow, from: source, to: target };
        const key = JSON.stringify([source, target, flow.argument, flow.part]);
        folded.set(key, { ...whole, count: Math.max(flow.count, folded.get(key)?.count ?? 0) });
      }
    }
  };
  for (const flow of flows) {
    if (isLift({ task: flow.from })) continue;
    if (!isLift({ task: flow.to })) {
      add(flow);
      continue;
    }
    const met = new Set([flow.to]);
    for (const lift of met) {
      for (const next of from.get(lift) ?? []) {
        if (isLift({ task: next.to })) met.add(next.to);
        else add({ ...next, from: flow.from, part: flow.part });
      }
    }
  }
  return [...folded.values()];
}
