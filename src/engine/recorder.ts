import { type Encoded, type Hash, hashText } from "../kernel/index.ts";
import type {
  AttemptRow,
  CallEdgeRow,
  CallRow,
  DataEdgeRow,
  ImageRow,
  ProgramRow,
  RecoveryRow,
  RunRow,
  Store,
  TaskRow,
  ValueFile,
  ValueRow,
  WriteBatch,
} from "../store/types.ts";
import type { Job } from "./job.ts";
import type { TaskSet } from "./task-sets.ts";

/** How long a result may lie in memory before it is recorded, in milliseconds. */
const GROUP_COMMIT_MS = 20;
/** A group is committed earlier when it holds this many jobs, so that no commit takes long. */
const GROUP_SIZE = 2000;
/** So many groups may be on their way to the store. */
const MOST_GROUPS = 3;

/** What evaluating calls leaves to be recorded. */
export type Recording = Pick<
  Recorder,
  "task" | "call" | "value" | "result" | "taskSet" | "callEdge" | "dataEdge" | "recovery"
>;

/**
 * Gathers what is to be recorded and commits it in groups. A job that starts and ends within one
 * group is written once. Nothing is announced (to the screen, a client, another machine) before
 * {@link Recorder.flush} has resolved.
 */
export class Recorder {
  readonly #store: Store;
  readonly #run: RunRow;
  readonly #jobs = new Set<Job>();
  readonly #calls = new Set<Job>();
  /** Jobs that are written, with those above them, because of one below them. */
  readonly #parents = new WeakSet<Job>();
  /** Values and task sets that are on their way or recorded: not written twice. */
  readonly #known = new Set<Hash>();
  #batch: WriteBatch = {};
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();
  #backlog = 0;
  readonly #onFailure: (error: unknown) => void;

  /** @param onFailure - told when a commit fails: the run cannot go on */
  constructor(store: Store, run: RunRow, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#run = run;
    this.#onFailure = onFailure;
  }

  /** The run's row has changed. */
  run(): void {
    this.#batch.runs = [this.#run];
    this.#soon();
  }

