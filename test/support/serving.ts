import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Drivers } from "../../src/endpoints/calls/types.ts";
import type { Caller, Deployments, Keys, LiveEndpoint, Services, SubmittedRuns } from "../../src/endpoints/index.ts";
import { createStatistics } from "../../src/endpoints/metrics/index.ts";
import type { Pools } from "../../src/endpoints/pool/types.ts";
import { openQueue } from "../../src/endpoints/queue/index.ts";
import type { Queue } from "../../src/endpoints/queue/types.ts";
import { startWebhooks, type WebhooksOptions } from "../../src/endpoints/webhooks/index.ts";
import { Fingerprints } from "../../src/files/index.ts";
import { linkKey } from "../../src/files/links/index.ts";
import type { Log } from "../../src/kernel/index.ts";
import type { Verb } from "../../src/remote/index.ts";
import { createApp } from "../../src/server/app.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { LIVE } from "./live-endpoint.ts";

/** What a served store is like. */
export interface ServingOptions {
  /** Fields of endpoints that differ from what is usual, by name. */
  readonly endpoints?: Readonly<Record<string, Partial<LiveEndpoint>>>;
  readonly webhooks?: Partial<WebhooksOptions>;
  readonly largestOutput?: number;
  /** Of a server that was there before. */
  readonly storeDir?: string;
}

/** What `/v2` answers: the fields that tests ask for by name. */
export interface Said {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly status: string;
}

/** A key that may do everything. */
export const KEY = "key-of-all";

/** What a worker is told and answers, by hand. */
export interface HandWorker {
  readonly id: string;
  readonly token: string;
  /** Asks below `/v2/{endpoint}`. */
  ask(path: string, body?: string | Buffer, signal?: AbortSignal): Promise<Response>;
  /** Takes a job; waits for one. */
  take(): Promise<{ readonly id: string; readonly input: unknown } & Readonly<Record<string, unknown>>>;
  done(job: string, said: unknown, query?: string): Promise<Response>;
}

/** The routes, the queue and a store of the server, over HTTP; workers, keys and deployments are said by the test. */
export interface Serving {
  readonly url: string;
  readonly storeDir: string;
  readonly store: Store;
  readonly queue: Queue;
  /** What the server warned of. */
  readonly warnings: string[];
  /** The paths of requests that were answered. */
  readonly requests: string[];
  /** Why jobs wait. */
  reason: string | null;
  /** Who was stopped, and why. */
  readonly stopped: { readonly worker: string; readonly why: string }[];
  /** What drivers answer. */
  evaluate: Drivers["evaluate"];
  /** Asks below `/v2`, with the key of all. */
  ask(path: string, init?: RequestInit & { readonly json?: unknown; readonly key?: string | null }): Promise<Response>;
  /** The same, as JSON; fails when it is not good. */
  json(path: string, json?: unknown, headers?: Readonly<Record<string, string>>): Promise<Said>;
  worker(endpoint: string): HandWorker;
  key(name: string, caller: { readonly verbs: readonly Verb[]; readonly endpoints?: readonly string[] }): void;
  change(endpoint: string, fields: Partial<LiveEndpoint>): void;
  close(): Promise<void>;
}

/** An endpoint, with what is usual. */
export function endpointOf(name: string, fields: Partial<LiveEndpoint> = {}): LiveEndpoint {
  return { ...LIVE, name, program: { kind: "command", command: ["true"] }, parameters: null, maxWorkers: 3, ...fields };
}

