import { setImmediate as nextTurn } from "node:timers/promises";
import type { Executor } from "../executors/types.ts";
import { builtIns } from "../expr/built-ins.ts";
import type { TaskImpl } from "../expr/task.ts";
import { type Codec, type Hash, LigaseError, type Log } from "../kernel/index.ts";
import type { JobState, RunRow, Store } from "../store/types.ts";
import { BodyRunner } from "./bodies.ts";
import { Calls } from "./calls.ts";
import { Cell } from "./cell.ts";
import { Circles } from "./circles.ts";
import type { RunContext, RunSettings } from "./context.ts";
import type { FileService } from "./files.ts";
import type { Job } from "./job.ts";
import { BATCH, Lookup } from "./lookup.ts";
import type { Mode } from "./mode.ts";
import { operators } from "./operators/index.ts";
import { sampledRules } from "./operators/sampled.ts";
import { DEFAULT_EXECUTOR } from "./options.ts";
import { Progress } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { RecoveryBook } from "./recoveries.ts";
import { Reducer } from "./reducer.ts";
import type { Scheduler } from "./scheduler.ts";
import { cancelledError, Settler } from "./settle.ts";
import type { Sharing } from "./sharing.ts";
import { GpuStalls, stallError } from "./stall.ts";
import { Outside } from "./outside.ts";
import type { Surroundings } from "./surroundings.ts";
import { TaskHashes } from "./task-hashes.ts";
import { TaskSets } from "./task-sets.ts";

/** How long steps run before timers and sockets get their turn, in milliseconds. */
const SLICE_MS = 10;
/** How often a sleeping run looks whether another process came, or asked it to stop, in milliseconds. */
const WATCH_MS = 50;

/** What a run is given by its engine. */
export interface RunServices {
  readonly store: Store;
  readonly storeDir: string;
  readonly codec: Codec;
  readonly files: FileService;
  readonly sharing: Sharing;
  readonly executors: ReadonlyMap<string, Executor>;
  /** One for all runs of a process: they share its processors. */
  readonly scheduler: Scheduler;
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  readonly bundle: () => Promise<string>;
  readonly code: (() => Promise<string>) | undefined;
  readonly surroundings: Surroundings;
  readonly log: Log;
  /** Told of every job whose state changes. */
  readonly onChange?: ((job: Job, state: JobState) => void) | undefined;
}

/** One evaluation of an expression, from its start to the recorded result. */
export class Run implements RunContext {
  readonly id: string;
  readonly settings: RunSettings;
  readonly mode: Mode;
  readonly store: Store;
  readonly storeDir: string;
  readonly codec: Codec;
  readonly recorder: Recorder;
  readonly reducer: Reducer;
  readonly scheduler: Scheduler;
  readonly sharing: Sharing;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly files: FileService;
  readonly sets = new TaskSets();
  readonly circles = new Circles();
  readonly gpuStalls = new GpuStalls((executor) => this.executors.get(executor)?.capacity.gpu ?? 0);
  readonly log: Log;
  readonly bundle: () => Promise<string>;
  readonly code: (() => Promise<string>) | undefined;
  readonly surroundings: Surroundings;
  readonly jobs = new Map<Hash, Job>();
  readonly progress = new Progress();
  /** The jobs in which errors arose, in order. */
  readonly failures: Job[] = [];
  /** The value, once it is recorded; rejects with the first error. */
  readonly result: Promise<unknown>;
  readonly #row: RunRow;
  readonly #services: RunServices;
  readonly #outside = new Outside((step) => this.reducer.later(step));
  readonly #lookup: Lookup;
  readonly #bodies: BodyRunner;
  readonly #settler: Settler;
  readonly #hashes: TaskHashes;
  readonly #root: Cell<Job>;
  #finishedBodies: Job[] = [];
  #stopping = false;
  #broken: unknown;

