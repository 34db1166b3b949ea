import { isLift } from "../../project/owner.ts";
import { parameterNames } from "../../record/parameter-names.ts";
import { short } from "../../record/short.ts";
import type { JobRow, RunRow, Store } from "../../store/types.ts";
import { arrange } from "../arrange.ts";
import { type Graph, type GraphEdge, type GraphNode, jobsIn, type StateCounts, STATES } from "../model.ts";
import { partsOf, type StoredPart } from "./stored-parts.ts";
import { tellApart } from "./tell-apart.ts";

/** What flowed through this many lifts is followed. */
const LIFTS = 3;

/**
 * Shows the jobs of a task as nodes within it: what needs attention first, and at most so many. What is left out is one
 * node more, with its counts. A graph without that task stays as it is.
 */
export async function expandTask(store: Store, run: RunRow, graph: Graph, task: string, most: number): Promise<Graph> {
  const node = graph.nodes.find(({ id, kind }) => id === task && kind === "task");
  if (!node) return graph;
  const jobs = await jobsToShow(store, run, task, most);
  const code = jobs[0] && (await store.getTask(jobs[0].taskHash))?.code;
  const names = await parameterNames(code ?? "");
  const labels = tellApart(
    await argumentsOf(store, jobs),
    await argumentsOf(store, await makersOf(store, jobs)),
    names,
  );
  const shown = jobs.map((job, i): GraphNode => {
    const label = labels[i]!;
    const id = short(job.id);
    const base = { id: job.id, kind: "job", group: task, counts: { [job.state]: 1 } } as const;
    return label === "" ? { ...base, label: id } : { ...base, label, detail: id };
  });
  const rest = without(node.counts ?? {}, jobs);
  const left = jobsIn(rest);
  if (left > 0) {
    const label = `… and ${left.toLocaleString("en")} more`;
    shown.push({ id: `${task}: more`, kind: "more", label, group: task, counts: rest });
  }
  const at = graph.nodes.indexOf(node) + 1;
  return arrange({
    ...graph,
    nodes: graph.nodes.toSpliced(at, 0, ...shown),
    edges: [...graph.edges, ...(await edgesAmong(store, jobs, names))],
  });
}

async function jobsToShow(store: Store, run: RunRow, task: string, most: number): Promise<JobRow[]> {
  const jobs: JobRow[] = [];
  for (const state of STATES) {
    if (jobs.length >= most) break;
    jobs.push(...(await store.listJobs({ run: run.id, task, states: [state], limit: most - jobs.length })));
  }
  return jobs;
}

/** The jobs whose bodies made these; a job of the run itself stands for itself. */
function makersOf(store: Store, jobs: readonly JobRow[]): Promise<JobRow[]> {
  return Promise.all(
    jobs.map(async (job) => (job.parent === null ? undefined : await store.getJob(job.parent)) ?? job),
  );
}

async function argumentsOf(store: Store, jobs: readonly JobRow[]): Promise<StoredPart[][]> {
  const texts = await store.findValues([...new Set(jobs.map(({ argsValue }) => argsValue))]);
  return jobs.map(({ argsValue }) => partsOf(texts.get(argsValue) ?? "null"));
}

function without(counts: StateCounts, jobs: readonly JobRow[]): StateCounts {
  return Object.fromEntries(
    STATES.map((state) => [
      state,
      Math.max(0, (counts[state] ?? 0) - jobs.filter((job) => job.state === state).length),
    ]),
  );
}

/** What flowed from job to job: where a task takes what it gave itself. */
async function edgesAmong(store: Store, jobs: readonly JobRow[], names: readonly string[]): Promise<GraphEdge[]> {
  const byCall = new Map(jobs.map((job) => [job.call, job.id]));
  const edges: GraphEdge[] = [];
  const follow = async (to: JobRow, call: string, parameter: string | undefined, depth: number): Promise<void> => {
    for (const { from, argument, part } of await store.listDataEdges(call)) {
      const name = parameter ?? names[Number(argument.split(".")[0])] ?? "";
      const job = byCall.get(from);
      if (job !== undefined)
        edges.push({ from: job, to: to.id, kind: "data", flows: [{ part, parameter: name }], count: 1 });
      else if (depth > 0) {
        const source = await store.getCall(from);
        if (source && isLift(source)) await follow(to, from, name, depth - 1);
      }
    }
  };
  for (const job of jobs) await follow(job, job.call, undefined, LIFTS);
  return edges;
}
