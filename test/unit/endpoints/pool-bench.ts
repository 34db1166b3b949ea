import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../../src/config/index.ts";
import { createPools, type OpenLaunchContext, type PoolsOptions } from "../../../src/endpoints/pool/index.ts";
import type { Pools, WorkerView } from "../../../src/endpoints/pool/types.ts";
import { openQueue } from "../../../src/endpoints/queue/index.ts";
import type { Queue, QueueJob } from "../../../src/endpoints/queue/types.ts";
import type { LiveEndpoint } from "../../../src/endpoints/types.ts";
import type { Log } from "../../../src/kernel/index.ts";
import { openProject, type Project } from "../../../src/project/index.ts";
import { LIVE } from "../../support/live-endpoint.ts";

/** Pools with a real queue and real processes, and so much of the server as workers need. */
export interface PoolBench {
  readonly project: Project;
  readonly pools: Pools;
  readonly queue: Queue;
  readonly codeDir: string;
  /** What the log was told. */
  readonly said: string[];
  /** Makes endpoints live, and the queue know of them. */
  live(...endpoints: (Partial<LiveEndpoint> & { readonly name: string })[]): void;
  submit(endpoint: string, input: unknown, policy?: { executionTimeout?: number }): Promise<QueueJob>;
  /** The job once it has ended, with its output. */
  end(id: string): Promise<QueueJob & { readonly value: Record<string, unknown> | null }>;
  /** Hands a job in and waits for its end. */
  run(endpoint: string, input?: unknown): ReturnType<PoolBench["end"]>;
  /** Resolves once a worker is as is asked for: at once, or when that is heard of. */
  worker(fits: (worker: WorkerView) => boolean): Promise<WorkerView>;
  /** Ends all as `kill -9` of the server would, but for the processes. */
  close(graceMs?: number): Promise<void>;
}

type PoolAddress = PoolsOptions["address"];

/** A worker that speaks RunPod's protocol, started as a command. */
export const WORKER = ["node", "pool-worker.mjs"];

export async function openPoolBench(
  options: {
    readonly settings?: Config;
    readonly leaseMs?: number;
    /** The project's folder. Default: a new one, which goes with the bench. */
    readonly at?: string;
    /** What answers workers. Default: the few calls that ours in tests make. */
    readonly serve?: (queue: Queue, pools: () => Pools | undefined, project: Project) => Server;
    readonly around?: (project: Project, address: PoolAddress, log: Log) => OpenLaunchContext;
  } = {},
): Promise<PoolBench> {
  const root = options.at ?? mkdtempSync(join(tmpdir(), "lg-pool-"));
  const codeDir = join(root, "code");
  mkdirSync(codeDir, { recursive: true });
  mkdirSync(join(root, ".ligase"), { recursive: true });
  copyFileSync(fileURLToPath(new URL("pool-worker.mjs", import.meta.url)), join(codeDir, "pool-worker.mjs"));
  const project = await openProject(root, options.settings);
  const said: string[] = [];
  const hear = (message: string): void => void said.push(message);
  const log: Log = { debug() {}, info: hear, warn: hear };
  const { store } = project;
  const { storeDir } = project.settings;
  const queue = await openQueue({
    store,
    storeDir,
    log,
    ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
  });
  const { serve = workerRoutes, around } = options;
  const late: { pools?: Pools } = {};
  const servers = [0, 1].map(() => serve(queue, () => late.pools, project));
  const socketDir = mkdtempSync("/tmp/lg-sock-");
  const address = { url: await listen(servers[0]), socket: join(socketDir, "socket") };
  await new Promise<void>((resolve) => servers[1]?.listen(address.socket, resolve));
  const pools = createPools({ project, queue, address, log, ...(around && { around: around(project, address, log) }) });
  late.pools = pools;

  const bench: PoolBench = {
    project,
    pools,
    queue,
    codeDir,
    said,
    live(...endpoints) {
      const all = endpoints.map((each): LiveEndpoint => {
        const program = { kind: "command", command: WORKER } as const;
        return { ...LIVE, idleTimeout: 60_000, program, codeDir, ...each };
      });
      for (const each of all) queue.configure(each.name, each);
      pools.configure(all);
    },
    submit: (endpoint, input, policy) =>
      queue.submit({ endpoint, sync: false, input: JSON.stringify(input), ...(policy && { policy }) }),
    async end(id) {
      const job = await queue.wait(id, 60_000);
      if (!job) throw new Error(`there is no job ${id}`);
      const output = await queue.outputOf(job);
      return { ...job, value: output === null ? null : (JSON.parse(output) as Record<string, unknown>) };
    },
    async run(endpoint, input = {}) {
      return bench.end((await bench.submit(endpoint, input)).id);
    },
    worker(fits) {
      return new Promise((resolve) => {
        const found = pools.workers().find(fits);
        if (found) return resolve(found);
        const deaf = pools.onChange((worker) => {
          if (!fits(worker)) return;
          deaf();
          resolve(worker);
        });
      });
    },
    async close(graceMs = 0) {
      await pools.close(graceMs);
      await queue.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(socketDir, { recursive: true, force: true });
      await project.close();
      if (options.at === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
  return bench;
}

/** `job-take`, `job-done`, `job-stop` and `ping`, as workers of RunPod call them. */
function workerRoutes(queue: Queue, poolsOf: () => Pools | undefined): Server {
  return createServer((request, response) => {
    void (async () => {
      const [, , endpoint = "", what = "", worker = "", id = ""] = (request.url ?? "").split("?")[0]?.split("/") ?? [];
      const pools = poolsOf();
      const known = pools?.authenticate(request.headers.authorization ?? "");
      const answer = (status: number, body?: unknown): void => {
        response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
      };
      if (known?.worker !== worker || known.endpoint !== endpoint) return answer(401);
      const gone = new AbortController();
      response.on("close", () => gone.abort());
      if (what === "job-take") {
        pools?.seen(worker);
        const [job] = await queue.take(endpoint, worker, { max: 1, waitMs: 60_000, signal: gone.signal });
        return job ? answer(200, { id: job.id, input: JSON.parse(job.input) as unknown }) : answer(204);
      }
      if (what === "job-stop") {
        const jobs = await queue.jobsToStop(worker, 60_000, gone.signal);
        return jobs.length > 0 ? answer(200, { jobsToStop: jobs }) : answer(204);
      }
      if (what === "ping") {
        queue.heartbeat(worker, []);
        return answer(200, {});
      }
      const body = JSON.parse(await textOf(request)) as { output?: unknown };
      await queue.done(worker, id, { state: "COMPLETED", output: JSON.stringify(body.output) });
      return answer(200, {});
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}

function listen(server: Server | undefined): Promise<string> {
  return new Promise((resolve) => {
    server?.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
}