/** Serves a store in a folder. */
export async function serveStore(folder: string, options: ServingOptions = {}): Promise<Serving> {
  const storeDir = options.storeDir ?? join(folder, ".ligase");
  const store = await openStore(storeDir);
  const warnings: string[] = [];
  const requests: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message) => void warnings.push(message) };
  const queue = await openQueue({ store, storeDir, log });
  const live = new Map<string, LiveEndpoint>();
  const change = (name: string, fields: Partial<LiveEndpoint>): void => {
    const endpoint = { ...(live.get(name) ?? endpointOf(name)), ...fields };
    live.set(name, endpoint);
    queue.configure(name, endpoint);
  };
  for (const [name, fields] of Object.entries(options.endpoints ?? { echo: {} })) change(name, fields);

  const tokens = new Map<string, { readonly worker: string; readonly endpoint: string }>();
  const callers = new Map<string, Caller>();
  const key: Serving["key"] = (secret, { verbs, endpoints }) => {
    callers.set(secret, {
      kind: "key",
      name: secret,
      id: secret,
      verbs: new Set(verbs),
      endpoints: endpoints ? new Set(endpoints) : null,
    });
  };
  key(KEY, { verbs: ["read", "submit", "deploy", "admin"] });

  const unused = (): never => {
    throw new Error("this test says nothing of it");
  };
  const pools: Pools = {
    configure() {},
    settled: async () => {},
    authenticate: (token) => tokens.get(token),
    seen() {},
    counts: () => ({ idle: 0, running: 0, initializing: 0, ready: 0, throttled: 0, unhealthy: 0 }),
    reason: () => serving.reason,
    workers: () => [],
    async stop(worker, why) {
      serving.stopped.push({ worker, why });
      await queue.lost(worker, why);
      return true;
    },
    shell: () => undefined,
    acquire: unused,
    onChange: () => () => {},
    close: async () => {},
  };
  const deployments = { live: () => live } as Partial<Deployments> as Deployments;
  const keys: Keys = {
    create: unused,
    list: async () => [],
    revoke: async () => false,
    check: (secret) => callers.get(secret),
    close: async () => {},
  };
  const drivers: Drivers = {
    evaluate: (...args) => serving.evaluate(...args),
    reduce: (...args) => serving.evaluate(...args),
    has: () => false,
    ended: async () => null,
    close: async () => {},
  };
  const services: Services = {
    queue,
    pools,
    deployments,
    drivers,
    keys,
    statistics: createStatistics({ queue, pools }),
    runs: {} as SubmittedRuns,
    close: async () => {},
  };
  const webhooks = startWebhooks({ store, storeDir, queue, log, ...options.webhooks });
  const fingerprints = new Fingerprints();

  const app = createApp({
    storeDir,
    store,
    services,
    fingerprints,
    key: linkKey(storeDir),
    hosts: new Set(),
    now: Date.now,
    startedAt: Date.now(),
    url: "http://ligase.test",
    log,
    webhooks: options.webhooks?.reach,
    largestOutput: options.largestOutput,
    onRequest: ({ path }) => void requests.push(path),
  });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  const serving: Serving = {
    url,
    storeDir,
    store,
    queue,
    warnings,
    requests,
    reason: null,
    stopped: [],
    evaluate: unused,
    ask(path, { json, key: as = KEY, headers, ...init } = {}) {
      return fetch(`${url}/v2/${path}`, {
        ...(json !== undefined && { method: "POST", body: JSON.stringify(json) }),
        ...init,
        headers: { ...(as !== null && { Authorization: `Bearer ${as}` }), ...(headers as Record<string, string>) },
      });
    },
    async json(path, json, headers) {
      const answer = await serving.ask(path, { ...(json !== undefined && { json }), ...(headers && { headers }) });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as Said;
    },
    worker(endpoint) {
      const id = `w-${randomUUID()}`;
      const token = `token-${id}`;
      tokens.set(token, { worker: id, endpoint });
      const ask: HandWorker["ask"] = (path, body, signal) =>
        fetch(`${url}/v2/${endpoint}/${path}`, {
          headers: { Authorization: token },
          ...(signal && { signal }),
          ...(body !== undefined && {
            method: "POST",
            body: typeof body === "string" ? body : new Uint8Array(body),
          }),
        });
      return {
        id,
        token,
        ask,
        async take() {
          const answer = await ask(`job-take/${id}?gpu=cpu&job_in_progress=0`);
          if (answer.status !== 200) throw new Error(`job-take: ${answer.status} ${await answer.text()}`);
          return (await answer.json()) as Awaited<ReturnType<HandWorker["take"]>>;
        },
        done: (job, said, query = "isStream=false") =>
          ask(`job-done/${id}/${job}?gpu=cpu&${query}`, typeof said === "string" ? said : JSON.stringify(said)),
      };
    },
    key,
    change,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await webhooks.close();
      await queue.close();
      await fingerprints.close();
      await store.close();
    },
  };
  return serving;
}