  /** @param sources - the texts of its modules */
  program(row: ProgramRow, sources: readonly ValueRow[] = []): void {
    (this.#batch.programs ??= []).push(row);
    (this.#batch.values ??= []).push(...sources);
    this.#soon();
  }

  /** An environment that attempts of this run are in. */
  image(row: ImageRow): void {
    const known = `image ${row.digest} ${row.identity}`;
    if (this.#known.has(known)) return;
    this.#known.add(known);
    (this.#batch.images ??= []).push(row);
    this.#soon();
  }

  task(row: TaskRow): void {
    (this.#batch.tasks ??= []).push(row);
    this.#soon();
  }

  /** The job's state has changed. */
  job(job: Job): void {
    // While something runs, those above it can be seen too. What is cached soon has its say itself.
    if (job.state !== "cached") this.#above(job);
    this.#jobs.add(job);
    this.#soon();
  }

  /** Writes the jobs above one that are not yet written: their bodies were hits, and they wait for what is below them. */
  #above(job: Job): void {
    const missing: Job[] = [];
    for (let at = job.parent; at && !this.#parents.has(at); at = at.parent) missing.push(at);
    for (const parent of missing.toReversed()) {
      this.#parents.add(parent);
      this.#jobs.add(parent);
    }
  }

  /** The job's body, or its result, is there. */
  call(job: Job): void {
    this.#calls.add(job);
    this.#jobs.add(job);
    this.#soon();
  }

  attempt(row: AttemptRow): void {
    const attempts = (this.#batch.attempts ??= []);
    const at = attempts.findIndex((each) => each.job === row.job && each.attempt === row.attempt);
    if (at === -1) attempts.push(row);
    else attempts[at] = row;
    this.#soon();
  }

  /** Records a value under the hash of its identity. */
  value(identity: string, text: string, files?: readonly ValueFile[]): Hash {
    return this.#value(hashText(identity), text, files);
  }

  /**
   * Records what a call gave. One with files counts with their places: a file that was published is not the output it
   * was made of, though it is the same value, and each must be looked for where it was left.
   */
  result({ identity, text }: Pick<Encoded, "identity" | "text">, files?: readonly ValueFile[]): Hash {
    return this.#value(hashText(files ? text : identity), text, files);
  }

  #value(hash: Hash, text: string, files?: readonly ValueFile[]): Hash {
    // A value with files is written again: the same content may lie in another place now.
    if (!this.#known.has(hash) || files) {
      this.#known.add(hash);
      (this.#batch.values ??= []).push(files ? { hash, text, files } : { hash, text });
      this.#soon();
    }
    return hash;
  }

  taskSet(set: TaskSet): Hash {
    if (!this.#known.has(set.hash)) {
      this.#known.add(set.hash);
      (this.#batch.taskSets ??= []).push({ hash: set.hash, tasks: Object.fromEntries(set.tasks) });
      this.#soon();
    }
    return set.hash;
  }

  callEdge(row: CallEdgeRow): void {
    (this.#batch.callEdges ??= []).push(row);
    this.#soon();
  }

  dataEdge(row: DataEdgeRow): void {
    (this.#batch.dataEdges ??= []).push(row);
    this.#soon();
  }

  recovery(row: RecoveryRow): void {
    (this.#batch.recoveries ??= []).push(row);
    this.#soon();
  }

  /** Commits now if a group is due: called from the loop, which may keep timers from firing. */
  flushIfDue(): Promise<void> | undefined {
    if (this.#since === 0) return undefined;
    const due = this.#jobs.size >= GROUP_SIZE || performance.now() - this.#since >= GROUP_COMMIT_MS;
    return due ? this.flush() : undefined;
  }

  /** Waits while the store is far behind: what is not recorded yet lies in memory. */
  async keepUp(): Promise<void> {
    if (this.#backlog > MOST_GROUPS) await this.#committing;
  }

  /** Commits everything gathered so far; it is durable when the promise resolves. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#since = 0;
    const batch = this.#take();
    if (batch) {
      this.#backlog++;
      // Handed over at once, not when the one before is done: what waits for the disk is then written together.
      this.#committing = Promise.all([this.#committing, this.#store.commit(batch)]).then(() => {});
      this.#committing.then(() => this.#backlog--, this.#onFailure);
    }
    return this.#committing;
  }

  #soon(): void {
    if (this.#since !== 0) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), GROUP_COMMIT_MS);
  }

  #take(): WriteBatch | undefined {
    const batch = this.#batch;
    if (this.#calls.size > 0) batch.calls = Array.from(this.#calls, (job) => this.#callRow(job));
    if (this.#jobs.size > 0) {
      batch.jobs = Array.from(this.#jobs, (job) => ({
        id: job.id,
        run: this.#run.id,
        parent: job.parent?.id ?? null,
        call: job.key,
        task: job.task.name,
        taskHash: job.taskHash,
        argsValue: job.argsHash,
        state: job.state,
        reason: job.reason,
        executor: job.executor,
        createdAt: job.createdAt,
        startedAt: job.startedAt ?? null,
        endedAt: job.endedAt ?? null,
        attempts: job.attempts,
        errorValue: job.errorHash ?? null,
        tags: job.options.tags ?? null,
      }));
    }
    this.#calls.clear();
    this.#jobs.clear();
    this.#batch = {};
    return Object.keys(batch).length > 0 ? batch : undefined;
  }

  #callRow(job: Job): CallRow {
    const body = job.body!;
    return {
      key: job.key,
      task: job.task.name,
      taskHash: job.taskHash,
      image: job.image,
      argsValue: job.argsHash,
      bodyKind: body.kind,
      bodyValue: body.hash,
      resultValue: job.resultHash ?? null,
      // A subtree in which a body runs in every run is never trusted as a whole.
      taskSet: job.resultHash === undefined || !job.cacheable ? null : job.tasks.hash,
      createdAt: job.startedAt ?? job.createdAt,
      job: job.id,
      run: this.#run.id,
    };
  }
}

/** The row of an attempt that has just begun. */
export function openAttempt(
  job: Job,
  facts: Pick<AttemptRow, "executor" | "host" | "cpu" | "memory" | "gpu" | "disk" | "workDir" | "image">,
): AttemptRow {
  return {
    job: job.id,
    attempt: job.attempts,
    startedAt: Date.now(),
    endedAt: null,
    outcome: null,
    exitCode: null,
    signal: null,
    wallMs: null,
    cpuMs: null,
    peakMemory: null,
    bytesIn: null,
    bytesOut: null,
    stdout: null,
    stderr: null,
    pgid: null,
    pidStarted: null,
    errorValue: null,
    tools: null,
    limits: null,
    ...facts,
  };
}