  constructor(services: RunServices, row: RunRow, settings: RunSettings, mode: Mode, value: unknown) {
    this.id = row.id;
    this.settings = settings;
    this.mode = mode;
    this.store = services.store;
    this.storeDir = services.storeDir;
    this.codec = services.codec;
    this.sharing = services.sharing;
    this.executors = services.executors;
    this.files = services.files;
    this.log = services.log;
    this.bundle = services.bundle;
    this.code = services.code;
    this.surroundings = services.surroundings;
    this.#services = services;
    this.#row = row;
    this.recorder = new Recorder(services.store, row, (error) => this.#break(error));
    this.#hashes = new TaskHashes(mode, (task) => this.recorder.task(task));
    this.scheduler = services.scheduler;
    this.#settler = new Settler(this);
    this.#bodies = new BodyRunner(this, this.#settler);
    this.#lookup = new Lookup(this, this.#settler, this.#bodies);
    const calls = new Calls(this, this.#lookup);
    this.reducer = new Reducer(
      (node, cell, owner) => calls.request(node, cell, owner),
      new RecoveryBook(this),
      mode.sampling ? sampledRules(operators, mode.sampling) : operators,
    );
    this.#root = new Cell<Job>(this.reducer.queue);
    this.recorder.run();
    this.reducer.settle(this.#root, value, undefined);
    this.#root.whenDone(() => {
      if (this.#root.state === "failed" && settings.failFast) this.#stop();
    });
    this.sharing.attach(this, {
      inFlight: () => [...this.jobs.values()].filter((job) => !job.settled && !job.body && !job.fresh),
      flush: () => {
        for (const job of this.#lookup.taking) this.recorder.job(job);
        return this.recorder.flush();
      },
      adopt: (job) => this.#lookup.again(job),
    });
    this.result = this.#live();
    // Whoever waits for the result hears of a failure; a handle nobody awaits must not end the process.
    this.result.catch(() => {});
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** The run as it is recorded. */
  get row(): Readonly<RunRow> {
    return this.#row;
  }

  /** Adds facts to the run's record. */
  note(facts: Partial<Pick<RunRow, "gitCommit" | "gitDirty" | "argsValue">>): void {
    Object.assign(this.#row, facts);
    this.recorder.run();
  }

  /** Stops the run: ends what runs, records what has finished. The result rejects with `LIGASE_E_CANCELLED`. */
  cancel(): void {
    if (this.#stopping) return;
    this.#root.fail(cancelledError(), undefined);
    this.#stop();
  }

  // What the parts of the run ask of it.

  taskNamed(name: string): TaskImpl | undefined {
    return builtIns.get(name) ?? this.#services.tasks.get(name);
  }

  taskHash(task: TaskImpl, version?: string): Hash {
    return this.#hashes.of(task, version);
  }

  expect(task: TaskImpl, by: 1 | -1): void {
    this.progress.expect(task, by);
  }

  change(job: Job, state: JobState): void {
    job.state = state;
    // The arguments of a run are those of the call it was asked for; its files have their fingerprints by now.
    if (!job.parent && this.#row.argsValue === null && this.#root.alias?.job === job)
      this.note({ argsValue: job.argsHash });
    this.progress.change(job, state);
    // A job that waits is not written: a fan-out of 100,000 would be written twice.
    if (state !== "pending") this.recorder.job(job);
    if (state === "failed" && job.failedHere) this.failures.push(job);
    if (!this.sharing.alone && job.settled) this.#finishedBodies.push(job);
    this.#services.onChange?.(job, state);
  }

  track<T>(promise: Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
    this.#outside.track(promise, done, fail);
  }

  wake(): void {
    this.#outside.wake();
  }

  // The life of the run.

  async #live(): Promise<unknown> {
    const watch = setInterval(() => this.wake(), WATCH_MS);
    try {
      await this.#loop();
      return await this.#end();
    } finally {
      clearInterval(watch);
      this.sharing.detach(this);
    }
  }

  async #loop(): Promise<void> {
    for (;;) {
      await this.#drain();
      if (this.#broken !== undefined) return;
      const others = this.sharing.check();
      if (others) {
        await others;
        if (await this.store.cancelRequested(this.id)) this.cancel();
      }
      if (this.#lookup.pending > 0) {
        await this.#lookup.flush();
        continue;
      }
      this.scheduler.start();
      if (this.reducer.queue.length > 0 || this.#lookup.pending > 0) continue;
      this.#flushIfDue();
      const idle = this.#outside.pending + this.#bodies.active === 0;
      if (this.circles.break(idle) || this.#failStuck()) continue;
      if (idle) {
        const queued = this.scheduler.queuedOf(this);
        if (queued === 0 && this.#root.settled) return;
        if (queued === 0 || this.scheduler.busy === 0) {
          // Nothing runs whose end could let anything here go on.
          this.#root.fail(stallError(this.jobs.values()), undefined);
          this.#stop();
          continue;
        }
      }
      await this.#outside.sleep();
    }
  }

  /** Fails what waits for what its own callers hold. */
  #failStuck(): boolean {
    const stuck = this.gpuStalls.find();
    for (const { job, error } of stuck) this.#settler.failed(job, error);
    return stuck.length > 0;
  }

  /** Runs the steps of the queue, letting the world in every few milliseconds. */
  async #drain(): Promise<void> {
    let until = performance.now() + SLICE_MS;
    let count = 0;
    for (let step = this.reducer.queue.shift(); step; step = this.reducer.queue.shift()) {
      try {
        step();
      } catch (error) {
        this.#break(error);
        return;
      }
      if ((++count & 31) === 0 && performance.now() > until) {
        this.#flushIfDue();
        await this.recorder.keepUp();
        // A fan-out of 100,000 calls is looked up and run as it is made, not when all of it is there.
        if (this.#lookup.pending >= BATCH) await this.#lookup.flush();
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
    }
  }

  #flushIfDue(): void {
    const committed = this.recorder.flushIfDue();
    if (committed && this.#finishedBodies.length > 0) {
      const finished = this.#finishedBodies;
      this.#finishedBodies = [];
      void committed.then(() => this.sharing.release(finished)).catch(() => {});
    }
  }

  /** The run cannot go on: the store cannot be written, or a step of the engine itself threw. */
  #break(error: unknown): void {
    this.#broken ??= error;
    this.#stop();
    this.wake();
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.scheduler.clear(this);
    this.#bodies.cancel();
    this.wake();
  }

  async #end(): Promise<unknown> {
    for (const job of this.jobs.values()) if (!job.settled) this.#settler.failed(job, cancelledError());
    await this.#drain();
    this.progress.end();
    const failed = this.#broken !== undefined || this.#root.state === "failed";
    const error = this.#broken ?? this.#root.error;
    const cancelled = error instanceof LigaseError && error.code === "LIGASE_E_CANCELLED";
    this.#row.state = !failed ? "done" : cancelled ? "cancelled" : "failed";
    this.#row.endedAt = Date.now();
    if (this.#broken === undefined) {
      const value = failed
        ? error instanceof Error
          ? error
          : new LigaseError("LIGASE_E_THROWN", String(error))
        : this.#root.value;
      const encoded = this.codec.encode(value);
      const hash = this.recorder.result(encoded, this.files.listed(encoded.atoms));
      if (failed) this.#row.errorValue = hash;
      else this.#row.resultValue = hash;
    }
    this.recorder.run();
    try {
      // Only what is durable is announced.
      await this.recorder.flush();
      this.sharing.release(this.#finishedBodies);
    } catch (flushError) {
      throw this.#broken ?? flushError;
    }
    if (failed) throw error;
    return this.#root.value;
  }
}

/** Executors by name, with the one every run has. */
export function executorMap(executors: readonly Executor[]): ReadonlyMap<string, Executor> {
  const map = new Map(executors.map((executor) => [executor.name, executor]));
  if (map.size > 0 && !map.has(DEFAULT_EXECUTOR)) {
    throw new LigaseError("LIGASE_E_EXECUTOR", `no executor is named ${DEFAULT_EXECUTOR}`);
  }
  return map;
}
