import type { ServiceExit } from "../../executors/index.ts";
import type { Log } from "../../kernel/index.ts";
import type { Queue, QueueJob } from "../queue/types.ts";
import { scale } from "../scaler/index.ts";
import type { LiveEndpoint } from "../types.ts";
import { HOPELESS, StartBackOff } from "./back-off.ts";
import { conclude } from "./ending.ts";
import { doesNotStart, noWorker } from "./errors.ts";
import type { Grant } from "./ledger.ts";
import { spanOf } from "./reasons.ts";
import { Settlers } from "./settlers.ts";
import { countsOf, reasonOf, type Standing } from "./standing.ts";
import { type StartOptions, startWorker } from "./start.ts";
import type { WebTarget, WorkerCounts, WorkerView } from "./types.ts";
import { versionOf } from "./version.ts";
import { WebRequests } from "./web-requests.ts";
import { Worker } from "./worker.ts";

/** What the pools of all endpoints have in common. */
export interface PoolHost extends StartOptions {
  readonly queue: Queue;
  readonly log: Log;
  /** A worker is in another state. */
  changed(worker: Worker): void;
  /** More is known of a worker. */
  record(worker: Worker): void;
  /** A worker has nothing to do: others may need its room. */
  idle(worker: Worker): void;
  /** A worker has ended: what it held is free. */
  gone(worker: Worker): void;
  /** The pool is to be looked at, at the end of this turn of the event loop. */
  look(pool: EndpointPool): void;
  /** The pool is to be looked at by then. */
  arm(at: number): void;
}

/** Between SIGTERM and SIGKILL, for a worker that is not needed any more, in milliseconds. */
export const GRACE_MS = 2000;
/** How long a worker may hold on to a job that was cancelled, or whose time is over. */
const LET_GO_MS = 500;
/** RunPod's own looks for its next job once a second, and lets us know only then. */
const FOREIGN_LET_GO_MS = 900;
/** So many workers that have ended are shown. */
const SHOWN = 20;

/**
 * The workers of one endpoint. What they need of the machine is given to it: see `Room`.
 *
 * All that changes them stands here, for each change may call for another. What only reads them, or counts, has a file of its
 * own: `standing.ts`, `ending.ts`, `web-requests.ts`, `settlers.ts`, `back-off.ts`.
 */
export class EndpointPool {
  readonly #host: PoolHost;
  live: LiveEndpoint;
  /** See `versionOf`. */
  version: string;
  /** Those that have not ended. */
  readonly workers = new Map<string, Worker>();
  /** Those that ended of late, oldest first. */
  readonly ended: WorkerView[] = [];
  readonly #backOff = new StartBackOff();
  readonly #settlers = new Settlers();
  readonly #requests = new WebRequests((worker) => this.#released(worker));
  /** Why all its workers are to end; null while they are not. */
  #closing: string | null = null;
  #grownAt: number | null = null;
  /** Workers that are wanted and not there. */
  missing = 0;
  /** Of these, those that may be started now. */
  startable = 0;
  /** When it is to be looked at next; null for never. */
  lookAt: number | null = null;
  /** Since when it has been waiting for room on the machine; null while it does not. */
  waitingSince: number | null = null;
  #noRoom: string | null = null;
  /** When a worker was started last. */
  startedAt = 0;

  constructor(host: PoolHost, live: LiveEndpoint) {
    this.#host = host;
    this.live = live;
    this.version = versionOf(live);
  }

  /** It is another one from now on. */
  configure(live: LiveEndpoint): void {
    const version = versionOf(live);
    const isOther = version !== this.version;
    if (isOther || live.deployment !== this.live.deployment) this.#backOff.reset();
    if (isOther) this.#settlers.settle();
    this.live = live;
    this.version = version;
    this.#closing = null;
    this.#roomFound();
    // Those of other versions that are not ready never will be needed.
    for (const worker of this.#open()) {
      if (this.isOld(worker) && worker.state === "starting") this.retire(worker, "another version is live");
    }
    this.#retireOld();
    if (live.kind === "queue") this.#host.queue.wake(live.name);
    this.#host.look(this);
  }

