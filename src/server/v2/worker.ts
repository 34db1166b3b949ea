import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Hono } from "hono";
import type { TakenJob } from "../../endpoints/queue/types.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { ServerContext } from "../context.ts";
import { answer } from "./answer.ts";
import { announcedSize, type Asked, hangUp, Interrupted, readObject } from "./body.ts";
import { Turn } from "./turn.ts";
import { WorkerCalls } from "./worker-calls.ts";
import { Refusal } from "./refusal.ts";
import { readAnswer, type Said } from "./worker-answer.ts";

/** Bytes of a result: what a text may have here is not much more. */
const LARGEST_RESULT = 512 * 1024 * 1024 - 1024;
/** Bytes of a result that is read alone. */
const LARGE = 32 * 1024 * 1024;
/** Bytes of a chunk of a stream, and of an expression. */
const LARGEST_CHUNK = 64_000_000;
/** How long workers wait for something to do, in milliseconds: RunPod's give up after 90 s. */
const TAKE_WAIT = 80_000;
const MOST_AT_ONCE = 1000;
/** How long until a result that could not be recorded is tried again, in milliseconds. */
const AGAIN = 1000;

/** What worker routes need beside the server. */
export interface WorkerOptions {
  /** Opens what was sealed for workers. */
  readonly unseal: (sealed: string) => string;
}

