import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LARGEST_OUTPUT, outputPath } from "../../endpoints/answers/index.ts";
import type { Caller, Services } from "../../endpoints/index.ts";
import type { QueueJob, QueueJobState } from "../../endpoints/queue/types.ts";
import type { JobView } from "../../remote/index.ts";
import { mayUse } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { badRequest, notThere } from "./problems.ts";
import { type Route, route } from "./route.ts";

const STATES: readonly QueueJobState[] = ["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"];

const USUAL = 100;
const MOST = 1000;
/** How long a link to a large output is good, in seconds. */
const LINK_S = 86_400;

/** Jobs of all endpoints. */
export const jobRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/jobs",
    tag: "Jobs",
    doc: "Jobs of all endpoints, newest first, without inputs and outputs.",
    verb: "read",
    query: {
      endpoint: { doc: "Only of this endpoint.", schema: { type: "string" } },
      state: { doc: `Only in these states, with commas: ${STATES.join(", ")}.`, schema: { type: "string" } },
      limit: { doc: "So many at most.", schema: { type: "integer", minimum: 1, maximum: MOST, default: USUAL } },
      before: { doc: "Only those made before: milliseconds since 1970.", schema: { type: "integer", minimum: 0 } },
    },
    answer: ["Job"],
    async run({ query: { endpoint, state, limit, before }, caller }, { store, services }) {
      const filter = {
        limit: typeof limit === "number" ? limit : USUAL,
        ...(typeof state === "string" && { states: readStates(state) }),
        ...(typeof before === "number" && { before }),
      };
      const names = typeof endpoint === "string" ? [endpoint] : caller.endpoints && [...caller.endpoints];
      if (names === null) return (await store.listQueueJobs(filter)).map((job) => told(job, services));
      const allowed = names.filter((name) => mayUse(caller, name));
      const lists = await Promise.all(allowed.map((name) => store.listQueueJobs({ ...filter, endpoint: name })));
      return lists
        .flat()
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .slice(0, filter.limit)
        .map((job) => told(job, services));
    },
  }),
  route({
    method: "GET",
    path: "/jobs/{id}",
    tag: "Jobs",
    doc: "One job, with its input, its output and its error.",
    verb: "read",
    answer: "Job",
    run: async ({ params: { id = "" }, caller }, context) => inFull(await findJob(context, caller, id), context),
  }),
  ...(["cancel", "retry"] as const).map((verb) =>
    route({
      method: "POST",
      path: `/jobs/{id}/${verb}`,
      tag: "Jobs",
      doc:
        verb === "cancel"
          ? "Ends a job; one that has ended stays as it is."
          : "Queues a job again that failed or timed out.",
      verb: "submit",
      answer: "Job",
      async run({ params: { id = "" }, caller }, context) {
        await findJob(context, caller, id);
        const job = await context.services.queue[verb](id);
        if (!job) throw notThere("job", id, []);
        return told(job, context.services);
      },
    }),
  ),
];

async function findJob({ services }: ServerContext, caller: Caller, id: string): Promise<QueueJob> {
  const job = await services.queue.get(id);
  if (job && mayUse(caller, job.endpoint)) return job;
  throw notThere("job", id, []);
}

function readStates(text: string): QueueJobState[] {
  return text.split(",").map((word) => {
    const state = STATES.find((each) => each === word.trim().toUpperCase());
    if (state !== undefined) return state;
    throw badRequest(`there is no state ${word}`, `there are ${STATES.join(", ")}`);
  });
}

/** A job as the API tells of it. */
function told(job: QueueJob, { pools }: Services): JobView {
  const { id, endpoint, state, createdAt, takenAt, endedAt, attempts, retries, worker, run } = job;
  // Of one that waits, why: what the pool says of its workers.
  const reason = state === "IN_QUEUE" ? (job.reason ?? pools.reason(endpoint)) : job.reason;
  return { id, endpoint, status: state, reason, createdAt, takenAt, endedAt, attempts, retries, worker, run };
}

/** The same with values, which stay the text that they are: numbers in them may not survive being read. */
async function inFull(job: QueueJob, context: ServerContext): Promise<Response> {
  const { services, storeDir, url, key, now, largestOutput = LARGEST_OUTPUT } = context;
  const parts = [JSON.stringify(told(job, services)).slice(1, -1)];
  // A file that is gone leaves the rest of the job to be seen.
  const input =
    job.inputFile === null ? job.input : await readFile(join(storeDir, job.inputFile), "utf8").catch(() => null);
  if (input !== null) parts.push(`"input":${input}`);
  if (job.outputSize !== null && job.outputSize > largestOutput) {
    const expires = Math.floor(now() / 1000) + LINK_S;
    parts.push(`"outputUrl":${JSON.stringify(url + outputPath(job.endpoint, job.id, expires, key))}`);
  } else {
    const output = await services.queue.outputOf(job);
    if (output !== null) parts.push(`"output":${output}`);
  }
  if (job.error !== null) parts.push(`"error":${asJson(job.error)}`);
  return new Response(`{${parts.join(",")}}`, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}

/** An error is JSON as a worker sent it, or a sentence. */
function asJson(error: string): string {
  try {
    return typeof JSON.parse(error) === "object" ? error : JSON.stringify(error);
  } catch {
    return JSON.stringify(error);
  }
}
