import type { Context, Hono } from "hono";
import { LARGEST_OUTPUT, outputPath, statusText } from "../../endpoints/answers/index.ts";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import type { QueueJob } from "../../endpoints/queue/types.ts";
import { allow } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { answer } from "./answer.ts";
import { type Asked, hangUp, readObject, skipBody } from "./body.ts";
import { Refusal, refusalAnswer } from "./refusal.ts";
import { readSubmission, type SubmissionRules } from "./submission.ts";

/** What a body of a client may be, in bytes: RunPod's limits. */
const LARGEST_RUN = 10_000_000;
const LARGEST_RUNSYNC = 20_000_000;
/** Of calls that need no body at all. */
const LARGEST_REST = 64_000;
/** Handed to who may read recursively. */
const DEEPEST_INPUT = 500;
/** How long `/runsync` and `/status-sync` wait, in milliseconds. */
const WAIT = { usual: 90_000, least: 1000, most: 300_000 };
/** How long `/stream` waits for a chunk: the Python SDK gives up after 10 s. */
const STREAM_WAIT = 8000;
/** How long a link to an output is good where it is not said when the output goes: a day, in milliseconds. */
const LINK_LASTS = 24 * 3600 * 1000;

/** What client routes need beside the server. */
export interface ClientOptions extends SubmissionRules {
  readonly largestOutput?: number | undefined;
}

/** The calls of clients: `run`, `runsync`, `status`, and so on. */
export function clientRoutes(app: Hono<Asked>, context: ServerContext, options: ClientOptions): void {
  const { queue, pools, deployments } = context.services;
  const { largestOutput = LARGEST_OUTPUT } = options;
  const refuse = (status: 401 | 403 | 429, sentence: string): Response => refusalAnswer(new Refusal(status, sentence));
  const submits = allow(context, "submit", refuse);
  const reads = allow(context, "read", refuse);

  const endpointOf = (c: Context<Asked>): LiveEndpoint => {
    const name = c.req.param("endpoint") ?? "";
    const endpoint = deployments.live().get(name);
    if (endpoint?.kind !== "queue") throw new Refusal(404, `there is no endpoint ${name}`);
    return endpoint;
  };

  const own = (c: Context<Asked>, job: QueueJob | undefined): QueueJob => {
    if (job && job.endpoint === c.req.param("endpoint")) return job;
    throw new Refusal(404, `there is no job ${c.req.param("id") ?? ""} of ${c.req.param("endpoint") ?? ""}`);
  };
  /** The job in the path. What was of an endpoint that is gone is told as long as it is kept. */
  const jobOf = async (c: Context<Asked>): Promise<QueueJob> => own(c, await queue.get(c.req.param("id") ?? ""));

  const statusOf = async (job: QueueJob): Promise<string> => {
    const waitsFor = job.state === "IN_QUEUE" ? pools.reason(job.endpoint) : null;
    if (job.state === "COMPLETED" && (job.outputSize ?? 0) > largestOutput) {
      const expires = Math.ceil((job.collectAt ?? context.now() + LINK_LASTS) / 1000);
      const outputUrl = context.url + outputPath(job.endpoint, job.id, expires, context.key);
      return statusText(job, { output: null, outputUrl });
    }
    const output = job.output ?? (job.outputFile === null ? null : await queue.outputOf(job));
    return statusText(job, { output, waitsFor });
  };

  const submit = async (c: Context<Asked>, sync: boolean): Promise<QueueJob> => {
    const endpoint = endpointOf(c);
    if (endpoint.stopped) throw new Refusal(503, `the endpoint ${endpoint.name} is stopped`);
    const body = await readObject(c, sync ? LARGEST_RUNSYNC : LARGEST_RUN, { maxDepth: DEEPEST_INPUT });
    const caller = c.get("caller");
    const submission = await readSubmission(body, endpoint, options, {
      sync,
      idempotencyKey: c.req.header("idempotency-key"),
      submittedBy: caller.kind === "key" ? caller.id : undefined,
    });
    return queue.submit(submission);
  };

  app.post("/:endpoint/run", submits, async (c) => {
    const { id, state } = await submit(c, false);
    return answer(`{"id":${JSON.stringify(id)},"status":"${state}"}`);
  });

  app.post("/:endpoint/runsync", submits, async (c) => {
    const waitMs = readWait(c);
    const job = await submit(c, true);
    const ended = job.endedAt === null ? await queue.wait(job.id, waitMs, hangUp(c)) : job;
    return answer(await statusOf(ended ?? job));
  });

  app.on(["GET", "POST"], "/:endpoint/status/:id", reads, async (c) => answer(await statusOf(await jobOf(c))));

  app.on(["GET", "POST"], "/:endpoint/status-sync/:id", reads, async (c) => {
    const waitMs = readWait(c);
    const job = await jobOf(c);
    return answer(await statusOf(own(c, await queue.wait(job.id, waitMs, hangUp(c)))));
  });

  app.on(["GET", "POST"], "/:endpoint/stream/:id", reads, async (c) => {
    const { id } = await jobOf(c);
    const streamed = await queue.stream(id, STREAM_WAIT, hangUp(c));
    const job = own(c, streamed?.job);
    const chunks = streamed?.chunks ?? [];
    const stream = chunks.map((chunk) => `{"output":${chunk}}`).join(",");
    const error = job.state === "FAILED" ? `"error":${JSON.stringify(job.error ?? job.reason ?? "")},` : "";
    return answer(`{${error}"status":"${job.state}","stream":[${stream}]}`);
  });

  app.post("/:endpoint/cancel/:id", submits, async (c) => {
    await skipBody(c, LARGEST_REST);
    const { id } = await jobOf(c);
    return answer(await statusOf(own(c, await queue.cancel(id))));
  });

  app.post("/:endpoint/retry/:id", submits, async (c) => {
    await skipBody(c, LARGEST_REST);
    const job = await jobOf(c);
    if (endpointOf(c).stopped) throw new Refusal(503, `the endpoint ${job.endpoint} is stopped`);
    const { id, state } = own(c, await queue.retry(job.id));
    return answer(`{"id":${JSON.stringify(id)},"status":"${state}"}`);
  });

  app.post("/:endpoint/purge-queue", submits, async (c) => {
    await skipBody(c, LARGEST_REST);
    const removed = await queue.purge(endpointOf(c).name);
    return answer(`{"removed":${removed},"status":"completed"}`);
  });

  app.on(["GET", "POST"], "/:endpoint/health", reads, (c) => {
    const { name, stopped } = endpointOf(c);
    const { completed, failed, inProgress, inQueue, retried } = queue.counts(name);
    const { idle, running, initializing, ready, throttled, unhealthy } = pools.counts(name);
    const reason = stopped ? "the endpoint is stopped" : pools.reason(name);
    return answer(
      JSON.stringify({
        jobs: { completed, failed, inProgress, inQueue, retried },
        workers: { idle, running, initializing, ready, throttled, unhealthy },
        ...(reason !== null && { reason }),
      }),
    );
  });
}

function readWait(c: Context<Asked>): number {
  const said = c.req.query("wait");
  if (said === undefined || said === "") return WAIT.usual;
  const ms = Number(said);
  if (!Number.isFinite(ms)) throw new Refusal(400, "wait must be milliseconds: a number from 1000 to 300000");
  return Math.min(WAIT.most, Math.max(WAIT.least, ms));
}
