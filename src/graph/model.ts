import type { JobState } from "../store/types.ts";

/** How many jobs are in which state. States without jobs are absent. */
export type StateCounts = Readonly<Partial<Record<JobState, number>>>;

/**
 * What a node stands for. `task`: all jobs of a task; `job`: one of them; `more`: jobs that are too many to be shown;
 * `input` and `output`: a file of the run; `unknown`: a call of which the source does not say what is called.
 */
export type NodeKind = "task" | "job" | "more" | "input" | "output" | "unknown";

/** How often a call is made, as far as the source says: for each item of a list; or only in some case. */
export type Repeat = "each" | "maybe";

/** One node of a graph. A node that others name as their group is a box around them. */
export interface GraphNode {
  /** Unique within the graph. */
  readonly id: string;
  readonly kind: NodeKind;
  /** What it is called: a task's name, what tells a job apart, a file's name. */
  readonly label: string;
  /** What else is to be said of it in a few words: the id of a job, the path of a file. */
  readonly detail?: string;
  /** The node it stands in: the task whose body calls it. */
  readonly group?: string;
  /** The states of its jobs; absent for what has none. */
  readonly counts?: StateCounts;
  readonly repeat?: readonly Repeat[];
  /** Labels of the tasks that it calls and that it stands in: its own, where it calls itself. */
  readonly loops?: readonly string[];
}

/** What flows along an edge: a part of a result, into a parameter; empty for the whole and for what is not known. */
export interface Flow {
  readonly part: string;
  readonly parameter: string;
}

/** One edge of a graph. `data`: results flow from one node to the other; `call`: the one calls the other. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "data" | "call";
  readonly flows: readonly Flow[];
  /** How many results flowed, or calls were made; absent where it is not known. */
  readonly count?: number;
}

/**
 * Tasks (or jobs) and what flows between them. Nodes stand in the order in which they were first met, a group before
 * what stands in it; edges name nodes of the graph only, and never a node twice.
 */
export interface Graph {
  /** What it is a graph of: the name of the task that was run. */
  readonly title: string;
  /** In a few words, what more is known: the id of the run, when it was, how it ended. */
  readonly detail: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The order in which states are shown: what needs attention first. */
export const STATES: readonly JobState[] = ["failed", "running", "pending", "cancelled", "done", "cached"];

/** How many jobs there are in all. */
export function jobsIn(counts: StateCounts): number {
  return STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** Nodes by the group they stand in; those that stand in none under `undefined`. */
export function byGroup(nodes: readonly GraphNode[]): ReadonlyMap<string | undefined, readonly GraphNode[]> {
  return Map.groupBy(nodes, (node) => node.group);
}
