import { isLift } from "../../project/owner.ts";
import type { DataEdgeRow, JobRow, Store } from "../../store/types.ts";
import { explainBriefly, isHit } from "./brief.ts";
import { reasonText } from "./reason.ts";
import type { ArgumentChange, Because, Change } from "./types.ts";

/** So many steps are told. */
const MOST = 8;

/** A job from which something came. */
interface Source {
  readonly job: JobRow;
  readonly argument: string | undefined;
}

/**
 * Follows what made a job run upwards: the call whose result made the changed argument, what made that one run, and so
 * on, to a change of code or of what the run was given.
 */
export async function upstreamOf(store: Store, job: JobRow, changes: readonly Change[]): Promise<readonly Because[]> {
  const steps: Because[] = [];
  const seen = new Set([job.id]);
  let at = job;
  let because = changes;
  while (steps.length < MOST) {
    const source = await sourceOf(store, at, because);
    if (!source || seen.has(source.job.id)) break;
    seen.add(source.job.id);
    const explanation = await explainBriefly(store, source.job);
    const { id, task, state } = source.job;
    if (!isLift(source.job)) {
      steps.push({ job: id, task, argument: source.argument, state, reason: reasonText(explanation) });
    }
    at = source.job;
    because = explanation.changes;
  }
  return steps;
}

/** The job that a job's changed arguments, or what it awaited, came from: one that ran, if there is one. */
async function sourceOf(store: Store, job: JobRow, changes: readonly Change[]): Promise<Source | undefined> {
  if (isHit(job) || job.reason === "trace" || job.reason === "subtree") {
    const ran = await store.listJobs({ run: job.run, parent: job.id, states: ["done", "failed"] });
    const below = ran.find((child) => !isHit(child));
    return below && { job: below, argument: undefined };
  }
  // Its own code is reason enough.
  if (changes.some(({ part }) => part !== "argument")) return undefined;
  const edges = await store.listDataEdges(job.call);
  let cached: Source | undefined;
  for (const change of changes) {
    if (change.part !== "argument") continue;
    const edge = edgeInto(edges, change);
    const [from] = edge ? await store.listJobs({ run: job.run, call: edge.from, limit: 1 }) : [];
    if (!from) continue;
    if (!isHit(from)) return { job: from, argument: change.path };
    cached ??= { job: from, argument: change.path };
  }
  return cached;
}

/** The edge to the place of a change, to one above it, or to one in it. */
function edgeInto(edges: readonly DataEdgeRow[], { steps }: ArgumentChange): DataEdgeRow | undefined {
  const place = steps.map(String);
  return edges.find(({ argument }) => {
    const into = argument.split(".");
    const both = Math.min(into.length, place.length);
    return into.slice(0, both).join(".") === place.slice(0, both).join(".");
  });
}
