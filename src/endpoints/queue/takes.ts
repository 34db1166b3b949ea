import { formatDuration } from "../../kernel/index.ts";
import { deadline } from "./deadlines.ts";
import type { Endings } from "./endings.ts";
import type { OpenJob } from "./job.ts";
import type { Line, Taker } from "./line.ts";
import type { QueueState } from "./state.ts";
import type { Queue, TakenJob } from "./types.ts";
import { Holder } from "./worker.ts";

type TakeOptions = Parameters<Queue["take"]>[2];
type Guard = (endpoint: string, worker: string) => boolean;

/** Jobs on their way to workers, and back when a worker dies. */
export class Takes {
  readonly #state: QueueState;
  readonly #endings: Endings;
  /** Lines in which something has changed in this turn. */
  readonly #stirred = new Set<Line>();
  #guard: Guard = () => true;

  constructor(state: QueueState, endings: Endings) {
    this.#state = state;
    this.#endings = endings;
  }

  admit(guard: Guard): void {
    this.#guard = guard;
  }

  /** Something has changed: jobs find workers, once all of this turn is known. */
  stir(line: Line): void {
    if (this.#stirred.size === 0) {
      queueMicrotask(() => {
        const lines = [...this.#stirred];
        this.#stirred.clear();
        for (const line of lines) this.#match(line);
      });
    }
    this.#stirred.add(line);
  }

  async take(endpoint: string, worker: string, { max, waitMs, signal }: TakeOptions): Promise<readonly TakenJob[]> {
    const { holders, deadlines, steady } = this.#state;
    const holder = this.#holder(worker);
    holder.endpoint = endpoint;
    if (holder.known) await holder.known;
    this.#heard(holder);
    if (this.#state.closed || signal?.aborted || max < 1 || holders.get(worker) !== holder) return [];

    const line = this.#state.line(endpoint);
    const { promise, resolve } = Promise.withResolvers<void>();
    const settle = (): void => {
      line.takers.delete(taker);
      deadlines.clear(over);
      signal?.removeEventListener("abort", settle);
      resolve();
    };
    const taker: Taker = { holder, max, jobs: [], settle };
    const over = deadline(settle);
    line.takers.add(taker);
    this.#match(line);
    if (line.takers.has(taker)) {
      if (waitMs > 0) {
        deadlines.set(over, steady() + waitMs);
        signal?.addEventListener("abort", settle);
      } else settle();
    }
    await promise;
    return this.#handOut(taker, signal);
  }

  /** A worker that has asked for something. */
  #holder(worker: string): Holder {
    const { holders, steady } = this.#state;
    let holder = holders.get(worker);
    if (holder === undefined) {
      holder = new Holder(worker, this.#state.bell(), steady());
      holders.set(worker, holder);
      holder.known = this.#introduce(holder);
    }
    return holder;
  }

  /** Which version a worker is of: it was recorded when it was started. */
  async #introduce(holder: Holder): Promise<void> {
    try {
      holder.deployment = (await this.#state.store.getWorker(holder.id))?.deployment ?? null;
    } catch (error) {
      this.#state.complain(`nothing is known of worker ${holder.id}`, error);
    }
    holder.known = undefined;
  }

  /**
   * Gives jobs to workers that wait: the next job to the worker that has the fewest, for otherwise one would get all while
   * others idle.
   */
  #match(line: Line): void {
    const full: Taker[] = [];
    for (let job = line.next(); job !== undefined && line.takers.size > 0; job = line.next()) {
      if (job.expires <= this.#state.steady()) {
        this.#endings.due(job);
        continue;
      }
      const taker = this.#chosen(line, job);
      if (taker === undefined) break;
      line.remove(job);
      this.#give(job, line, taker);
      if (taker.jobs.length >= taker.max) {
        line.takers.delete(taker);
        full.push(taker);
      }
    }
    for (const taker of full) taker.settle();
    for (const taker of line.takers) if (taker.jobs.length > 0) taker.settle();
  }

  #chosen(line: Line, job: OpenJob): Taker | undefined {
    let chosen: Taker | undefined;
    for (const taker of line.takers) {
      const { holder } = taker;
      // Of equals the one that finished last: the others may idle out.
      if (chosen !== undefined && chosen.holder.jobs.size < holder.jobs.size) continue;
      // Its answer to the attempt before would be taken for one to this.
      if (holder.ending.has(job.row.id)) continue;
      if (this.#admits(line.endpoint, holder.id)) chosen = taker;
    }
    return chosen;
  }

  #admits(endpoint: string, worker: string): boolean {
    try {
      return this.#guard(endpoint, worker);
    } catch (error) {
      this.#state.complain(`nobody says whether worker ${worker} may have jobs`, error);
      return true;
    }
  }

