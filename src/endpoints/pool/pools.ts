import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createServiceLauncher, localCapacity } from "../../executors/index.ts";
import { LigaseError, type Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Queue, QueueJob } from "../queue/types.ts";
import type { LiveEndpoint } from "../types.ts";
import { EndpointPool, type PoolHost } from "./endpoint-pool.ts";
import { openLaunchContext, type OpenLaunchContext } from "./launch-context.ts";
import { Ledger } from "./ledger.ts";
import { WorkerRows } from "./rows.ts";
import type { Pools, WorkerCounts, WorkerView } from "./types.ts";
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

/** After waiting so long for room, an endpoint is made room for, and nobody is let past it. Milliseconds. */
const PATIENCE_MS = 5000;
/** Between SIGTERM and SIGKILL of a worker that a person ends, in milliseconds. */
const GRACE_MS = 2000;
/** So many workers that have ended are known by their ids. */
const REMEMBERED = 1000;
const NO_WORKERS: WorkerCounts = { idle: 0, running: 0, initializing: 0, ready: 0, throttled: 0, unhealthy: 0 };
/** A shell is in any image; the better one is not. */
const SHELL = ["/bin/sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"];

/** Makes the pools of all endpoints; none has a worker yet. */
export function createPools(options: PoolsOptions): Pools {
  const { project, queue, log } = options;
  const { storeDir, maxLogSize } = project.settings;
  const pools = new Map<string, EndpointPool>();
  const workers = new Map<string, { readonly worker: Worker; readonly pool: EndpointPool }>();
  const tokens = new Map<string, Worker>();
  const byJob = new Map<string, string>();
  const listeners = new Set<(worker: WorkerView) => void>();
  const rows = new WorkerRows(project.store, storeDir, log);
  const ledger = new Ledger(localCapacity(project.settings, storeDir));
  const { context, engine } = options.around ?? openLaunchContext(project, options.address, log);
  const launcher = createServiceLauncher({ storeDir, engine, maxLogSize, log });
  /** Those that have ended of late: what they ask for comes too late. */
  const gone = new Set<string>();
  const dirty = new Set<EndpointPool>();
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;
  let gpus: "unknown" | "asked" | "known" = "unknown";
  /** Told when a worker is gone, while all are to end. */
  let onGone = (): void => {};
  let isClosed = false;
  mkdirSync(join(storeDir, WORKER_LOGS), { recursive: true });
  const cleared = rows.clear(Date.now()).catch((error: unknown) => {
    log.warn(`workers of an earlier server could not be closed: ${String(error)}`);
  });

  const host: PoolHost = {
    queue,
    launcher,
    context,
    log,
    now: Date.now,
    record: (worker) => rows.put(worker.row()),
    changed(worker) {
      rows.put(worker.row());
      if (!workers.has(worker.id) && !worker.isGone) {
        const pool = pools.get(worker.live.name);
        if (pool) workers.set(worker.id, { worker, pool });
        tokens.set(hashOfToken(worker.token), worker);
      }
      if (listeners.size === 0) return;
      const view = worker.view(null);
      for (const listener of listeners) listener(view);
    },
    idle({ grant }) {
      if (grant.cpu > 0 || grant.memory > 0 || grant.gpus.length > 0) lookAtWaiting();
    },
    gone(worker) {
      workers.delete(worker.id);
      gone.add(worker.id);
      if (gone.size > REMEMBERED) for (const id of gone) if (gone.delete(id)) break;
      tokens.delete(hashOfToken(worker.token));
      ledger.give(worker.grant);
      lookAtWaiting();
      onGone();
    },
    look(pool) {
      dirty.add(pool);
      immediate ??= setImmediate(lookAll);
    },
    arm(at) {
      if (at >= timerAt) return;
      clearTimeout(timer);
      timerAt = at;
      // Never early: a look that comes too soon finds nothing to do, and asks for another.
      timer = setTimeout(wake, Math.min(Math.max(0, at - Date.now()) + 1, 2 ** 31 - 1)).unref();
    },
  };

  function lookAtWaiting(): void {
    for (const pool of pools.values()) if (pool.waitingSince !== null) host.look(pool);
  }

  /** The one timer of all: something is due. */
  function wake(): void {
    timerAt = Infinity;
    const now = Date.now();
    for (const pool of pools.values()) if ((pool.lookAt ?? Infinity) <= now) dirty.add(pool);
    lookAll();
  }

  function lookAll(): void {
    clearImmediate(immediate);
    immediate = undefined;
    const now = Date.now();
    const looked = [...dirty];
    dirty.clear();
    for (const pool of looked) pool.look(now);
    if (!isClosed) startWanted(now);
    for (const [name, pool] of pools) {
      if (pool.lookAt !== null) host.arm(pool.lookAt);
      if (removed.has(pool) && pool.workers.size === 0) pools.delete(name);
    }
  }

  const removed = new WeakSet<EndpointPool>();

  /** Gives room to those that want workers: who has waited longest first, one each in turn. */
  function startWanted(now: number): void {
    const wanting = [...pools.values()].filter(({ startable }) => startable > 0);
    if (wanting.length === 0) return;
    wanting.sort((a, b) => (a.waitingSince ?? now) - (b.waitingSince ?? now) || a.startedAt - b.startedAt);
    const blocked = new Set<EndpointPool>();
    let isReserved = false;
    for (let goesOn = true; goesOn;) {
      goesOn = false;
      for (const pool of wanting) {
        const { resources } = pool.live;
        if (pool.startable === 0 || blocked.has(pool)) continue;
        const needsRoom = resources.cpu > 0 || resources.memory > 0 || resources.gpu > 0;
        const grant = needsRoom && (isReserved || !gpusKnown(resources.gpu)) ? undefined : ledger.take(resources);
        if (grant) {
          pool.startable--;
          pool.missing--;
          pool.start(grant, now);
          goesOn = true;
          continue;
        }
        blocked.add(pool);
        if (gpus === "asked" && resources.gpu > 0) continue;
        const never = ledger.never(resources);
        if (never !== null) {
          pool.impossible(`no capacity: ${never}`, now);
          continue;
        }
        pool.blocked(`no capacity: ${ledger.lacks(resources)}`, now);
        const isLong = now - (pool.waitingSince ?? now) >= PATIENCE_MS;
        if (!makeRoom(pool, isLong)) pool.waits();
        if (isLong) isReserved = true;
        else pool.lookBy((pool.waitingSince ?? now) + PATIENCE_MS);
      }
    }
  }

  /** Are the GPUs of this machine known, for one that asks for any? Finding them out starts a process. */
  function gpusKnown(wanted: number): boolean {
    if (wanted === 0 || gpus === "known") return true;
    if (gpus === "unknown") {
      gpus = "asked";
      void import("../../images/gpu/index.ts")
        .then(({ findGpus }) => findGpus())
        .catch((error: unknown) => {
          log.warn(`GPUs could not be found out: ${error instanceof Error ? error.message : String(error)}`);
          return [];
        })
        .then((found) => {
          ledger.setGpus(project.settings.gpus === undefined ? found : found.slice(0, project.settings.gpus));
          gpus = "known";
          for (const pool of pools.values()) host.look(pool);
        });
    }
    return false;
  }

  /** Ends workers that others need the room of. Tells whether that, or what ends already, makes enough. */
  function makeRoom(pool: EndpointPool, isLong: boolean): boolean {
    const demand = pool.live.resources;
    const all = [...workers.values()];
    const leaving = all.filter(({ worker }) => !worker.isOpen).map(({ worker }) => worker.grant);
    if (ledger.fits(demand, leaving)) return true;
    const left = new Map([...pools.values()].map((each) => [each, spare(each)]));
    const chosen: (typeof all)[number][] = [];
    const choose = (candidates: typeof all): boolean => {
      for (const candidate of candidates) {
        const spared = left.get(candidate.pool) ?? 0;
        const isOwn = candidate.pool === pool;
        if ((!isOwn && spared <= 0) || !ledger.helps(candidate.worker.grant, demand)) continue;
        left.set(candidate.pool, spared - 1);
        chosen.push(candidate);
        if (ledger.fits(demand, [...leaving, ...chosen.map(({ worker }) => worker.grant)])) {
          for (const each of chosen) each.pool.retire(each.worker, `made room for ${pool.live.name}`);
          return true;
        }
      }
      return false;
    };
    const mayEnd = all
      .filter(({ worker, pool: its }) => worker.state === "ready" && (its !== pool || its.isOld(worker)))
      .sort((a, b) => a.worker.idleSince - b.worker.idleSince);
    if (choose(mayEnd.filter(({ worker }) => worker.running === 0))) return true;
    // Its own earlier version gives way; others do once it has waited, and has none itself: they finish what they have.
    const hasNone = ![...pool.workers.values()].some((worker) => worker.isOpen && !pool.isOld(worker));
    const busy = mayEnd.filter(({ worker }) => worker.running > 0);
    if (!hasNone) return false;
    return (
      choose(busy.filter(({ pool: its }) => its === pool)) ||
      (isLong && choose(busy.filter((each) => each.pool !== pool)))
    );
  }

  /** How many workers an endpoint could do without. */
  function spare(pool: EndpointPool): number {
    const open = [...pool.workers.values()].filter(({ isOpen }) => isOpen);
    return open.length - Math.min(pool.live.minWorkers, pool.live.maxWorkers);
  }

  const holderOf = (id: string): { readonly worker: Worker; readonly pool: EndpointPool } | undefined =>
    workers.get(id);

  const left = (job: QueueJob, isFinished: boolean): void => {
    const id = byJob.get(job.id);
    if (id === undefined) return;
    byJob.delete(job.id);
    const holder = holderOf(id);
    holder?.pool.left(job, holder.worker, isFinished);
  };

  const unlisten = queue.listen({
    added: (job) => pools.get(job.endpoint)?.added(),
    taken(job, id) {
      const holder = holderOf(id);
      if (!holder) return;
      byJob.set(job.id, id);
      holder.pool.taken(job, holder.worker);
    },
    ended: (job) => left(job, job.state === "COMPLETED" || job.state === "FAILED"),
    returned(job, why) {
      const holder = holderOf(byJob.get(job.id) ?? "");
      left(job, false);
      // It was taken from one that lives: the queue has not heard of that for too long.
      if (holder?.worker.isOpen) holder.pool.hung(holder.worker, why);
      pools.get(job.endpoint)?.added();
    },
    stop(job, id) {
      const holder = holderOf(id);
      byJob.delete(job.id);
      holder?.pool.stop(job, holder.worker);
    },
    freed(id, worker) {
      byJob.delete(id);
      const holder = holderOf(worker);
      holder?.pool.freed(id, holder.worker);
    },
  });
  queue.admit((_endpoint, id) => {
    const holder = holderOf(id);
    // Others than ours may take too: those that somebody has started elsewhere.
    return holder === undefined ? !isClosed && !gone.has(id) : holder.pool.admits(holder.worker);
  });

  return {
    configure(endpoints) {
      const named = new Set(endpoints.map(({ name }) => name));
      for (const live of endpoints) configure(live);
      for (const [name, pool] of pools) {
        if (named.has(name)) continue;
        removed.add(pool);
        pool.close("the endpoint was removed");
        host.look(pool);
      }
      // 40 ms that can pass before the first job comes.
      if (endpoints.length > 0 && !isClosed) launcher.warm();
    },
    async settled(endpoint, deployment) {
      const pool = pools.get(endpoint);
      if (pool?.live.deployment === deployment) await pool.settled();
    },
    authenticate(token) {
      const worker = tokens.get(hashOfToken(token));
      return worker && { worker: worker.id, endpoint: worker.live.name };
    },
    seen(id) {
      const holder = holderOf(id);
      holder?.pool.seen(holder.worker);
    },
    counts: (endpoint) => pools.get(endpoint)?.counts() ?? NO_WORKERS,
    reason: (endpoint) => pools.get(endpoint)?.reason() ?? null,
    workers(endpoint) {
      const chosen = [...pools.values()].filter(({ live }) => endpoint === undefined || live.name === endpoint);
      const alive = chosen.flatMap((pool) => [...pool.workers.values()]);
      const ended = chosen.flatMap((pool) => pool.ended).toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
      return [...alive.map((worker) => worker.view(worker.service?.memory() ?? null)), ...ended];
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop(id, why) {
      const holder = holderOf(id);
      if (!holder) return false;
      const { worker, pool } = holder;
      pool.kill(worker, why, GRACE_MS);
      await worker.service?.over;
      return true;
    },
    shell(id) {
      const entered = holderOf(id)?.worker.service?.enter(SHELL);
      if (!entered) return undefined;
      const env = Object.entries(entered.env).filter(([name]) => !PRIVATE_VARIABLES.has(name));
      return { ...entered, env: Object.fromEntries(env) };
    },
    acquire(endpoint, signal) {
      const pool = pools.get(endpoint);
      if (pool) return pool.acquire(signal);
      return Promise.reject(
        new LigaseError("LIGASE_E_NO_WORKER", `there is no web app ${endpoint}`, { facts: { endpoint } }),
      );
    },
    async close(graceMs) {
      isClosed = true;
      const why = "the server ends";
      for (const pool of pools.values()) pool.close(why);
      if (workers.size > 0) await allGone(graceMs);
      for (const pool of pools.values()) pool.killAll(why);
      if (workers.size > 0) await allGone(null);
      clearTimeout(timer);
      clearImmediate(immediate);
      unlisten();
      await cleared;
      await rows.flush();
      await launcher.close();
    },
  };

  function configure(live: LiveEndpoint): void {
    const pool = pools.get(live.name);
    if (pool) {
      removed.delete(pool);
      return pool.configure(live);
    }
    const made = new EndpointPool(host, live);
    pools.set(live.name, made);
    host.look(made);
  }

  /** Resolves when no worker is left, or after so long. */
  function allGone(patienceMs: number | null): Promise<void> {
    return new Promise((resolve) => {
      const enough = patienceMs === null ? undefined : setTimeout(resolve, patienceMs);
      onGone = () => {
        if (workers.size > 0) return;
        clearTimeout(enough);
        resolve();
      };
    });
  }
}
