import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createServiceLauncher, localCapacity } from "../../executors/index.ts";
import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Queue } from "../queue/types.ts";
import type { LiveEndpoint } from "../types.ts";
import { EndpointPool, type PoolHost } from "./endpoint-pool.ts";
import { noWorker } from "./errors.ts";
import { followJobs } from "./job-events.ts";
import { openLaunchContext, type OpenLaunchContext } from "./launch-context.ts";
import { Ledger } from "./ledger.ts";
import { Looks } from "./looks.ts";
import { Room } from "./room.ts";
import { WorkerRows } from "./rows.ts";
import type { Pools, ShellCommand, WebTarget, WorkerCounts, WorkerView } from "./types.ts";
import { PRIVATE_VARIABLES } from "./variables.ts";
import { hashOfToken, type Worker, WORKER_LOGS } from "./worker.ts";

/** What pools are made with. */
export interface PoolsOptions {
  readonly project: Project;
  readonly queue: Queue;
  readonly address: { readonly url: string; readonly socket: string };
  readonly log: Log;
  /** What workers find around them. Default: what the project says. */
  readonly around?: OpenLaunchContext;
}

const NO_WORKERS: WorkerCounts = { idle: 0, running: 0, initializing: 0, ready: 0, throttled: 0, unhealthy: 0 };
/** So many workers that have ended are known by their ids. */
const REMEMBERED = 1000;
/** A shell is in any image; the better one is not. */
const SHELL = ["/bin/sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"];

/** Makes the pools of all endpoints; none has a worker yet. */
export function createPools(options: PoolsOptions): Pools {
  return new AllPools(options);
}

class AllPools implements Pools {
  readonly #pools = new Map<string, EndpointPool>();
  readonly #workers = new Map<string, { readonly worker: Worker; readonly pool: EndpointPool }>();
  readonly #byToken = new Map<string, Worker>();
  /** Those that have ended of late: what they ask for comes too late. */
  readonly #gone = new Set<string>();
  /** Endpoints that are not live any more. */
  readonly #removed = new Set<EndpointPool>();
  readonly #listeners = new Set<(worker: WorkerView) => void>();
  readonly #host: PoolHost;
  readonly #rows: WorkerRows;
  readonly #room: Room;
  readonly #looks: Looks;
  readonly #unfollow: () => void;
  /** Workers that an earlier server left open are closed. */
  readonly #cleared: Promise<void>;
  #isClosed = false;
  /** Told when a worker is gone, while all are to end. */
  #onGone = (): void => {};

