import { posix } from "node:path";
import type { FoundFile, RunRow, Store } from "../../store/types.ts";
import { arrange } from "../arrange.ts";
import type { Graph, GraphEdge, GraphNode } from "../model.ts";
import { filesOf, type StoredFile } from "./stored-parts.ts";

/** So many files of each kind have a node. */
const MOST_FILES = 24;
/** Of so many calls that have to do with a file it is asked of which task they are. */
const MOST_CALLS = 500;

/**
 * Shows the files that a run was given, each with the tasks that took it, and those in its result, each with the task
 * that made it. A file stands beside these tasks.
 */
export async function withFiles(store: Store, run: RunRow, graph: Graph): Promise<Graph> {
  const texts = await store.findValues([run.argsValue, run.resultValue].filter((hash) => hash !== null));
  const groups = new Map(graph.nodes.map((node) => [node.id, node.group]));
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (const kind of ["input", "output"] as const) {
    const value = kind === "input" ? run.argsValue : run.resultValue;
    const files = value === null ? [] : filesOf(texts.get(value) ?? "null");
    for (const [i, file] of files.entries()) {
      // The last node stands for all that are left.
      if (i > MOST_FILES) break;
      const left = i === MOST_FILES ? files.length - i : 0;
      const tasks = innermost(firstOf(await tasksWith(store, file, kind, groups), graph, groups), groups, run.task);
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
    }
  }
  return arrange({ ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] });
}

/** The tasks whose calls took a file, or gave it, in the graph. */
async function tasksWith(
  store: Store,
  { hash, path }: StoredFile,
  kind: "input" | "output",
  groups: ReadonlyMap<string, string | undefined>,
): Promise<string[]> {
  if (hash === undefined) return [];
  // The same content may lie elsewhere too: who gave it is who put it there.
  const place = path.replace(/^(\.\/|ligase:)/, "");
  const wanted = ({ role, path: at }: FoundFile): boolean =>
    kind === "input" ? role === "argument" : role === "result" && at.endsWith(place);
  const found = (await store.findByFile(hash)).filter(wanted);
  const calls = [...new Set(found.map(({ call }) => call))].slice(0, MOST_CALLS);
  const tasks = new Set<string>();
  for (const call of calls) tasks.add((await store.getCall(call))?.task ?? "");
  return [...tasks].filter((task) => groups.has(task));
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