  /** No worker is started any more, and those there are end when they have nothing to do. */
  close(why: string): void {
    this.#closing = why;
    this.#settlers.settle();
    this.#requests.refuse(() => noWorker(this.live.name, why));
    this.look(this.#host.now());
  }

  /** Ends what is left, whatever it has. */
  killAll(why: string): void {
    for (const worker of this.workers.values()) this.kill(worker, why);
  }

  /** See `Pools.settled`. */
  settled(): Promise<void> {
    const { live } = this;
    if (this.#serves() || live.stopped || live.maxWorkers === 0 || this.#closing !== null) return Promise.resolve();
    this.#host.look(this);
    return this.#settlers.wait();
  }

  /** May a worker be given jobs? */
  admits(worker: Worker): boolean {
    return worker.state === "ready" && this.#closing === null && !this.live.stopped;
  }

  /** Finds out what is to be done, and does what needs no room on the machine. */
  look(now: number): void {
    this.lookAt = null;
    this.missing = 0;
    this.startable = 0;
    this.#endOverdue(now);
    const ends = this.#closing ?? (this.live.stopped ? "the endpoint was stopped" : null);
    if (ends !== null) {
      for (const worker of this.#open()) this.retire(worker, ends);
      return this.#roomFound();
    }
    const open = this.#open();
    const current = open.filter((worker) => !this.isOld(worker));
    const isSwitching = current.length < open.length;
    // The first worker of a version comes on top of those that it takes over from.
    const [first] = isSwitching ? current : [];
    const counted = open.filter((worker) => worker !== first);
    const scaling = scale({
      settings: this.live,
      load: this.#load(),
      workers: counted.map(({ id, state, running, idleSince }) => ({
        id,
        ready: state === "ready",
        running,
        idleSince,
      })),
      grownAt: this.#grownAt,
      now,
    });
    for (const id of scaling.end) {
      const worker = this.workers.get(id);
      const why =
        worker?.state === "ready" ? `had nothing to do for ${spanOf(now - worker.idleSince)}` : "is not needed";
      if (worker) this.retire(worker, why);
    }
    if (scaling.want > counted.length) this.#grownAt = now;
    const needed = (isSwitching || this.#settlers.size > 0) && current.length === 0 ? 1 : 0;
    this.missing = Math.max(needed, scaling.want - (counted.length - scaling.end.length));
    this.startable = this.#startable(current, now);
    if (this.missing === 0) this.#roomFound();
    this.lookBy(scaling.lookAt);
  }

  /** It is to be looked at again by then. */
  lookBy(at: number | null): void {
    if (at !== null) this.lookAt = Math.min(this.lookAt ?? Infinity, at);
  }

  /** How many workers may be started now. Where the last ones failed, one at a time is tried, after a while. */
  #startable(current: readonly Worker[], now: number): number {
    if (this.missing === 0 || this.#backOff.failures === 0) return this.missing;
    if (now < this.#backOff.until) {
      this.lookBy(this.#backOff.until);
      return 0;
    }
    return current.some(({ state }) => state === "starting") ? 0 : 1;
  }

  /** Starts a worker: there is room for it. */
  start(grant: Grant): void {
    const now = this.#host.now();
    const worker = new Worker(this.live, this.version, grant, this.#host.context.storeDir, now);
    this.workers.set(worker.id, worker);
    this.startedAt = now;
    this.startable--;
    this.missing--;
    this.#roomFound();
    this.#host.changed(worker);
    this.#host.look(this);
    startWorker(worker, this.#host, {
      launched: ({ live }) => this.#armBy(this.#host.now() + live.startTimeout),
      known: (known) => this.#host.record(known),
      answers: (ready) => this.seen(ready),
      ended: (gone, exit) => this.#finish(gone, exit),
    });
  }

  /** There is no room for the next worker. */
  blocked(reason: string, now: number): void {
    this.#noRoom = reason;
    this.waitingSince ??= now;
  }

  /** There never will be. */
  impossible(reason: string, now: number): void {
    this.blocked(reason, now);
    this.#settlers.fail(() => doesNotStart(this.live.name, reason));
    this.#requests.refuse(() => noWorker(this.live.name, reason));
  }

  /** It will be a while until there is: whoever deploys need not wait for that, unless it is for a version before. */
  waits(): void {
    if (this.#open().every((worker) => !this.isOld(worker))) this.#settlers.settle();
  }

  #roomFound(): void {
    this.#noRoom = null;
    this.waitingSince = null;
  }

  /** A worker asks for a job, or answers requests: it is ready. */
  seen(worker: Worker): void {
    // One of ours that runs several at once may ask for more while it holds on to one.
    if (worker.lingering.size > 0 && (worker.live.concurrency === 1 || isForeign(worker))) {
      worker.lingering.clear();
      this.#released(worker);
    }
    if (worker.state !== "starting") return;
    worker.state = "ready";
    worker.readyAt = this.#host.now();
    worker.idleSince = worker.readyAt;
    this.#host.changed(worker);
    this.#retireOld();
    if (!this.isOld(worker)) this.#settlers.settle();
    this.#host.look(this);
    this.#serve();
  }

  /** A job came into the queue. */
  added(): void {
    // Nothing that comes can change how many workers there should be.
    const isFull = this.workers.size >= this.live.maxWorkers && this.#noRoom === null && this.missing === 0;
    if (!isFull) this.#host.look(this);
  }

  taken(job: QueueJob, worker: Worker): void {
    worker.held.add(job.id);
  }

  /** A job that a worker had is over, or was given back. */
  left(id: string, worker: Worker, isFinished: boolean): void {
    if (!worker.held.delete(id)) return;
    if (isFinished) worker.finished++;
    this.#released(worker);
  }

  /** A worker has a job that is over. */
  stop(job: QueueJob, worker: Worker): void {
    const until = this.#host.now() + (isForeign(worker) ? FOREIGN_LET_GO_MS : LET_GO_MS);
    worker.held.delete(job.id);
    worker.lingering.set(job.id, until);
    this.#armBy(until);
  }

  /** It has let go of a job that goes on without it, or is over. */
  freed(id: string, worker: Worker): void {
    if (worker.lingering.delete(id)) this.#released(worker);
    else this.left(id, worker, true);
  }

  /** A worker gives a sign of life no more. */
  hung(worker: Worker, why: string): void {
    this.#fail(worker, `worker hangs: ${why}`);
  }

  /** It is given nothing any more, and ends once it has finished what it has. */
  retire(worker: Worker, why: string): void {
    if (!worker.isOpen) return;
    worker.state = "stopping";
    worker.reason = why;
    this.#host.changed(worker);
    if (worker.running === 0) this.#end(worker, GRACE_MS);
  }

  /** Ends it, whatever it has. */
  kill(worker: Worker, why: string, graceMs = GRACE_MS): void {
    if (worker.isGone) return;
    if (worker.isOpen) {
      worker.state = "stopping";
      worker.reason = why;
      this.#host.changed(worker);
    }
    this.#end(worker, graceMs);
  }

  /** Ends one that is of no use any more. */
  #fail(worker: Worker, why: string): void {
    worker.isFailing = true;
    this.kill(worker, why, 0);
    worker.reason = why;
  }

  #end(worker: Worker, graceMs: number): void {
    worker.abort.abort();
    if (worker.service) worker.service.kill(graceMs);
    // It waits for what it needs, and nobody waits for that any more.
    else this.#finish(worker, null);
  }

  /** A worker has less to do than before. */
  #released(worker: Worker): void {
    const now = this.#host.now();
    if (worker.finished > 0 && !this.isOld(worker) && this.#backOff.failures > 0) this.#backOff.reset();
    if (worker.running === 0) {
      worker.idleSince = now;
      if (worker.state === "stopping") return this.#end(worker, GRACE_MS);
      this.#armBy(now + this.live.idleTimeout);
      this.#host.idle(worker);
    }
    this.#serve();
  }

  #finish(worker: Worker, exit: ServiceExit | null): void {
    if (worker.isGone) return;
    const now = this.#host.now();
    const { name, kind } = this.live;
    const { queue, log } = this.#host;
    worker.abort.abort();
    const { reason, isFailure, isOurs, isCertain } = conclude(worker, exit, now);
    this.workers.delete(worker.id);
    this.ended.push(worker.view(null));
    if (this.ended.length > SHOWN) this.ended.shift();
    if (kind === "queue" && worker.readyAt !== null) {
      queue.lost(worker.id, reason, !isOurs).catch((error: unknown) => {
        log.warn(`jobs of a lost worker could not be given back: ${String(error)}`, { endpoint: name });
      });
    }
    if (isFailure) log.warn(`${name}: ${reason}`, { endpoint: name, worker: worker.id, stderr: worker.stderr });
    // One that worked before it died is replaced at once.
    if (isFailure && !this.isOld(worker) && worker.finished === 0) this.#failed(worker, reason, isCertain, now);
    this.#host.changed(worker);
    this.#host.gone(worker);
    this.#host.look(this);
  }

  #failed(worker: Worker, reason: string, isCertain: boolean, now: number): void {
    this.#backOff.failed(reason, now);
    const { name } = this.live;
    const isHopeless = this.#backOff.failures >= HOPELESS;
    if (isCertain || isHopeless) this.#settlers.fail(() => doesNotStart(name, reason, worker));
    if (isHopeless && !this.#serves()) this.#requests.refuse(() => noWorker(name, reason));
  }

  #endOverdue(now: number): void {
    for (const worker of this.workers.values()) {
      const { startTimeout } = worker.live;
      if (worker.state === "starting" && worker.launchedAt !== null) {
        const due = worker.launchedAt + startTimeout;
        if (due > now) this.lookBy(due);
        else this.#fail(worker, `worker was not ready within ${spanOf(startTimeout)}`);
      }
      const due = Math.min(...worker.lingering.values());
      if (due > now) this.lookBy(due === Infinity ? null : due);
      else this.kill(worker, "it did not let go of a job that was cancelled or whose time was over", 0);
    }
  }

  #armBy(at: number): void {
    this.lookBy(at);
    this.#host.arm(at);
  }

