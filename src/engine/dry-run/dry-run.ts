import { setImmediate as nextTurn } from "node:timers/promises";
import { builtIns } from "../../expr/built-ins.ts";
import type { CallNode } from "../../expr/node.ts";
import type { TaskImpl } from "../../expr/task.ts";
import { type Codec, type Hash, newId } from "../../kernel/index.ts";
import type { JobState, Store } from "../../store/types.ts";
import { Calls } from "../calls.ts";
import { Cell } from "../cell.ts";
import { Circles } from "../circles.ts";
import { DEFAULTS, type Evaluation, type RunSettings } from "../context.ts";
import type { FileService } from "../files.ts";
import type { Job } from "../job.ts";
import { Lookup } from "../lookup.ts";
import { Mode } from "../mode.ts";
import { operators } from "../operators/index.ts";
import { sampledRules } from "../operators/sampled.ts";
import { SCRIPT } from "../options.ts";
import { RecoveryBook } from "../recoveries.ts";
import { Outside } from "../outside.ts";
import { BARE, type Surroundings } from "../surroundings.ts";
import { TaskHashes } from "../task-hashes.ts";
import { TaskSets } from "../task-sets.ts";
import { Unknown } from "../unknown.ts";
import { EarlierBodies } from "./earlier.ts";
import { labelOf } from "./label.ts";
import { type Level, MetCalls } from "./met-calls.ts";
import type { Plan } from "./plan.ts";
import { LastLengths } from "./last-length.ts";
import { DryRecord } from "./record.ts";
import { DryReducer } from "./reducer.ts";
import { dryRules, type Region } from "./rules.ts";
import { DrySettler } from "./settle.ts";

/** How long steps run before timers get their turn, in milliseconds. */
const SLICE_MS = 10;
/** So deep is followed what bodies called last time: a recursion may go on 100,000 times. */
const MOST_ROUNDS = 1000;

/** What a dry run works with. */
export interface DryRunOptions {
  /** Only read. */
  readonly store: Store;
  readonly codec: Codec;
  readonly files: FileService;
  /** Every task that may be called, by name. */
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  readonly surroundings?: Surroundings;
}

/**
 * Finds out what a run would do, and runs nothing. Calls are looked up as ever; one whose body would run has a value that
 * is not known, and so have those that depend on it. Then it goes on where the run might: into both branches of a
 * condition that is not known, and into what bodies that would run left when they ran last with the same arguments.
 */
class DryRun implements Evaluation {
  readonly settings: RunSettings;
  readonly mode: Mode;
  readonly store: Store;
  readonly codec: Codec;
  readonly recorder = new DryRecord();
  readonly reducer: DryReducer;
  readonly files: FileService;
  readonly sets = new TaskSets();
  readonly circles = new Circles();
  readonly jobs = new Map<Hash, Job>();
  readonly surroundings: Surroundings;
  readonly stopping = false;
  readonly #tasks: ReadonlyMap<string, TaskImpl>;
  readonly #hashes: TaskHashes;
  readonly #outside = new Outside((step) => this.reducer.later(step));
  readonly #lookup: Lookup;
  readonly #met: MetCalls;
  readonly #earlier: EarlierBodies;
  readonly #lengths: LastLengths;
  /** Jobs whose bodies would run, or might, and of which it is not known yet what they would call. */
  readonly #misses: Job[] = [];
  #rounds = 0;
  #cut = false;
  #regions: (Region & { readonly estimate: boolean })[] = [];
  #level: Level = { because: undefined, estimate: false };

