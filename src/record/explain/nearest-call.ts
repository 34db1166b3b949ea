import { callKey } from "../../engine/call-key.ts";
import type { Hash } from "../../kernel/index.ts";
import { SCRIPT } from "../../project/owner.ts";
import type { CallRow, JobRow, JobState, RunMode, Store } from "../../store/types.ts";
import { distance, likeness, type Likeness } from "./likeness.ts";

/** How many earlier calls are looked through for the nearest. */
const LOOK_BACK = 300;
/** Among so many of the newest jobs that came to nothing an earlier try of a call is looked for. */
const MOST_FAILURES = 2000;
const CAME_TO_NOTHING: readonly JobState[] = ["failed", "cancelled", "running", "pending"];
/** Of two calls that are equally near, the one by the same code is nearer. */
const OTHER_CODE = 0.1;

/** Calls of a task, newest first, and what their arguments are like. */
interface Earlier {
  /** They began before this. */
  readonly before: number;
  readonly mode: RunMode;
  readonly calls: readonly CallRow[];
  likenesses(): Promise<ReadonlyMap<Hash, Likeness>>;
}

/**
 * Finds for jobs the calls of earlier runs of the same mode that a person would compare with. The earlier calls of a task are read once,
 * so that of 50 jobs of a run each takes a fifth of a millisecond.
 */
export class NearestCalls {
  readonly #store: Store;
  readonly #earlier = new Map<string, Promise<Earlier>>();
  #versions: Promise<ReadonlyMap<string, readonly Hash[]>> | undefined;
  #failures: Promise<readonly JobRow[]> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The newest call of the same task with the same arguments, or else the one whose arguments are most alike. Calls of
   * the same run are about other things.
   */
  async of(job: JobRow): Promise<CallRow | undefined> {
    const { before, mode, calls, likenesses } = await this.#before(job);
    const isOther = (call: CallRow): boolean => call.key !== job.call && call.run !== job.run;
    const earlier = calls.filter(isOther);
    const sameArguments = earlier.find((call) => call.argsValue === job.argsValue);
    if (sameArguments) return sameArguments;
    // Of 100,000 calls the one with these arguments is not among the last ones, but its key can be told.
    const byKey = mode === "normal" ? (await this.#byOtherCode(job)).filter(isOther) : [];
    const newest = byKey.filter((call) => call.createdAt < before).toSorted((a, b) => b.createdAt - a.createdAt)[0];
    if (newest || earlier.length <= 1) return newest ?? earlier[0];
    const text = (await this.#store.findValues([job.argsValue])).get(job.argsValue);
    if (text === undefined) return earlier[0];
    const own = likeness(text);
    const known = await likenesses();
    let best = earlier[0];
    let least = Infinity;
    for (const call of earlier) {
      const other = known.get(call.argsValue);
      if (other === undefined) continue;
      const away = distance(own, other) + (call.taskHash === job.taskHash ? 0 : OTHER_CODE);
      if (away < least) {
        least = away;
        best = call;
      }
    }
    return best;
  }

  /**
   * The newest earlier try of the same call that came to nothing, if there was one since a time. No index leads there, so
   * the newest of all such jobs are read once: among 100,000 jobs in 20 ms.
   */
  async failedBefore(job: JobRow, since: number): Promise<JobRow | undefined> {
    this.#failures ??= this.#store.listJobs({ states: CAME_TO_NOTHING, order: "newest", limit: MOST_FAILURES });
    const failures = await this.#failures;
    const isTry = (each: JobRow): boolean =>
      each.call === job.call && each.id !== job.id && each.createdAt >= since && each.createdAt <= job.createdAt;
    const known = failures.find(isTry);
    if (known || failures.length < MOST_FAILURES) return known;
    const tries = await this.#store.listJobs({ call: job.call, states: CAME_TO_NOTHING, since, order: "newest" });
    return tries.find(isTry);
  }

  /** The calls with the same arguments of every version of the task. */
  async #byOtherCode({ task, call, argsValue: argsHash }: JobRow): Promise<readonly CallRow[]> {
    if (task === SCRIPT) return [];
    this.#versions ??= this.#store
      .listTasks()
      .then(
        (all) =>
          new Map(
            [...Map.groupBy(all, ({ name }) => name)].map(([name, rows]) => [name, rows.map(({ hash }) => hash)]),
          ),
      );
    const image = (await this.#store.getCall(call))?.image ?? "";
    const versions = (await this.#versions).get(task) ?? [];
    const keys = versions.map((taskHash) => callKey({ task, taskHash, image, env: "", argsHash, salt: "" }));
    const found = await Promise.all(keys.map((key) => this.#store.getCall(key)));
    return found.filter((each) => each !== undefined);
  }

  async #before(job: JobRow): Promise<Earlier> {
    const run = await this.#store.getRun(job.run);
    const before = Math.min(job.createdAt, run?.startedAt ?? Infinity);
    const mode = run?.mode ?? "normal";
    const key = `${before} ${mode} ${job.task}`;
    const earlier = this.#earlier.get(key) ?? this.#read(job.task, before, mode);
    this.#earlier.set(key, earlier);
    return earlier;
  }

  async #read(task: string, before: number, mode: RunMode): Promise<Earlier> {
    const calls = await this.#store.listCalls(task, { before, limit: LOOK_BACK, mode });
    let known: Promise<ReadonlyMap<Hash, Likeness>> | undefined;
    const read = async (): Promise<ReadonlyMap<Hash, Likeness>> => {
      const texts = await this.#store.findValues([...new Set(calls.map((call) => call.argsValue))]);
      return new Map(Array.from(texts, ([hash, text]) => [hash, likeness(text)]));
    };
    return { before, mode, calls, likenesses: () => (known ??= read()) };
  }
}