  /** Once a version serves, those before it finish what they have, and end. */
  #retireOld(): void {
    if (!this.#serves()) return;
    for (const worker of this.#open()) if (this.isOld(worker)) this.retire(worker, "another version is live");
  }

  /** Is a worker of the version that is live ready? */
  #serves(): boolean {
    return this.#open().some((worker) => worker.state === "ready" && !this.isOld(worker));
  }

  /** Those that may be given work, now or once they are ready. */
  #open(): Worker[] {
    return [...this.workers.values()].filter(({ isOpen }) => isOpen);
  }

  /** Is a worker of another version than the one that is live? */
  isOld({ version }: Worker): boolean {
    return version !== this.version;
  }

  #load(): { waiting: number; oldestAt: number | null; running: number } {
    if (this.live.kind === "web") {
      const running = this.#open().reduce((sum, { requests }) => sum + requests, 0);
      return { waiting: this.#requests.waiting, oldestAt: this.#requests.oldestAt, running };
    }
    const { inQueue, inProgress, oldestQueuedAt } = this.#host.queue.counts(this.live.name);
    return { waiting: inQueue, oldestAt: oldestQueuedAt, running: inProgress };
  }

  /** See `Pools.acquire`. */
  acquire(signal: AbortSignal): Promise<WebTarget> {
    const { name, stopped, maxWorkers, concurrency } = this.live;
    const target = this.#requests.take(this.workers, concurrency);
    if (target) return Promise.resolve(target);
    if (this.#closing !== null || stopped || maxWorkers === 0) {
      return Promise.reject(noWorker(name, this.#closing ?? this.reason() ?? "it has none"));
    }
    this.#host.look(this);
    return this.#requests.wait(this.#host.now(), signal, () => noWorker(name, this.reason() ?? "all are busy"));
  }

  #serve(): void {
    if (this.#requests.waiting === 0) return;
    this.#requests.serve(this.workers, this.live.concurrency);
    if (this.#requests.waiting > 0) this.#host.look(this);
  }

  /** See `Pools.counts`. */
  counts(): WorkerCounts {
    return countsOf(this.#standing());
  }

  /** See `Pools.reason`. */
  reason(): string | null {
    return reasonOf(this.#standing());
  }

  #standing(): Standing {
    const { live, version, missing } = this;
    return {
      live,
      version,
      missing,
      workers: [...this.workers.values()],
      backOff: this.#backOff,
      noRoom: this.#noRoom,
    };
  }
}

/** Is it a worker of RunPod's kind, and none of ours? */
function isForeign({ live }: Worker): boolean {
  return live.program.kind === "command";
}
