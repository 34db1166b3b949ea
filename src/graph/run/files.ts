import { posix } from "node:path";
import type { FoundFile, RunRow, Store } from "../../store/types.ts";
import { arrange } from "../arrange.ts";
import type { Graph, GraphEdge, GraphNode } from "../model.ts";
import { filesOf, type StoredFile } from "./stored-parts.ts";

/** So many files of each kind have a node. */
const MOST_FILES = 24;
/** Of so many calls that have to do with a file it is asked of which task they are. */
const MOST_CALLS = 500;
/** So many files are asked about, in the arguments of so many of the calls that the run's own body made. */
const MOST_ASKED = 100;
const MOST_JOBS = 200;

/** A file with the tasks that took it, or made it. */
interface Placed {
  readonly file: StoredFile;
  readonly tasks: readonly string[];
}

/**
 * Shows the files that a run was given, each with the tasks that took it, and those in its result, each with the task
 * that made it. A file stands beside these tasks.
 */
export async function withFiles(store: Store, run: RunRow, graph: Graph): Promise<Graph> {
  const groups = new Map(graph.nodes.map((node) => [node.id, node.group]));
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (const kind of ["input", "output"] as const) {
    const files = await (kind === "input" ? inputsOf(store, run, graph) : outputsOf(store, run, graph));
    files.slice(0, MOST_FILES + 1).forEach(({ file, tasks: all }, i) => {
      // The last node stands for all that are left.
      const left = i === MOST_FILES ? files.length - i : 0;
      const tasks = innermost(firstOf(all, graph, groups), groups, run.task);
      const id = `${kind} ${i}: ${file.path}`;
      const group = commonGroup(tasks, groups);
      nodes.push({
        id,
        kind: left > 1 ? "more" : kind,
        label: left > 1 ? `… and ${left.toLocaleString("en")} more files` : posix.basename(file.path),
        ...(left <= 1 && { detail: kind === "input" ? "input" : "result" }),
        ...(group !== undefined && { group }),
      });
      for (const task of tasks) {
        const [from, to] = kind === "input" ? [id, task] : [task, id];
        edges.push({ from, to, kind: "data", flows: [] });
      }
    });
  }
  return arrange({ ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] });
}

/** The files in the arguments of the run, and those that its body handed to others though nothing in it made them. */
async function inputsOf(store: Store, run: RunRow, graph: Graph): Promise<Placed[]> {
  const [root] = await store.listJobs({ run: run.id, parent: null, limit: 1 });
  const made = root ? await store.listJobs({ run: run.id, parent: root.id, limit: MOST_JOBS }) : [];
  const given = await filesIn(store, run.argsValue === null ? [] : [run.argsValue]);
  const paths = new Set(given.map(({ path }) => path));
  const files = [
    ...given,
    ...(await filesIn(
      store,
      made.map(({ argsValue }) => argsValue),
    )),
  ];
  const inputs: Placed[] = [];
  let asked = 0;
  for (const file of new Map(files.map((each) => [each.path, each])).values()) {
    const isShown = inputs.length <= MOST_FILES && asked++ < MOST_ASKED;
    const found = isShown ? await callsWith(store, file) : [];
    const isNew = isShown && !found.some(({ role, path }) => role === "result" && isAt(path, file));
    if (!paths.has(file.path) && !isNew) continue;
    const takers = found.filter(({ role }) => role === "argument");
    inputs.push({ file, tasks: await tasksOf(store, takers, graph) });
  }
  return inputs;
}

/** The files in the result of the run. */
async function outputsOf(store: Store, run: RunRow, graph: Graph): Promise<Placed[]> {
  const files = await filesIn(store, run.resultValue === null ? [] : [run.resultValue]);
  const outputs: Placed[] = [];
  for (const file of files) {
    const isShown = outputs.length <= MOST_FILES;
    // The same content may lie elsewhere too: who gave it is who put it there.
    const makers = isShown
      ? (await callsWith(store, file)).filter(({ role, path }) => role === "result" && isAt(path, file))
      : [];
    outputs.push({ file, tasks: await tasksOf(store, makers, graph) });
  }
  return outputs;
}

async function filesIn(store: Store, values: readonly string[]): Promise<StoredFile[]> {
  const texts = await store.findValues([...new Set(values)]);
  return values.flatMap((value) => filesOf(texts.get(value) ?? "null"));
}

async function callsWith(store: Store, { hash }: StoredFile): Promise<readonly FoundFile[]> {
  return hash === undefined ? [] : store.findByFile(hash);
}

/** Is this the place of a stored file, which counts from the project or the store? */
function isAt(path: string, file: StoredFile): boolean {
  return path.endsWith(file.path.replace(/^(\.\/|ligase:)/, ""));
}

/** The tasks of calls, as far as they are in the graph. */
async function tasksOf(store: Store, found: readonly FoundFile[], { nodes }: Graph): Promise<string[]> {
  const calls = [...new Set(found.map(({ call }) => call))].slice(0, MOST_CALLS);
  const tasks = new Set<string>();
  for (const call of calls) tasks.add((await store.getCall(call))?.task ?? "");
  return nodes.flatMap(({ id }) => (tasks.has(id) ? [id] : []));
}

/** Without those that have it from another of them, and those within these. */
function firstOf(
  tasks: readonly string[],
  { edges }: Graph,
  groups: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const given = new Set(edges.filter(({ from, kind }) => kind === "data" && tasks.includes(from)).map(({ to }) => to));
  const first = tasks.filter((task) => ![task, ...groupsOf(task, groups)].some((each) => given.has(each)));
  return first.length > 0 ? first : tasks;
}

/** Without those that only hand it on: what other tasks among them stand in, and the run's own. */
function innermost(tasks: readonly string[], groups: ReadonlyMap<string, string | undefined>, root: string): string[] {
  const around = new Set(tasks.flatMap((task) => groupsOf(task, groups)));
  const inner = tasks.filter((task) => !around.has(task) && task !== root);
  return inner.length > 0 ? inner : tasks.filter((task) => task === root);
}

/** The groups that a task stands in, from the inside out. */
function groupsOf(task: string, groups: ReadonlyMap<string, string | undefined>): string[] {
  const found: string[] = [];
  for (let at = groups.get(task); at !== undefined; at = groups.get(at)) found.push(at);
  return found;
}

function commonGroup(tasks: readonly string[], groups: ReadonlyMap<string, string | undefined>): string | undefined {
  const [first, ...others] = tasks.map((task) => groupsOf(task, groups));
  return first?.find((group) => others.every((other) => other.includes(group)));
}
