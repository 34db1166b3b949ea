import { parameterNames } from "../../record/parameter-names.ts";
import { short } from "../../record/short.ts";
import type { RunRow, Store, TaskFlow } from "../../store/types.ts";
import { arrange } from "../arrange.ts";
import { type Flow, type Graph, type GraphEdge, type GraphNode, jobsIn } from "../model.ts";
import { nest } from "../nest.ts";
import { fold } from "./fold.ts";

/** What of a run is shown. */
export interface GraphOptions {
  /** Who calls whom is drawn as edges, rather than as boxes within boxes. */
  readonly calls?: boolean;
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
  const { group, loops, others } = nest(folded.calls);
  const flat = options.calls ?? false;
  const nodes = Array.from(folded.tasks, ([task, counts]): GraphNode => {
    const within = group.get(task);
    const recursion = loops.get(task)?.filter((each) => !flat || each === task);
    return {
      id: task,
      kind: "task",
      label: task,
      counts,
      ...(!flat && typeof within === "string" && { group: within }),
      ...(recursion && recursion.length > 0 && { loops: recursion }),
    };
  });
  const shown = flat ? folded.calls : others;
  const edges = [
    ...dataEdges(folded.flows, await parametersOf(store, run, folded.flows)),
    ...shown.flatMap(({ parent, task }): GraphEdge[] =>
      parent === null || parent === task ? [] : [{ from: parent, to: task, kind: "call", flows: [] }],
    ),
  ];
  const jobs = nodes.reduce((sum, node) => sum + jobsIn(node.counts ?? {}), 0);
  const detail = `run ${short(run.id)}, ${run.state}, ${jobs.toLocaleString("en")} ${jobs === 1 ? "job" : "jobs"}`;
  return arrange({ title: run.task, detail, nodes, edges });
}

/** The names of the parameters of the tasks that something flows to, as the code of the run says them. */
async function parametersOf(
  store: Store,
  run: RunRow,
  flows: readonly TaskFlow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Map<string, readonly string[]>();
  for (const task of new Set(flows.map((flow) => flow.to))) {
    const [job] = await store.listJobs({ run: run.id, task, limit: 1 });
    const code = job && (await store.getTask(job.taskHash))?.code;
    names.set(task, await parameterNames(code ?? ""));
  }
  return names;
}

/** One edge for all that flows from one task to another. */
function dataEdges(flows: readonly TaskFlow[], parameters: ReadonlyMap<string, readonly string[]>): GraphEdge[] {
  return [...Map.groupBy(flows, ({ from, to }) => JSON.stringify([from, to])).values()].map((group) => {
    const { from, to } = group[0]!;
    const named = group.map(({ part, argument }): Flow => ({
      part: part
        .split(".")
        .filter((step) => step !== "*")
        .join("."),
      parameter: parameters.get(to)?.[Number(argument)] ?? "",
    }));
    return { from, to, kind: "data", flows: named, count: group.reduce((sum, flow) => sum + flow.count, 0) };
  });
}