  constructor({ store, codec, files, tasks, surroundings }: DryRunOptions, settings: Partial<RunSettings>) {
    this.settings = { ...DEFAULTS, ...settings };
    this.mode = new Mode(settings, newId());
    this.store = store;
    this.codec = codec;
    this.files = files;
    this.surroundings = surroundings ?? BARE;
    this.#tasks = tasks;
    this.#earlier = new EarlierBodies(this);
    this.#met = new MetCalls(this, this.#earlier);
    this.#hashes = new TaskHashes(this.mode, (row) => this.recorder.task(row));
    const bodies = { run: (job: Job, because?: unknown) => this.#miss(job, because) };
    this.#lookup = new Lookup(this, new DrySettler(this), bodies);
    const calls = new Calls(this, {
      begin: (job) => this.#lookup.begin(job),
      blocked: (...facts) => this.#block(...facts),
    });
    const recoveries = new RecoveryBook(this);
    this.reducer = new DryReducer(
      (node, cell, owner) => calls.request(node, cell, owner),
      {
        find: (value, found) => {
          try {
            recoveries.find(value, found);
          } catch {
            // What stands for an unknown value has no identity.
            found(undefined);
          }
        },
        remember() {},
      },
      dryRules(this.mode.sampling ? sampledRules(operators, this.mode.sampling) : operators, (region) =>
        this.#regions.push({ ...region, estimate: this.#level.estimate }),
      ),
    );
    this.#lengths = new LastLengths(this.reducer, this.#earlier);
  }

  taskNamed(name: string): TaskImpl | undefined {
    return builtIns.get(name) ?? this.#tasks.get(name);
  }

  taskHash(task: TaskImpl, version?: string): Hash {
    return this.#hashes.of(task, version);
  }

  change(job: Job, state: JobState): void {
    job.state = state;
    const met = this.#met.find(job);
    if (!met) this.#met.job(job, this.#level);
    else if (state === "cached") met.fate = "cached";
  }

  track<T>(promise: Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
    this.#outside.track(promise, done, fail);
  }

  wake(): void {
    this.#outside.wake();
  }

  async plan(value: unknown): Promise<Plan> {
    const root = new Cell<Job>(this.reducer.queue);
    this.reducer.settle(root, value, undefined);
    root.whenDone(() => {});
    await this.#loop();
    do {
      while (this.#regions.length > 0) await this.#enter(this.#regions.splice(0));
    } while (await this.#expand());
    const failed = root.state === "failed" && !(root.error instanceof Unknown);
    return {
      mode: this.mode.name,
      cut: this.#cut,
      calls: await this.#met.list(),
      error: failed ? root.error : undefined,
      record: this.recorder,
    };
  }

  /** The body of a job would run, or might. */
  #miss(job: Job, because: unknown): void {
    const met = this.#met.find(job)!;
    const unknown = because instanceof Unknown ? because : met.level.because;
    met.fate = unknown ? "may" : "run";
    if (unknown) met.dependsOn = [unknown.of];
    if (!job.task.lifted && job.task.name !== SCRIPT) this.#misses.push(job);
    job.cell.fail(new Unknown(labelOf(job.task, job.parent)), job);
  }

  /** A call has arguments that are not known. */
  #block(node: CallNode, owner: Job | undefined, error: unknown): unknown {
    if (!(error instanceof Unknown)) return error;
    const task = typeof node.task === "string" ? this.taskNamed(node.task) : node.task;
    if (!task) return error;
    this.#met.block(node, task, owner, this.#level);
    // A lift stands for what it is made of.
    return task.lifted ? error : new Unknown(labelOf(task, owner));
  }

  /** Evaluates what depends on values that are not known. */
  async #enter(regions: readonly (Region & { readonly estimate: boolean })[]): Promise<void> {
    // How many items a list has that is not known is a guess.
    const isGuess = ({ estimate, list }: (typeof regions)[number]): boolean => estimate || list !== undefined;
    const groups = Map.groupBy(regions, (region) => `${isGuess(region)} ${region.because.of}`);
    for (const group of groups.values()) {
      this.#level = { because: group[0]!.because, estimate: isGuess(group[0]!) };
      for (const { make, list, owner } of group) {
        const length = list === undefined ? 1 : ((await this.#lengths.of(list)) ?? 1);
        const times = Math.min(length, this.mode.sampling?.count ?? Infinity);
        for (let i = 0; i < times; i++) this.reducer.start(make(), owner);
      }
      await this.#loop();
    }
  }

  /** Evaluates what bodies that would run left last time. */
  async #expand(): Promise<boolean> {
    const jobs = this.#misses.splice(0);
    if (jobs.length === 0) return false;
    if (++this.#rounds > MOST_ROUNDS) {
      this.#cut = true;
      return false;
    }
    this.#level = { because: undefined, estimate: true };
    for (const [job, body] of await this.#earlier.find(jobs)) {
      this.#met.find(job)!.expanded = true;
      this.reducer.start(body, job);
    }
    await this.#loop();
    return true;
  }

  async #loop(): Promise<void> {
    for (;;) {
      await this.#drain();
      if (this.#lookup.pending > 0) await this.#lookup.flush();
      else if (this.#outside.pending > 0 && this.reducer.queue.length === 0) {
        await this.#outside.sleep();
      } else if (this.reducer.queue.length === 0 && !this.circles.break(true)) return;
    }
  }

  /** Runs the steps of the queue, letting the world in every few milliseconds. */
  async #drain(): Promise<void> {
    let until = performance.now() + SLICE_MS;
    let count = 0;
    for (let step = this.reducer.queue.shift(); step; step = this.reducer.queue.shift()) {
      step();
      if ((++count & 31) === 0 && performance.now() > until) {
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
    }
  }
}

/**
 * Says what a run would do. Nothing runs, and nothing is recorded.
 *
 * @param value - what the run would evaluate
 * @throws LigaseError `LIGASE_E_OPTION` for a sample of no item
 * @example
 * ```ts
 * const { calls } = await planRun({ store, codec, files, tasks }, main(samples), {});
 * calls.filter(({ fate }) => fate === "run").map(({ task }) => task.name); // ["align"]
 * ```
 */
export function planRun(options: DryRunOptions, value: unknown, settings: Partial<RunSettings>): Promise<Plan> {
  return new DryRun(options, settings).plan(value);
}
