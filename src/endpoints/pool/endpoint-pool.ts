import { rmSync } from "node:fs";
import type { ServiceExit, ServiceLauncher } from "../../executors/index.ts";
import { formatDuration, LigaseError, type Log } from "../../kernel/index.ts";
import type { Queue, QueueJob } from "../queue/types.ts";
import { scale } from "../scaler/index.ts";
import type { LiveEndpoint } from "../types.ts";
import { answers } from "./answers.ts";
import { StartBackOff } from "./back-off.ts";
import { type Launch, type LaunchContext, prepareLaunch } from "./launch.ts";
import type { Grant } from "./ledger.ts";
import { whyEnded } from "./reasons.ts";
import type { WebTarget, WorkerCounts, WorkerView } from "./types.ts";
import { versionOf } from "./version.ts";
import { leastBusy, Waiters } from "./waiters.ts";
import { Worker } from "./worker.ts";

/** What the pools of all endpoints have in common. */
export interface PoolHost {
  readonly queue: Queue;
  readonly launcher: ServiceLauncher;
  readonly context: LaunchContext;
  readonly log: Log;
  now(): number;
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

/** Who wants to know whether the version that is live serves. */
interface Settler {
  readonly resolve: () => void;
  readonly reject: (error: LigaseError) => void;
}

/** Between SIGTERM and SIGKILL, for a worker that is not needed any more, in milliseconds. */
const GRACE_MS = 2000;
/** How long a worker may hold on to a job that was cancelled, or whose time is over. */
const LET_GO_MS = 500;
/** RunPod's own looks for its next job once a second, and lets us know only then. */
const FOREIGN_LET_GO_MS = 900;
/** So many failures, one after the other, and requests are not kept waiting. */
const HOPELESS = 2;
/** So many workers that have ended are shown. */
const SHOWN = 20;

/** The workers of one endpoint. What they need of the machine is given to it: see `Pools`. */
export class EndpointPool {
  readonly #host: PoolHost;
  live: LiveEndpoint;
  version: string;
  /** Those that have not ended. */
  readonly workers = new Map<string, Worker>();
  /** Those that ended of late, oldest first. */
  readonly ended: WorkerView[] = [];
  /** Is the endpoint gone, or the server about to end? */
  #isClosing: string | null = null;
  readonly #backOff = new StartBackOff();
  readonly #waiters = new Waiters();
  #settlers: Settler[] = [];
  #grownAt: number | null = null;
  /** Workers that are wanted and not there. */
  missing = 0;
  /** Of these, those that may be started now. */
  startable = 0;
  /** When it was to be looked at next; null for never. */
  lookAt: number | null = null;
  /** Since when it has been waiting for room on the machine; null while it does not. */
  waitingSince: number | null = null;
  /** Why there is no room. */
  #noRoom: string | null = null;
  startedAt = 0;

  constructor(host: PoolHost, live: LiveEndpoint) {
    this.#host = host;
    this.live = live;
    this.version = versionOf(live);
  }

  /** It is another one from now on. */
  configure(live: LiveEndpoint): void {
    const version = versionOf(live);
    if (live.deployment !== this.live.deployment || version !== this.version) {
      this.#backOff.reset();
      if (version !== this.version) this.#settle();
    }
    this.live = live;
    this.version = version;
    this.#isClosing = null;
    this.#noRoom = null;
    this.waitingSince = null;
    // Of the versions before, those that are not ready never will be needed.
    for (const worker of this.#open()) {
      if (worker.version !== version && worker.state === "starting") this.retire(worker, "another version is live");
    }
    this.#retireOld();
    if (live.kind === "queue") this.#host.queue.wake(live.name);
    this.#host.look(this);
  }

  /** No worker is started any more, and those there are end when they have nothing to do. */
  close(why: string): void {
    this.#isClosing = why;
    this.#settle();
    this.#waiters.refuse(() => this.#noWorker(why));
    this.look(this.#host.now());
  }

  /** Ends what is left at once. */
  killAll(why: string): void {
    for (const worker of this.workers.values()) this.kill(worker, why, GRACE_MS);
  }

  /** See `Pools.settled`. */
  settled(): Promise<void> {
    const { live } = this;
    const serves = this.#open().some((worker) => worker.state === "ready" && worker.version === this.version);
    if (serves || live.stopped || live.maxWorkers === 0 || this.#isClosing !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#settlers.push({ resolve, reject });
      this.#host.look(this);
    });
  }

  /** May a worker be given jobs? */
  admits(worker: Worker): boolean {
    return worker.state === "ready" && this.#isClosing === null && !this.live.stopped;
  }