/** The calls of workers: `job-take`, `job-done`, and so on. A worker shows the token that it was started with. */
export function workerRoutes(app: Hono<Asked>, context: ServerContext, { unseal }: WorkerOptions): void {
  const { queue, pools } = context.services;
  const calls = new WorkerCalls(context);
  const large = new Turn();
  /** Workers that are to end once they have finished what they have. */
  const leaving = new Set<string>();

  /** Who calls: the worker in the path, of the endpoint in the path. */
  const workerOf = (c: Context<Asked>): { readonly worker: string; readonly endpoint: string } => {
    const token = c.req.header("authorization")?.replace(/^Bearer\s+/i, "") ?? "";
    const known = token === "" ? undefined : pools.authenticate(token);
    if (!known) throw new Refusal(401, "this token is of no worker");
    if (known.worker !== c.req.param("worker") || known.endpoint !== c.req.param("endpoint")) {
      throw new Refusal(403, "this token is of another worker");
    }
    return known;
  };

  const take = async (c: Context<Asked>, max: number, waitMs: number): Promise<readonly TakenJob[]> => {
    const { worker, endpoint } = workerOf(c);
    calls.note(endpoint);
    pools.seen(worker);
    const signal = hangUp(c);
    if (leaving.has(worker)) {
      // It is about to be ended; who is told that there is nothing asks again at once.
      await gone(signal, waitMs);
      return [];
    }
    return queue.take(endpoint, worker, { max, waitMs, signal });
  };

  /** A job as workers get it. Its input is the text that came. */
  const jobText = ({ id, input, attempt, timeoutMs, webhook, s3Config }: TakenJob): string => {
    const hook = webhook === null ? "" : `,"webhook":${JSON.stringify(webhook)}`;
    const s3 = s3Config === null ? "" : `,"s3Config":${opened(s3Config)}`;
    return `{"id":${JSON.stringify(id)},"input":${input},"attempt":${attempt},"timeout":${timeoutMs}${hook}${s3}}`;
  };
  const opened = (sealed: string): string => {
    try {
      return unseal(sealed);
    } catch (error) {
      if (!(error instanceof LigaseError)) throw error;
      context.log.warn(`s3Config is not given to a worker: ${error.message}`);
      return "null";
    }
  };
  const batch = (jobs: readonly TakenJob[]): Response =>
    jobs.length === 0 ? nothing() : answer(`[${jobs.map(jobText).join(",")}]`);

  app.get("/:endpoint/job-take/:worker", async (c) => {
    const [job] = await take(c, 1, TAKE_WAIT);
    return job ? answer(jobText(job)) : nothing();
  });

  app.get("/:endpoint/job-take-batch/:worker", async (c) =>
    batch(await take(c, countOf(c.req.query("batch_size")), TAKE_WAIT)),
  );

  app.get("/:endpoint/job-stop/:worker", async (c) => {
    const { worker } = workerOf(c);
    const jobs = await queue.jobsToStop(worker, TAKE_WAIT, hangUp(c));
    return jobs.length === 0 ? nothing() : answer(JSON.stringify({ jobsToStop: jobs }));
  });

  app.on(["GET", "POST"], "/:endpoint/ping/:worker", (c) => {
    const { worker } = workerOf(c);
    const jobs = (c.req.query("job_id") ?? "").split(",").filter((id) => id !== "");
    queue.heartbeat(worker, jobs);
    const { status, check, reason } = c.req.query();
    // It ends itself then, and says so once.
    if (status === "unhealthy") context.log.warn(`worker ${worker} is unhealthy: ${check ?? "?"}: ${reason ?? "?"}`);
    return answer("{}");
  });

  const readResult = async (c: Context<Asked>, worker: string, job: string): Promise<Said> => {
    const whole = announcedSize(c) > LARGE;
    try {
      return readAnswer(await readObject(c, LARGEST_RESULT, { whole }));
    } catch (error) {
      // What cannot be read comes not better a second time: the job must not wait for it.
      if (error instanceof Refusal && !(error instanceof Interrupted)) {
        const says = `the worker answered what the server cannot read: ${error.message}`;
        await queue.done(worker, job, { state: "FAILED", error: says });
      }
      throw error;
    }
  };

  /** Takes what a worker says of a job; answers once it is recorded. */
  const hear = async (c: Context<Asked>, worker: string, job: string): Promise<Said> => {
    // Many large results at once would not have room: the others wait in the network.
    const leave = announcedSize(c) > LARGE ? await large.enter() : undefined;
    try {
      const said = await readResult(c, worker, job);
      await record(worker, job, said);
      return said;
    } finally {
      leave?.();
    }
  };

  const record = async (worker: string, job: string, said: Said): Promise<void> => {
    if (said.kind === "progress") {
      await queue.progress(worker, job, said.output);
      return;
    }
    const taken = await queue.done(worker, job, said.answer);
    if (taken === "unknown") throw new Refusal(404, `there is no job ${job}`);
    if (said.answer.state === "EXPRESSION" && taken === "accepted") calls.reduce(worker, job, said.answer.expression);
  };

  /**
   * Records what a worker says while it goes on with its next job: it would otherwise wait for the disk between any two.
   * Nobody is told of the result before it is recorded. Where the disk is full it is kept here, and tried again.
   */
  const keep = async (worker: string, job: string, said: Said): Promise<void> => {
    for (;;) {
      try {
        return await record(worker, job, said);
      } catch (error) {
        // Nobody knows the job, or the server ends: then it begins again with the next one.
        if (error instanceof Refusal || (error instanceof LigaseError && error.code === "LIGASE_E_QUEUE_CLOSED"))
          return;
        await sleep(AGAIN);
      }
    }
  };

  app.post("/:endpoint/job-done/:worker/:job", async (c) => {
    const { worker, endpoint } = workerOf(c);
    const job = c.req.param("job");
    const more = c.req.query("take");
    if (more !== undefined && announcedSize(c) <= LARGE && !leaving.has(worker)) {
      void keep(worker, job, await readResult(c, worker, job));
      return batch(await take(c, countOf(more), waitOf(c.req.query("wait"))));
    }
    const said = await hear(c, worker, job);
    if (said.kind === "progress") return answer("{}");
    if (said.stopPod) leaving.add(worker);
    if (leaving.has(worker)) void stopWhenIdle(endpoint, worker);
    return more === undefined ? answer("{}") : batch(await take(c, countOf(more), waitOf(c.req.query("wait"))));
  });

  const stopWhenIdle = async (endpoint: string, worker: string): Promise<void> => {
    if ((pools.workers(endpoint).find(({ id }) => id === worker)?.running ?? 0) > 0) return;
    await pools.stop(worker, "it asked to be replaced after a job").catch((error: unknown) => {
      context.log.warn(`worker ${worker} was not stopped: ${error instanceof Error ? error.message : String(error)}`);
    });
    leaving.delete(worker);
  };

  app.post("/:endpoint/job-stream/:worker/:job", async (c) => {
    const { worker } = workerOf(c);
    const body = await readObject(c, LARGEST_CHUNK);
    await queue.chunk(worker, c.req.param("job"), body.text("output") ?? "null");
    return answer("{}");
  });

  app.post("/:endpoint/job-call/:worker/:job", async (c) => {
    const { worker } = workerOf(c);
    const body = await readObject(c, LARGEST_CHUNK);
    const expression = body.value("expression");
    if (typeof expression !== "string") throw new Refusal(400, 'the body has no "expression"');
    const evaluated = await calls.evaluate(worker, c.req.param("job"), expression, hangUp(c));
    return answer(JSON.stringify(evaluated));
  });
}

function nothing(): Response {
  return new Response(null, { status: 204 });
}

function countOf(said: string | undefined): number {
  const count = Number(said);
  return Number.isInteger(count) && count >= 1 ? Math.min(count, MOST_AT_ONCE) : 1;
}

function waitOf(said: string | undefined): number {
  const ms = Number(said ?? TAKE_WAIT);
  return Number.isFinite(ms) ? Math.min(TAKE_WAIT, Math.max(0, ms)) : TAKE_WAIT;
}

/** Until it has hung up, or so long. */
function gone(signal: AbortSignal, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