  #give(job: OpenJob, line: Line, { holder, jobs }: Taker): void {
    const { ledger, steady, deadlines, leaseMs } = this.#state;
    const { row } = job;
    const now = steady();
    job.taken = now;
    job.heard = now;
    job.reducing = false;
    job.gone = undefined;
    row.state = "IN_PROGRESS";
    row.worker = holder.id;
    row.deployment = holder.deployment;
    row.takenAt = job.wall(now);
    row.attempts += 1;
    jobs.push(job);
    holder.jobs.set(row.id, job);
    line.inProgress += 1;
    deadlines.set(job.deadline, now + Math.min(leaseMs, row.timeoutMs));
    const { id, state, worker, deployment, takenAt, attempts } = row;
    // Nobody waits for this: its end says the same once more.
    ledger.note({ id, state, worker, deployment, takenAt, attempts });
    if (this.#state.listeners.size > 0) {
      const taken = job.view();
      this.#state.tell((listener) => listener.taken?.(taken, holder.id));
    }
  }

  async #handOut({ jobs, holder }: Taker, signal: AbortSignal | undefined): Promise<readonly TakenJob[]> {
    const handed: TakenJob[] = [];
    for (const job of jobs) {
      const { row } = job;
      const { id, attempts: attempt, timeoutMs, webhook, s3Config } = row;
      try {
        const input = row.input ?? (await this.#state.inputOf(row));
        if (signal?.aborted) await this.#giveBack(job, holder, "its worker hung up before it had it", false);
        else if (this.holds(holder.id, job)) handed.push({ id, input, attempt, timeoutMs, webhook, s3Config });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#state.complain(`job ${id} has no input`, error);
        if (this.holds(holder.id, job) && !job.ending) {
          this.#endings.endLater(job, { state: "FAILED", reason: `its input cannot be read: ${why}` });
        }
      }
    }
    return handed;
  }

  /** Is this job this worker's, also when a driver is at work on its answer? */
  holds(worker: string, { row, reducing, final }: OpenJob): boolean {
    if (final || row.state !== "IN_PROGRESS" || row.worker !== worker) return false;
    return reducing || this.#state.holders.get(worker)?.jobs.has(row.id) === true;
  }

  /** A worker said something: it is alive, and so is all that it has. */
  heard(worker: string): void {
    const holder = this.#state.holders.get(worker);
    if (holder) this.#heard(holder);
  }

  #heard(holder: Holder): void {
    holder.heard = this.#state.steady();
    for (const job of holder.jobs.values()) job.heard = holder.heard;
  }

  heartbeat(worker: string, jobs: readonly string[]): void {
    const holder = this.#state.holders.get(worker);
    if (holder === undefined) return;
    if (jobs.length > 0) holder.names = true;
    // One that never names what it has keeps it by being alive.
    if (!holder.names) return this.#heard(holder);
    holder.heard = this.#state.steady();
    for (const id of jobs) {
      const job = holder.jobs.get(id);
      if (job) job.heard = holder.heard;
    }
  }

  async jobsToStop(worker: string, waitMs: number, signal?: AbortSignal): Promise<readonly string[]> {
    if (this.#state.closed) return [];
    // It may ask before it takes its first job.
    const holder = this.#holder(worker);
    if (holder.untold.size === 0) await holder.stopped.wait(this.#state.steady() + waitMs, signal);
    if (signal?.aborted) return [];
    const jobs = [...holder.untold];
    holder.untold.clear();
    return jobs;
  }

  /** A worker has let go of a job that it was to end. */
  free(worker: string, id: string): void {
    const holder = this.#state.holders.get(worker);
    if (!holder?.free(id)) return;
    this.#state.tell((listener) => listener.freed?.(id, worker));
    if (holder.endpoint !== undefined) this.stir(this.#state.line(holder.endpoint));
  }

  /** A worker is gone. */
  async lost(worker: string, why: string, counted: boolean): Promise<void> {
    const { holders, lines } = this.#state;
    const holder = holders.get(worker);
    if (holder === undefined) return;
    holders.delete(worker);
    for (const line of lines.values()) {
      for (const taker of line.takers) if (taker.holder === holder) taker.settle();
    }
    holder.stopped.ring();
    await Promise.all([...holder.jobs.values()].map((job) => this.#giveBack(job, holder, why, counted)));
  }

  /** A worker that has a job is silent. */
  silent(job: OpenJob): void {
    const { holders, leaseMs } = this.#state;
    const holder = job.row.worker === null ? undefined : holders.get(job.row.worker);
    const why = job.gone ?? `its worker was not heard of for ${formatDuration(leaseMs)}`;
    // Should it be alive after all, it is not to go on.
    holder?.end(job.row.id);
    this.#giveBack(job, holder, why, true).catch((error: unknown) => {
      this.#state.complain(`job ${job.row.id} was not given back`, error);
    });
  }

  /** A job goes back into the queue, or fails when it was begun too often. */
  async #giveBack(job: OpenJob, holder: Holder | undefined, why: string, counted: boolean): Promise<void> {
    const { row } = job;
    const attempt = row.attempts;
    while (job.ending && !job.final) await job.ending;
    if (
      job.final ||
      row.state !== "IN_PROGRESS" ||
      row.attempts !== attempt ||
      row.worker !== (holder?.id ?? row.worker)
    )
      return;
    const line = this.#state.line(row.endpoint);
    if (counted && attempt >= line.settings.maxAttempts) {
      const reason = attempt === 1 ? why : `${why}; it was begun ${attempt} times`;
      try {
        // A worker that lives but is silent is to hear of it: who ends workers does.
        await this.#endings.end(job, { state: "FAILED", reason, error: reason, stop: "timeout" });
      } catch {
        job.gone = why;
        job.heard = Number.NEGATIVE_INFINITY;
        this.#endings.again(job);
      }
      return;
    }
    if (!counted) row.attempts -= 1;
    holder?.jobs.delete(row.id);
    line.inProgress -= 1;
    this.requeue(job, line);
    const back = job.view();
    this.#state.tell((listener) => listener.returned?.(back, why));
    // Nobody is told more than that it waits: should it not be recorded, it waits after a restart all the same.
    await this.#state.ledger
      .restart({ id: row.id, state: "IN_QUEUE", attempts: row.attempts, output: null, chunks: 0, delivered: 0 })
      .catch(() => {});
  }

  /** Puts a job among those that wait, as if it had never been taken. */
  requeue(job: OpenJob, line: Line): void {
    const { row } = job;
    row.state = "IN_QUEUE";
    row.output = null;
    row.chunks = 0;
    row.delivered = 0;
    job.nextChunk = 0;
    line.put(job);
    this.#state.deadlines.set(job.deadline, job.expires);
    this.stir(line);
  }
}
