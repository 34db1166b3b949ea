import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hono } from "hono";
import type { Drivers } from "../../src/endpoints/calls/types.ts";
import type { Deployments, LiveEndpoint, Services, SubmittedRuns } from "../../src/endpoints/index.ts";
import { openKeys } from "../../src/endpoints/keys/index.ts";
import { createStatistics } from "../../src/endpoints/metrics/index.ts";
import type { Pools, WorkerView } from "../../src/endpoints/pool/types.ts";
import { openQueue } from "../../src/endpoints/queue/index.ts";
import { Fingerprints } from "../../src/files/index.ts";
import { linkKey } from "../../src/files/links/index.ts";
import type { Log } from "../../src/kernel/index.ts";
import { createApp } from "../../src/server/app.ts";
import type { ServerContext } from "../../src/server/context.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import type { DeploymentRow } from "../../src/store/serving.ts";
import { endpointOf } from "./serving.ts";

/** How a request is made. */
export interface Asking {
  readonly method?: string;
  /** The key; null for none. By default the token of the server's user. */
  readonly key?: string | null;
  readonly json?: unknown;
  readonly body?: string | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The routes of a server over a real store, queue and keys; workers and deployments are said by the test. */
export interface Managed {
  readonly app: Hono;
  readonly context: ServerContext;
  readonly services: Services;
  readonly store: Store;
  readonly storeDir: string;
  readonly token: string;
  readonly live: Map<string, LiveEndpoint>;
  readonly workers: WorkerView[];
  /** What was asked of parts that the test plays: `deploy app`, `stop w1`. */
  readonly done: string[];
  readonly warnings: string[];
  /** Why jobs wait. */
  reason: string | null;
  /** Milliseconds that the clock of the server is ahead. */
  ahead: number;
  /** A worker came, or changed: all who listen hear of it. */
  tell(worker: Partial<WorkerView> & { readonly id: string }): void;
  /** Brings an endpoint. */
  deploy(name: string, fields?: Partial<LiveEndpoint>): void;
  ask(path: string, asking?: Asking): Promise<Response>;
  close(): Promise<void>;
}

/** A worker, with what is usual. */
function workerOf(id: string): WorkerView {
  return {
    id,
    endpoint: "fold",
    deployment: "d1",
    version: 1,
    state: "starting",
    running: 0,
    jobs: 0,
    startedAt: 1_800_000_000_000,
    readyAt: null,
    endedAt: null,
    reason: null,
    exitCode: null,
    signal: null,
    memory: null,
    peakMemory: null,
    cpuMs: null,
    gpus: [],
    stdout: "/nowhere",
    stderr: "/nowhere",
  };
}

/** Opens such a server over a store in a folder. */
export async function manage(folder: string, settings: Partial<ServerContext> = {}): Promise<Managed> {
  const storeDir = join(folder, ".ligase");
  const store = await openStore(storeDir);
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message) => void warnings.push(message) };
  const queue = await openQueue({ store, storeDir, log });
  const now = (): number => Date.now() + managed.ahead;
  const keys = await openKeys({ store, storeDir, now });
  const listeners = new Set<(worker: WorkerView) => void>();
  const live = new Map<string, LiveEndpoint>();
  const workers: WorkerView[] = [];
  const done: string[] = [];

  const pools: Partial<Pools> = {
    counts: () => ({ idle: 1, running: 0, initializing: 0, ready: 1, throttled: 0, unhealthy: 0 }),
    reason: () => managed.reason,
    workers: (endpoint) => workers.filter((each) => endpoint === undefined || each.endpoint === endpoint),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop(worker, why) {
      done.push(`stop ${worker}: ${why}`);
      return workers.some(({ id, endedAt }) => id === worker && endedAt === null);
    },
    shell: (worker) => {
      const found = workers.some(({ id, endedAt }) => id === worker && endedAt === null);
      return found ? { command: ["sh"], env: { INSIDE: worker }, cwd: folder } : undefined;
    },
  };
  const rowOf = (id: string, by: string): DeploymentRow => ({
    id,
    app: "lab",
    version: 1,
    state: "live",
    manifest: JSON.stringify({ entry: "app.ts", codeHash: "c0de", endpoints: [{ name: "fold", env: { A: "b" } }] }),
    createdAt: 1,
    createdBy: by,
  });
  const deployments: Partial<Deployments> = {
    live: () => live,
    missing: async (hashes) => hashes.slice(1),
    async putCode(hash, content) {
      let bytes = 0;
      for await (const chunk of content) bytes += chunk.length;
      done.push(`code ${hash.slice(0, 4)}: ${bytes}`);
    },
    plan: async () => ({ app: "lab", live: null, changes: [], problems: [] }),
    async deploy(_manifest, by) {
      done.push(`deploy by ${by}`);
      const row = rowOf("dep1", by);
      await store.commitDeployment({ deployments: [row] });
      return row;
    },
    async activate(id, by) {
      done.push(`activate ${id} by ${by}`);
      return rowOf(id, by);
    },
    settle: async () => ({ endpoints: [{ endpoint: "fold", ready: true, reason: null }] }),
    stop: async (app) => void done.push(`stop ${app}`),
    start: async (app) => void done.push(`start ${app}`),
    remove: async (app) => void done.push(`remove ${app}`),
    async scale(endpoint, overrides) {
      const scaled = { ...endpointOf(endpoint), ...live.get(endpoint), ...overrides };
      live.set(endpoint, scaled);
      return scaled;
    },
  };
  const runs: Partial<SubmittedRuns> = {
    submit: async ({ entry }, by) => {
      done.push(`run ${entry} by ${by}`);
      return { id: "r1", task: "main", state: "pending", startedAt: null, endedAt: null };
    },
    get: async (id) =>
      id === "r1"
        ? { id, task: "main", state: "running", startedAt: 1, endedAt: null, jobs: { running: 1 } }
        : undefined,
    cancel: async (id) =>
      id === "r1" ? { id, task: "main", state: "cancelled", startedAt: 1, endedAt: 2 } : undefined,
    async *logs(id) {
      yield { from: id, stream: "stdout" as const, text: "begun" };
      yield { from: "j1", task: "align", stream: "stderr" as const, text: "done" };
    },
  };
  const services: Services = {
    queue,
    keys,
    // Each says what the routes ask for; a test that asks for more fails.
    pools: pools as Pools,
    deployments: deployments as Deployments,
    runs: runs as SubmittedRuns,
    drivers: {} as Drivers,
    statistics: createStatistics({ queue, pools: pools as Pools }),
    close: async () => {},
  };
  const fingerprints = new Fingerprints();
  const context: ServerContext = {
    storeDir,
    store,
    services,
    fingerprints,
    key: linkKey(storeDir),
    hosts: new Set(),
    now,
    startedAt: 1_800_000_000_000,
    url: "http://127.0.0.1:4747",
    log,
    ...settings,
  };
  const app = createApp(context);
  const token = readFileSync(join(storeDir, "server.token"), "utf8").trim();
  const managed: Managed = {
    app,
    context,
    services,
    store,
    storeDir,
    token,
    live,
    workers,
    done,
    warnings,
    reason: null,
    ahead: 0,
    tell(change) {
      const at = workers.findIndex(({ id }) => id === change.id);
      const worker = { ...(workers[at] ?? workerOf(change.id)), ...change };
      if (at === -1) workers.push(worker);
      else workers[at] = worker;
      for (const listener of listeners) listener(worker);
    },
    deploy(name, fields = {}) {
      const endpoint = endpointOf(name, { app: "lab", ...fields });
      live.set(name, endpoint);
      queue.configure(name, endpoint);
    },
    async ask(path, { method, key = token, json, body, headers } = {}) {
      const sent = json === undefined ? body : JSON.stringify(json);
      const init: RequestInit = {
        method: method ?? (sent === undefined ? "GET" : "POST"),
        headers: { host: "127.0.0.1:4747", ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
        ...(sent !== undefined && { body: sent }),
        // Streams are sent while they are read.
        ...(typeof sent === "object" && { duplex: "half" as const }),
      };
      // Without sockets, that is.
      return app.request(`http://127.0.0.1:4747${path}`, init, {});
    },
    async close() {
      await keys.close();
      await queue.close();
      await fingerprints.close();
      await store.close();
    },
  };
  managed.deploy("fold");
  return managed;
}
