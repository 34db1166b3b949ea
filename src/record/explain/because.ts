import { isLift } from "../../project/owner.ts";
import type { DataEdgeRow, JobRow, Store } from "../../store/types.ts";
import { explainBriefly, isHit } from "./brief.ts";
import { reasonText } from "./reason.ts";
import type { ArgumentChange, Because, Change } from "./types.ts";

/** So many steps are told. */
const MOST = 8;

/** A job from which something came. */
interface Source extends Pick<Because, "how" | "argument"> {
  readonly job: JobRow;
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
      const { how, argument } = source;
      steps.push({ how, job: id, task, argument, state, reason: reasonText(explanation) });
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
    return below && { how: "below", job: below, argument: undefined };
  }
  const edges = await store.listDataEdges(job.call);
  let cached: Source | undefined;
  for (const change of changes) {
    if (change.part !== "argument") continue;
    const edge = edgeInto(edges, change);
    const [from] = edge ? await store.listJobs({ run: job.run, call: edge.from, limit: 1 }) : [];
    if (!from) continue;
    const source = { how: "result", job: from, argument: change.path } as const;
    if (!isHit(from)) return source;
    cached ??= source;
  }
  return cached ?? callerOf(store, job, changes);
}

/** What no call made was handed on by the caller, if that was given something else itself. */
async function callerOf(store: Store, job: JobRow, changes: readonly Change[]): Promise<Source | undefined> {
  const argument = changes.find(({ part }) => part === "argument");
  const caller = argument && job.parent !== null ? await store.getJob(job.parent) : undefined;
  if (!caller || isHit(caller) || argument?.part !== "argument") return undefined;
  return { how: "caller", job: caller, argument: argument.path };
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
