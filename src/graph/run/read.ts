import { parameterNames } from "../../record/parameter-names.ts";
import { short } from "../../record/short.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { assemble, type PartFlow, type Shown } from "../assemble.ts";
import { type Graph, type GraphNode, jobsIn } from "../model.ts";
import { expandTask } from "./expand.ts";
import { withFiles } from "./files.ts";
import { fold, type Folded } from "./fold.ts";
import { recordedShapes } from "./infer.ts";

/** What of a run is shown. */
export interface GraphOptions extends Shown {
  /** The tasks whose jobs are nodes of their own. */
  readonly expand?: readonly string[];
  /** So many jobs of each of them at most; 40 if nothing is said. */
  readonly jobs?: number;
  /** Shows the files that the run was given, and those in its result. */
  readonly files?: boolean;
}

/** As many boxes as a page holds. */
const MOST_JOBS = 40;

/** What flows between tasks; the parameter by its place. */
interface FlowByPlace {
  readonly from: string;
  readonly to: string;
  readonly argument: number;
  readonly part: string;
  readonly count?: number;
}

/**
 * The graph of a run by tasks: how many of their jobs are in which state, who calls whom, and what flows from where to
 * where. It takes about as long for 100,000 jobs as counting them.
 *
 * @example
 * ```ts
 * const graph = await readGraph(store, run);
 * graph.nodes.map(({ label, counts }) => [label, counts]); // [["main", { done: 1 }], ["align", { done: 74 }], …]
 * ```
 */
export async function readGraph(store: Store, run: RunRow, options: GraphOptions = {}): Promise<Graph> {
  const folded = fold(await store.countCalls(run.id), await store.countFlows(run.id));
  const nodes = Array.from(folded.tasks, ([task, counts]): GraphNode => ({
    id: task,
    kind: "task",
    label: task,
    counts,
  }));
  const jobs = nodes.reduce((sum, node) => sum + jobsIn(node.counts ?? {}), 0);
  const flows = await flowsOf(store, run, folded);
  let graph = assemble(
    {
      // Of a program it is what was evaluated, of which a lift has a name that is a hash.
      title: run.task.replace(/^lift:\w+/, "lift"),
      detail: [
        `run ${short(run.id)}`,
        run.state,
        ...(run.mode === "normal" ? [] : [run.mode === "sample" ? "a sample" : "with stubs"]),
        `${jobs.toLocaleString("en")} ${jobs === 1 ? "job" : "jobs"}`,
      ].join(", "),
      nodes,
      calls: folded.calls,
      flows: await named(store, run, flows),
    },
    options,
  );
  for (const task of options.expand ?? []) graph = await expandTask(store, run, graph, task, options.jobs ?? MOST_JOBS);
  return options.files ? withFiles(store, run, graph) : graph;
}

/**
 * What was recorded, and beside it what the code says flowed between tasks of which nothing is recorded: it is recorded
 * whose result an argument is, and not where an item of a list came from, or a value that a body had awaited.
 */
async function flowsOf(store: Store, run: RunRow, { tasks, calls, flows }: Folded): Promise<FlowByPlace[]> {
  const found: FlowByPlace[] = flows.map(({ argument, part, ...flow }) => ({
    ...flow,
    argument: Number(argument),
    // Which item of a list it was is no name.
    part: part
      .split(".")
      .filter((step) => step !== "*")
      .join("."),
  }));
  const recorded = new Set(flows.map(({ from, to }) => JSON.stringify([from, to])));
  const called = new Set(calls.map(({ parent, task }) => JSON.stringify([parent, task])));
  const shapeOf = await recordedShapes(store, run);
  for (const task of tasks.keys()) {
    for (const flow of shapeOf(task)?.flows ?? []) {
      if (recorded.has(JSON.stringify([flow.from, flow.to]))) continue;
      if ([flow.from, flow.to].every((callee) => called.has(JSON.stringify([task, callee])))) found.push(flow);
    }
  }
  return found;
}

/** With the names of the parameters, as the code of the run says them. */
async function named(store: Store, run: RunRow, flows: readonly FlowByPlace[]): Promise<PartFlow[]> {
  const names = new Map<string, readonly string[]>();
  for (const task of new Set(flows.map((flow) => flow.to))) {
    const [job] = await store.listJobs({ run: run.id, task, limit: 1 });
    const code = job && (await store.getTask(job.taskHash))?.code;
    names.set(task, await parameterNames(code ?? ""));
  }
  return flows.map(({ argument, ...flow }) => ({ ...flow, parameter: names.get(flow.to)?.[argument] ?? "" }));
}
