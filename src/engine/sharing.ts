import { type Hash, newId } from "../kernel/index.ts";
import type { EngineRow, Store } from "../store/types.ts";
import type { Job } from "./job.ts";
import { processStart } from "../executors/index.ts";
import { isAlive } from "./is-alive.ts";

/** How often a call in flight elsewhere is looked at, in milliseconds. */
const POLL_MS = 50;
/** How often it is asked whether another process has written: 4 µs a time. */
const LOOK_MS = 5;
const LOOK_IDLE_MS = 100;
const HEARTBEAT_MS = 2000;
/** An engine that cannot be seen from here (another pid namespace) is dead after this long without a heartbeat. */
const SILENCE_MS = 30_000;

/** What is asked of a run. */
interface SharingRun {
  readonly id: string;
  readonly stopping: boolean;
  track<T>(promise: Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void;
}

/** What a run tells of itself. */
interface Attached {
  /** The jobs whose bodies run, or will before long. */
  readonly inFlight: () => readonly Job[];
  /** Records what has finished, and which jobs are taking something recorded. */
  readonly flush: () => Promise<void>;
  /** Takes a result that was recorded meanwhile, if there is one. */
  readonly adopt: (job: Job) => Promise<boolean>;
}

/**
 * Lets processes that work on one store at once not repeat each other's calls.
 *
 * While an engine is alone, which is nearly always, it claims nothing and pays nothing. When
 * another one registers, each first makes the calls it has in flight known; from then on every
 * call is claimed before its body runs, and a call that another has claimed is awaited.
 */
export class Sharing {
  readonly #store: Store;
  readonly #row: EngineRow;
  readonly #runs = new Map<SharingRun, Attached>();
  /** The calls that runs of this process have in flight; kept while there are several. */
  readonly #local = new Map<Hash, SharingRun>();
  /** What the store holds of claims of this process. */
  readonly #claims = new Set<Hash>();
  #others = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  /** What had finished when the second run of this process began. */
  #recorded: Promise<void> = Promise.resolve();
  #closed = false;
  #looked = 0;

  constructor(store: Store, host: string) {
    const now = Date.now();
    this.#store = store;
    this.#row = {
      id: newId(),
      run: "",
      pid: process.pid,
      pidStarted: processStart(process.pid) ?? "",
      host,
      startedAt: now,
      heartbeatAt: now,
      seen: null,
    };
  }

  get id(): string {
    return this.#row.id;
  }

  /** True while nothing else works on the store: no other process, and one run in this one. */
  get alone(): boolean {
    return !this.#others && this.#runs.size <= 1;
  }