  constructor({ project, queue, address, log, around }: PoolsOptions) {
    const { settings, store } = project;
    const { storeDir, maxLogSize } = settings;
    mkdirSync(join(storeDir, WORKER_LOGS), { recursive: true });
    this.#rows = new WorkerRows(store, storeDir, log);
    this.#cleared = this.#rows.clear(Date.now()).catch((error: unknown) => {
      log.warn(`workers of an earlier server could not be closed: ${String(error)}`);
    });
    const { context, engine } = around ?? openLaunchContext(project, address, log);
    const pools = (): Iterable<EndpointPool> => this.#pools.values();
    this.#looks = new Looks(pools, (now) => this.#looked(now));
    const look = (pool: EndpointPool): void => this.#looks.soon(pool);
    const ledger = new Ledger(localCapacity(settings, storeDir));
    this.#room = new Room({ ledger, gpus: settings.gpus, pools, look, log });
    this.#host = {
      queue,
      context,
      launcher: createServiceLauncher({ storeDir, engine, maxLogSize, log }),
      log,
      now: Date.now,
      look,
      arm: (at) => this.#looks.arm(at),
      record: (worker) => this.#rows.put(worker.row()),
      changed: (worker) => this.#changed(worker),
      idle: ({ grant }) => {
        if (grant.cpu > 0 || grant.memory > 0 || grant.gpus.length > 0) this.#room.freed();
      },
      gone: (worker) => {
        ledger.give(worker.grant);
        this.#forget(worker);
      },
    };
    this.#unfollow = followJobs(queue, {
      pool: (endpoint) => this.#pools.get(endpoint),
      worker: (id) => this.#workers.get(id),
    });
    queue.admit((_endpoint, id) => {
      const holder = this.#workers.get(id);
      // Others than ours may take too: those that somebody has started elsewhere.
      return holder === undefined ? !this.#isClosed && !this.#gone.has(id) : holder.pool.admits(holder.worker);
    });
  }

  configure(endpoints: readonly LiveEndpoint[]): void {
    const named = new Set(endpoints.map(({ name }) => name));
    for (const live of endpoints) {
      const pool = this.#pools.get(live.name);
      if (pool) {
        this.#removed.delete(pool);
        pool.configure(live);
        continue;
      }
      const made = new EndpointPool(this.#host, live);
      this.#pools.set(live.name, made);
      this.#host.look(made);
    }
    for (const [name, pool] of this.#pools) {
      if (named.has(name)) continue;
      this.#removed.add(pool);
      pool.close("the endpoint was removed");
      this.#host.look(pool);
    }
    // 40 ms that can pass before the first job comes.
    if (endpoints.length > 0 && !this.#isClosed) this.#host.launcher.warm();
  }

  async settled(endpoint: string, deployment: string): Promise<void> {
    const pool = this.#pools.get(endpoint);
    if (pool?.live.deployment === deployment) await pool.settled();
  }

  authenticate(token: string): { readonly worker: string; readonly endpoint: string } | undefined {
    const worker = this.#byToken.get(hashOfToken(token));
    return worker && { worker: worker.id, endpoint: worker.live.name };
  }

  seen(id: string): void {
    const holder = this.#workers.get(id);
    holder?.pool.seen(holder.worker);
  }

  counts(endpoint: string): WorkerCounts {
    return this.#pools.get(endpoint)?.counts() ?? NO_WORKERS;
  }

  reason(endpoint: string): string | null {
    return this.#pools.get(endpoint)?.reason() ?? null;
  }

  workers(endpoint?: string): readonly WorkerView[] {
    const pools = [...this.#pools.values()].filter(({ live }) => endpoint === undefined || live.name === endpoint);
    const alive = pools.flatMap((pool) => [...pool.workers.values()]);
    const ended = pools.flatMap((pool) => pool.ended).toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
    return [...alive.map((worker) => worker.view(worker.service?.memory() ?? null)), ...ended];
  }

  onChange(listener: (worker: WorkerView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(id: string, why: string): Promise<boolean> {
    const holder = this.#workers.get(id);
    if (!holder) return false;
    const { worker, pool } = holder;
    pool.kill(worker, why);
    await worker.service?.over;
    return true;
  }

  shell(id: string): ShellCommand | undefined {
    const entered = this.#workers.get(id)?.worker.service?.enter(SHELL);
    if (!entered) return undefined;
    const env = Object.entries(entered.env).filter(([name]) => !PRIVATE_VARIABLES.has(name));
    return { ...entered, env: Object.fromEntries(env) };
  }

  acquire(endpoint: string, signal: AbortSignal): Promise<WebTarget> {
    const pool = this.#pools.get(endpoint);
    return pool ? pool.acquire(signal) : Promise.reject(noWorker(endpoint, "it is not deployed"));
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const why = "the server ends";
    for (const pool of this.#pools.values()) pool.close(why);
    await this.#allGone(graceMs);
    for (const pool of this.#pools.values()) pool.killAll(why);
    await this.#allGone(null);
    this.#looks.close();
    this.#unfollow();
    await this.#cleared;
    await this.#rows.close();
    await this.#host.launcher.close();
  }

  /** Pools were looked at. */
  #looked(now: number): void {
    if (!this.#isClosed) this.#room.giveOut(now);
    for (const pool of this.#removed) {
      if (pool.workers.size > 0) continue;
      this.#removed.delete(pool);
      this.#pools.delete(pool.live.name);
    }
  }

  #changed(worker: Worker): void {
    this.#rows.put(worker.row());
    const pool = this.#pools.get(worker.live.name);
    if (pool && !worker.isGone && !this.#workers.has(worker.id)) {
      this.#workers.set(worker.id, { worker, pool });
      this.#byToken.set(hashOfToken(worker.token), worker);
    }
    if (this.#listeners.size === 0) return;
    const view = worker.view(null);
    for (const listener of this.#listeners) listener(view);
  }

  #forget(worker: Worker): void {
    this.#workers.delete(worker.id);
    this.#byToken.delete(hashOfToken(worker.token));
    this.#gone.add(worker.id);
    const [oldest = ""] = this.#gone;
    if (this.#gone.size > REMEMBERED) this.#gone.delete(oldest);
    this.#room.freed();
    this.#onGone();
  }

  /** Resolves when no worker is left, or after so long. */
  #allGone(patienceMs: number | null): Promise<void> {
    if (this.#workers.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const enough = patienceMs === null ? undefined : setTimeout(resolve, patienceMs);
      this.#onGone = () => {
        if (this.#workers.size > 0) return;
        clearTimeout(enough);
        resolve();
      };
    });
  }
}
