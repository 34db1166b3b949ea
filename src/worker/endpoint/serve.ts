import { Worker } from "node:worker_threads";
import { setTimeout as wait } from "node:timers/promises";
import { jobContext } from "../../apps/index.ts";
import { type Answer, Client, ServerGone } from "./client.ts";
import type { Answering } from "./handler.ts";
import { type Job, type JobEnd, RunningJob, type Surroundings } from "./job.ts";
import type { PingSettings } from "./ping.ts";
import type { EndpointWorkerSettings } from "./protocol.ts";
import { Running } from "./running.ts";

/** How long the server may keep a worker waiting for a job: milliseconds. RunPod's workers hang up after 90 s. */
const WAIT_MS = 75_000;
const PROGRAM = new URL(`ping${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** The server does not know this worker any more. */
class Dismissed extends Error {}

/**
 * Takes jobs and answers them, as many at once as the worker may have, until the process ends. A busy worker asks once a
 * job: with the answer to one comes the next.
 */
export class JobServer {
  readonly #settings: EndpointWorkerSettings;
  readonly #around: Surroundings;
  readonly #running: Running;
  readonly #memory: SharedArrayBuffer;
  readonly #jobs = new Map<string, RunningJob>();
  /** Does one of the takers wait for a job? Others wait for their turn: jobs go to workers that have fewer. */
  #isWaiting = false;
  readonly #parked: (() => void)[] = [];

  constructor(settings: EndpointWorkerSettings, answering: Answering, codec: Surroundings["codec"]) {
    this.#settings = settings;
    const { socket, token, endpoint, worker, concurrency } = settings;
    const base = `/v2/${encodeURIComponent(endpoint)}`;
    this.#around = { client: new Client(socket, token), base, worker: encodeURIComponent(worker), answering, codec };
    this.#memory = Running.memory(concurrency);
    this.#running = new Running(this.#memory);
  }

  /** Begins. Rejects when the server is gone, or wants no more of this worker. */
  async serve(): Promise<never> {
    process.on("uncaughtException", (error) => void this.#crash(error));
    const takers = Array.from({ length: this.#settings.concurrency }, (_, place) => this.#taker(place));
    this.#startPings();
    return Promise.race([...takers, this.#stops()]);
  }

  async #taker(place: number): Promise<never> {
    let job = await this.#take();
    for (;;) job = await (job === undefined ? this.#take() : this.#answer(job, place));
  }

  async #take(): Promise<Job | undefined> {
    while (this.#isWaiting) await new Promise<void>((resolve) => this.#parked.push(resolve));
    const { base, worker } = this.#around;
    const path = `${base}/job-take/${worker}?gpu=cpu&job_in_progress=${this.#jobs.size > 0 ? 1 : 0}`;
    return jobIn(await this.#inTurn((wait) => this.#ask("GET", `${path}&wait=${wait}`)));
  }

  /** Asks for a job, and waits for one unless another taker does. */
  async #inTurn(ask: (waitMs: number) => Promise<Answer>): Promise<Answer> {
    if (this.#isWaiting) return ask(0);
    this.#isWaiting = true;
    try {
      return await ask(WAIT_MS);
    } finally {
      this.#isWaiting = false;
      this.#parked.shift()?.();
    }
  }

  /** Runs a job, and answers the next one. */
  async #answer(job: Job, place: number): Promise<Job | undefined> {
    const running = new RunningJob(job, this.#around);
    this.#jobs.set(job.id, running);
    this.#running.begin(place, job.id);
    const end = await running.run();
    this.#running.end(place);
    this.#jobs.delete(job.id);
    let answer = await this.#done(job.id, end);
    if (answer.status >= 400 && answer.status !== 404) {
      // Too large, say. The job must not wait for its time to be over.
      const why = new Error(`the server did not take the result: ${reasonOf(answer)}`);
      why.stack = `${why.name}: ${why.message}`;
      answer = await this.#done(job.id, { ...end, body: await running.failure(why) });
    }
    return jobIn(answer);
  }

  #done(job: string, { body, isStream }: JobEnd): Promise<Answer> {
    const { base, worker } = this.#around;
    const path = `${base}/job-done/${worker}/${job}?gpu=cpu&isStream=${isStream}&take=1`;
    return this.#inTurn((wait) => this.#ask("POST", `${path}&wait=${wait}`, body));
  }

  /** Asks until there is an answer that says something: a server that is busy or closing says to come again. */
  async #ask(method: "GET" | "POST", path: string, body?: string): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#around.client.request(method, path, body);
      if (answer.status === 401 || answer.status === 403 || answer.status === 410)
        throw new Dismissed(reasonOf(answer));
      if (answer.status < 500 && answer.status !== 429) return answer;
      await wait(answer.retryAfter === null ? Math.min(5000, 50 * 2 ** tries) : answer.retryAfter * 1000);
    }
  }

  /** Hears which jobs are to end. */
  async #stops(): Promise<never> {
    const { base, worker } = this.#around;
    for (;;) {
      const answer = await this.#ask("GET", `${base}/job-stop/${worker}?gpu=cpu&wait=${WAIT_MS}`);
      if (answer.status === 404) return new Promise(() => {});
      if (answer.status !== 200) continue;
      const { jobsToStop } = JSON.parse(answer.body) as { readonly jobsToStop: readonly string[] };
      for (const id of jobsToStop) this.#jobs.get(id)?.stop();
    }
  }

  #startPings(): void {
    const { socket, token, pingMs } = this.#settings;
    const { base, worker } = this.#around;
    const workerData: PingSettings = {
      socket,
      token,
      path: `${base}/ping/${worker}`,
      everyMs: pingMs,
      memory: this.#memory,
    };
    new Worker(PROGRAM, { workerData, env: {}, execArgv: [], stdin: false }).on("error", () => {}).unref();
  }

  /** What nobody caught ends the process, as it does anywhere; the job that it came from hears of it. */
  async #crash(thrown: unknown): Promise<void> {
    console.error(thrown);
    const known = jobContext()?.job;
    const [only] = this.#jobs.size === 1 ? this.#jobs.keys() : [];
    const id = known ?? only;
    const job = id === undefined ? undefined : this.#jobs.get(id);
    if (id !== undefined && job) {
      const { client, base, worker } = this.#around;
      const path = `${base}/job-done/${worker}/${id}?gpu=cpu&isStream=false`;
      await Promise.allSettled([client.request("POST", path, await job.failure(thrown))]);
    }
    process.exit(1);
  }
}

/** Why a worker ended that did nothing wrong; undefined for what is a defect. */
export function endOf(error: unknown): string | undefined {
  if (error instanceof ServerGone) return `the server is gone: ${error.message}`;
  return error instanceof Dismissed ? `the server does not want this worker: ${error.message}` : undefined;
}

function jobIn({ status, body }: Answer): Job | undefined {
  if (status !== 200 || body === "") return undefined;
  const answer = JSON.parse(body) as Job | readonly Job[] | Record<string, never>;
  if (Array.isArray(answer)) return answer[0] as Job | undefined;
  return "id" in answer ? (answer as Job) : undefined;
}

function reasonOf({ status, body }: Answer): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown };
    return typeof error === "string" ? error : `${status}`;
  } catch {
    return `${status}`;
  }
}