  /** Becomes known to the others, and waits until those that run have said what they are at. */
  async open(onWait?: (engine: EngineRow) => void): Promise<void> {
    const others = (await this.#store.registerEngine(this.#row)).filter((each) => each.id !== this.#row.id);
    const live = await this.#living(others);
    this.#others = live.length > 0;
    this.#store.changedElsewhere();
    this.#heartbeat = setInterval(() => this.#beat(), LOOK_IDLE_MS).unref();
    const start = Date.now();
    let told = false;
    for (let waiting = live; waiting.length > 0;) {
      const now = await this.#living(await this.#store.listEngines());
      waiting = now.filter((each) => live.some((other) => other.id === each.id) && each.seen !== this.#row.id);
      // Whoever registered later than this one has seen it too.
      waiting = waiting.filter((each) => !this.#isLater(now.find((other) => other.id === each.seen)));
      if (waiting.length === 0) break;
      if (!told && Date.now() - start > 2000) {
        told = true;
        onWait?.(waiting[0]!);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** A run begins in this process. */
  attach(run: SharingRun, attached: Attached): void {
    if (this.#runs.size === 1) {
      for (const [other, { inFlight, flush }] of this.#runs) {
        for (const job of inFlight()) this.#local.set(job.key, other);
        this.#recorded = flush().catch(() => {});
      }
    }
    this.#runs.set(run, attached);
    void this.#store.updateEngine(this.#row.id, { run: run.id }).catch(() => {});
  }

  /** A run has ended. */
  detach(run: SharingRun): void {
    this.#runs.delete(run);
    for (const [key, holder] of this.#local) if (holder === run) this.#local.delete(key);
  }

  /** Looks whether another engine has come or gone. Called once a turn of the loop. */
  check(): Promise<void> | undefined {
    if (this.#checking) return this.#checking;
    // A newcomer waits until it has been seen, so a look every few milliseconds is soon enough.
    const now = performance.now();
    if (this.#closed || now - this.#looked < LOOK_MS) return undefined;
    this.#looked = now;
    if (!this.#store.changedElsewhere()) return undefined;
    this.#checking = this.#look().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Starts a body when this run has the call; adopts its result when another had it. */
  claim(run: SharingRun, job: Job, start: () => void): void {
    run.track(
      this.#claim(run, job),
      (result) => {
        if (result === "mine") start();
      },
      () => start(),
    );
  }

  async #claim(run: SharingRun, job: Job): Promise<"mine" | "adopted"> {
    const { adopt } = this.#runs.get(run)!;
    await this.#recorded;
    for (let first = true; !run.stopping; first = false) {
      if (!first && (await adopt(job))) return "adopted";
      if (await this.#take(run, job)) {
        // It may have been finished between the look-up and the claim.
        if (!(await adopt(job))) return "mine";
        this.release([job]);
        return "adopted";
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      await this.#living(await this.#store.listEngines());
    }
    return "mine";
  }

  async #take(run: SharingRun, job: Job): Promise<boolean> {
    const holder = this.#local.get(job.key);
    if (holder !== undefined && holder !== run) return false;
    this.#local.set(job.key, run);
    if (!this.#others) return true;
    if ((await this.#hold([job.key])).size === 0) return true;
    this.#local.delete(job.key);
    return false;
  }

  /** Claims calls for this process; answers those that others have. */
  async #hold(keys: readonly Hash[]): Promise<ReadonlyMap<Hash, string>> {
    if (keys.length === 0) return new Map();
    const held = await this.#store.claim(this.#row.id, keys);
    for (const key of keys) if (!held.has(key)) this.#claims.add(key);
    return held;
  }

  /** The results of these jobs are recorded: others need wait no longer. */
  release(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    const keys = jobs.map((job) => job.key);
    for (const key of keys) this.#local.delete(key);
    this.#letGo(keys);
  }

  #letGo(keys: readonly Hash[]): void {
    const held = keys.filter((key) => this.#claims.delete(key));
    if (held.length > 0) void this.#store.release(this.#row.id, held).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    await this.#checking;
    await this.#store.removeEngine(this.#row.id);
  }

  /** Says now and then that it lives; and sees newcomers while no run goes on whose loop would. */
  #beat(): void {
    if (this.#runs.size === 0) void this.check()?.catch(() => {});
    if (Date.now() - this.#row.heartbeatAt < HEARTBEAT_MS) return;
    this.#row.heartbeatAt = Date.now();
    void this.#store.updateEngine(this.#row.id, { heartbeatAt: this.#row.heartbeatAt }).catch(() => {});
  }

  async #look(): Promise<void> {
    const others = (await this.#living(await this.#store.listEngines())).filter((each) => each.id !== this.#row.id);
    if (others.length === 0) {
      this.#others = false;
      this.#letGo([...this.#claims]);
      return;
    }
    const newest = others.reduce((a, b) =>
      b.startedAt > a.startedAt || (b.startedAt === a.startedAt && b.id > a.id) ? b : a,
    );
    this.#others = true;
    const runs = [...this.#runs.values()];
    await this.#hold(runs.flatMap((run) => run.inFlight()).map((job) => job.key));
    // What has finished is neither claimed nor, for up to 20 ms, recorded.
    await Promise.all(runs.map((run) => run.flush()));
    // Only now may the newcomer start.
    if (this.#row.seen !== newest.id) {
      this.#row.seen = newest.id;
      await this.#store.updateEngine(this.#row.id, { seen: newest.id });
    }
  }

  /** Those that still run; the dead are forgotten with their claims. */
  async #living(engines: readonly EngineRow[]): Promise<EngineRow[]> {
    const live: EngineRow[] = [];
    for (const engine of engines) {
      const here = engine.host === this.#row.host;
      const alive = here ? isAlive(engine.pid, engine.pidStarted) : Date.now() - engine.heartbeatAt < SILENCE_MS;
      if (alive) live.push(engine);
      else await this.#store.removeEngine(engine.id);
    }
    return live;
  }

  #isLater(engine: EngineRow | undefined): boolean {
    if (!engine) return false;
    return (
      engine.startedAt > this.#row.startedAt || (engine.startedAt === this.#row.startedAt && engine.id > this.#row.id)
    );
  }
}