  /** Finds out what is to be done, and does what needs no room on the machine. */
  look(now: number): void {
    this.lookAt = null;
    this.missing = 0;
    this.startable = 0;
    this.#endOverdue(now);
    const why = this.#isClosing ?? (this.live.stopped ? "the endpoint was stopped" : null);
    if (why !== null) {
      for (const worker of this.#open()) this.retire(worker, why);
      this.#noRoom = null;
      this.waitingSince = null;
      return;
    }
    const open = this.#open();
    const current = open.filter(({ version }) => version === this.version);
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
      if (worker) this.retire(worker, `had nothing to do for ${formatDuration(this.live.idleTimeout)}`);
    }
    if (scaling.want > counted.length) this.#grownAt = now;
    const needed = (isSwitching || this.#settlers.length > 0) && current.length === 0 ? 1 : 0;
    this.missing = Math.max(needed, scaling.want - (counted.length - scaling.end.length));
    this.startable = this.#startable(current, now);
    if (this.missing === 0) {
      this.#noRoom = null;
      this.waitingSince = null;
    }
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
  start(grant: Grant, now: number): void {
    const worker = new Worker(this.live, this.version, grant, this.#host.context.storeDir, now);
    this.workers.set(worker.id, worker);
    this.startedAt = now;
    this.#noRoom = null;
    this.waitingSince = null;
    this.#host.changed(worker);
    this.#host.look(this);
    try {
      const launch = prepareLaunch(worker, this.#host.context);
      if (!(launch instanceof Promise)) return this.#launch(worker, launch);
      launch.then(
        (ready) => this.#launch(worker, ready),
        (error: unknown) => this.#refused(worker, error),
      );
    } catch (error) {
      this.#refused(worker, error);
    }
  }

  /** There is no room for the next worker. */
  blocked(reason: string, now: number): void {
    this.#noRoom = reason;
    this.waitingSince ??= now;
  }

  /** Nothing that is missing can ever be had. */
  impossible(reason: string, now: number): void {
    this.blocked(reason, now);
    this.#reject(() => this.#startError(reason));
    this.#waiters.refuse(() => this.#noWorker(reason));
  }

  /** It begins to wait for room, and that will take a while: whoever deploys need not wait too. */
  waits(): void {
    if (this.#open().every(({ version }) => version === this.version)) this.#settle();
  }

  #launch(worker: Worker, launch: Launch): void {
    const { request, address, folder } = launch;
    const tidy = (): void => {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    };
    if (worker.state !== "starting") {
      tidy();
      return this.#finish(worker, null);
    }
    const now = this.#host.now();
    worker.launchedAt = now;
    worker.address = address;
    try {
      const service = this.#host.launcher.start(request, (process) => {
        worker.process = process;
        this.#host.record(worker);
      });
      worker.service = service;
      void service.over.then((exit) => {
        tidy();
        this.#finish(worker, exit);
      });
    } catch (error) {
      tidy();
      return this.#refused(worker, error);
    }
    this.#armBy(now + worker.live.startTimeout);
    if (address === null) return;
    const { program } = worker.live;
    const path = program.kind === "web-command" ? program.healthPath : null;
    void answers(address, path, worker.abort.signal).then(() => this.seen(worker));
  }

  /** What a worker needs is not there. */
  #refused(worker: Worker, error: unknown): void {
    if (worker.state === "starting") {
      worker.isFailing = true;
      worker.reason = `worker could not be started: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#finish(worker, null);
  }

  /** A worker asks for a job, or answers requests: it is ready. */
  seen(worker: Worker): void {
    const isOwn = worker.live.program.kind !== "command";
    // One that runs several at once may ask for more while it holds on to one.
    if (worker.lingering.size > 0 && (worker.live.concurrency === 1 || !isOwn)) {
      worker.lingering.clear();
      this.#released(worker);
    }
    if (worker.state !== "starting") return;
    worker.state = "ready";
    worker.readyAt = this.#host.now();
    worker.idleSince = worker.readyAt;
    this.#host.changed(worker);
    if (worker.version === this.version) {
      this.#retireOld();
      this.#settle();
    }
    this.#host.look(this);
    this.#serve();
  }

  taken(job: QueueJob, worker: Worker): void {
    worker.held.add(job.id);
  }

  /** A job that a worker had is over, or was given back. */
  left(job: QueueJob, worker: Worker, isFinished: boolean): void {
    if (!worker.held.delete(job.id)) return;
    if (isFinished) {
      worker.finished++;
      if (worker.version === this.version && this.#backOff.failures > 0) this.#backOff.reset();
    }
    this.#released(worker);
  }

  /** A job came into the queue. */
  added(): void {
    if (this.#isFull()) return;
    this.#host.look(this);
  }

  /** Nothing that comes can change how many workers there should be. */
  #isFull(): boolean {
    return this.workers.size >= this.live.maxWorkers && this.#noRoom === null && this.missing === 0;
  }

  /** A worker has a job that is over. */
  stop(job: QueueJob, worker: Worker): void {
    const patience = worker.live.program.kind === "command" ? FOREIGN_LET_GO_MS : LET_GO_MS;
    const until = this.#host.now() + patience;
    worker.held.delete(job.id);
    worker.lingering.set(job.id, until);
    this.#armBy(until);
  }

  /** It has let go of a job. */
  freed(id: string, worker: Worker): void {
    const isDone = worker.held.delete(id);
    if (isDone) worker.finished++;
    if (isDone || worker.lingering.delete(id)) this.#released(worker);
  }

  /** A worker gives a sign of life no more. */
  hung(worker: Worker, why: string): void {
    this.#fail(worker, `worker hangs: ${why}`, 0);
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
  kill(worker: Worker, why: string, graceMs: number): void {
    if (worker.isGone) return;
    const isOpen = worker.isOpen;
    if (isOpen) worker.reason = why;
    worker.state = "stopping";
    if (isOpen) this.#host.changed(worker);
    this.#end(worker, graceMs);
  }

  #fail(worker: Worker, why: string, graceMs: number): void {
    worker.isFailing = true;
    worker.reason = why;
    this.kill(worker, why, graceMs);
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
    if (worker.running === 0) {
      worker.idleSince = now;
      if (worker.state === "stopping") return this.#end(worker, GRACE_MS);
      this.#armBy(now + this.live.idleTimeout);
      this.#host.idle(worker);
    }
    if (this.#waiters.size > 0) this.#serve();
  }

  #finish(worker: Worker, exit: ServiceExit | null): void {
    if (worker.isGone) return;
    const now = this.#host.now();
    const { name, kind } = this.live;
    const wasAsked = worker.state === "stopping";
    worker.abort.abort();
    worker.endedAt = now;
    worker.exitCode = exit?.code ?? null;
    worker.signal = exit?.signal ?? null;
    worker.peakMemory = exit?.peakMemory ?? null;
    worker.cpuMs = exit?.cpuMs ?? null;
    const isCrash = !wasAsked && (worker.readyAt === null || worker.finished === 0 || exit?.code !== 0);
    if (!wasAsked && exit !== null) {
      const { resources } = worker.live;
      const said = { exit, resources, stdout: worker.stdout, stderr: worker.stderr };
      worker.reason = isCrash || exit.code !== 0 ? whyEnded(said) : "worker ended by itself";
    }
    const isFailure = worker.isFailing || isCrash;
    worker.state = isFailure ? "failed" : "ended";
    this.workers.delete(worker.id);
    this.ended.push(worker.view(null));
    if (this.ended.length > SHOWN) this.ended.shift();
    const reason = worker.reason ?? "worker ended";
    if (kind === "queue" && worker.readyAt !== null) {
      // That we end it for reasons of our own is no attempt of a job's.
      this.#host.queue.lost(worker.id, reason, !wasAsked || worker.isFailing).catch((error: unknown) => {
        this.#host.log.warn(`jobs of a lost worker could not be given back: ${String(error)}`, { endpoint: name });
      });
    }
    if (isFailure) {
      this.#host.log.warn(`${name}: ${reason}`, { endpoint: name, worker: worker.id, stderr: worker.stderr });
      // One that worked before it died is replaced at once.
      if (worker.version === this.version && worker.finished === 0) this.#failed(reason, now, worker);
    }
    this.#host.changed(worker);
    this.#host.gone(worker);
    this.#host.look(this);
  }

  #failed(reason: string, now: number, worker: Worker): void {
    this.#backOff.failed(reason, now);
    // What ended by itself while it started will most likely do so again.
    const isCertain = worker.readyAt === null && (worker.exitCode !== null || worker.launchedAt === null);
    if (isCertain || this.#backOff.failures >= HOPELESS) this.#reject(() => this.#startError(reason, worker));
    if (this.#backOff.failures >= HOPELESS) this.#waiters.refuse(() => this.#noWorker(reason));
  }

  #endOverdue(now: number): void {
    for (const worker of this.workers.values()) {
      const { startTimeout } = worker.live;
      if (worker.state === "starting" && worker.launchedAt !== null) {
        const due = worker.launchedAt + startTimeout;
        if (due <= now) this.#fail(worker, `worker was not ready within ${formatDuration(startTimeout)}`, 0);
        else this.lookBy(due);
      }
      for (const due of worker.lingering.values()) {
        if (due > now) this.lookBy(due);
        else {
          this.kill(worker, "it did not let go of a job that was cancelled or whose time was over", 0);
          break;
        }
      }
    }
  }

  #armBy(at: number): void {
    this.lookBy(at);
    this.#host.arm(at);
  }

  /** A version that serves takes over: those before it finish what they have. */
  #retireOld(): void {
    const open = this.#open();
    if (!open.some(({ state, version }) => state === "ready" && version === this.version)) return;
    for (const worker of open) if (worker.version !== this.version) this.retire(worker, "another version is live");
  }

  /** Those that may be given work, now or once they are ready. */
  #open(): Worker[] {
    return [...this.workers.values()].filter(({ isOpen }) => isOpen);
  }

  /** Is a worker of a version that is not live any more? */
  isOld({ version }: Worker): boolean {
    return version !== this.version;
  }

  #load(): { waiting: number; oldestAt: number | null; running: number } {
    if (this.live.kind === "web") {
      const running = this.#open().reduce((sum, { requests }) => sum + requests, 0);
      return { waiting: this.#waiters.size, oldestAt: this.#waiters.oldestAt, running };
    }
    const { inQueue, inProgress, oldestQueuedAt } = this.#host.queue.counts(this.live.name);
    return { waiting: inQueue, oldestAt: oldestQueuedAt, running: inProgress };
  }

  /** See `Pools.acquire`. */
  acquire(signal: AbortSignal): Promise<WebTarget> {
    const target = this.#waiters.size === 0 ? this.#next() : undefined;
    if (target) return Promise.resolve(target);
    if (this.#isClosing !== null || this.live.stopped || this.live.maxWorkers === 0) {
      return Promise.reject(this.#noWorker(this.reason() ?? this.#isClosing ?? "it has no workers"));
    }
    this.#host.look(this);
    return this.#waiters.wait(this.#host.now(), signal, () => this.#noWorker(this.reason() ?? "all workers are busy"));
  }

  #serve(): void {
    this.#waiters.serve(() => this.#next());
    // Others wait still.
    if (this.#waiters.size > 0) this.#host.look(this);
  }

  #next(): WebTarget | undefined {
    const worker = leastBusy(this.workers.values(), this.live.concurrency);
    if (!worker?.address) return undefined;
    worker.requests++;
    let isOver = false;
    return {
      worker: worker.id,
      at: worker.address,
      release: () => {
        if (isOver) return;
        isOver = true;
        worker.requests--;
        worker.finished++;
        if (this.#backOff.failures > 0 && worker.version === this.version) this.#backOff.reset();
        this.#released(worker);
      },
    };
  }

  #noWorker(reason: string): LigaseError {
    return new LigaseError("LIGASE_E_NO_WORKER", `no worker of ${this.live.name} is there: ${reason}`, {
      facts: { endpoint: this.live.name, reason },
      mend: `ligase endpoint show ${this.live.name} tells more`,
    });
  }

  #startError(reason: string, worker?: Worker): LigaseError {
    const { name } = this.live;
    return new LigaseError("LIGASE_E_WORKER_START", `${name}: ${reason}`, {
      facts: { endpoint: name, reason, ...(worker && { worker: worker.id, stderr: worker.stderr }) },
      mend: worker ? `ligase worker logs ${worker.id} shows what it wrote` : `ligase endpoint show ${name} tells more`,
    });
  }

  #settle(): void {
    const settlers = this.#settlers;
    this.#settlers = [];
    for (const { resolve } of settlers) resolve();
  }

  #reject(error: () => LigaseError): void {
    const settlers = this.#settlers;
    this.#settlers = [];
    for (const { reject } of settlers) reject(error());
  }

  /** See `Pools.counts`. */
  counts(): WorkerCounts {
    const workers = [...this.workers.values()];
    const ready = workers.filter(({ state }) => state === "ready");
    const idle = ready.filter(({ running }) => running === 0).length;
    const isThrottled = this.#noRoom !== null || this.#backOff.failures > 0;
    return {
      idle,
      running: workers.filter(({ state, running }) => state !== "starting" && running > 0).length,
      initializing: workers.filter(({ state }) => state === "starting").length,
      ready: ready.length,
      throttled: isThrottled ? this.missing : 0,
      unhealthy: this.#backOff.failures >= HOPELESS ? Math.max(1, this.missing) : 0,
    };
  }

  /** See `Pools.reason`. */
  reason(): string | null {
    if (this.live.stopped) return "the endpoint is stopped";
    if (this.live.maxWorkers === 0) return "maxWorkers is 0";
    if (this.#backOff.reason !== null) return this.#backOff.reason;
    if (this.#noRoom !== null) return this.#noRoom;
    const open = this.#open().filter(({ version }) => version === this.version);
    const isBuilding =
      open.length > 0 && open.every(({ launchedAt, live }) => launchedAt === null && live.image !== null);
    return isBuilding ? "building the image" : null;
  }
}
