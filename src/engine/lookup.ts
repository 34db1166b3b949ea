import { decodeExpression } from "../expr/decode.ts";
import { holdsFiles, isFileTag } from "../files/index.ts";
import type { Hash } from "../kernel/index.ts";
import type { FoundCall } from "../store/types.ts";
import type { Evaluation } from "./context.ts";
import { GivenFiles } from "./given-files.ts";
import type { Body, Job } from "./job.ts";
import { replay } from "./replay.ts";
import type { Settler } from "./settle.ts";
import type { StoredTrace } from "./trace.ts";

/** The most calls in one question to the store: enough to share its cost, few enough to begin soon. */
export const BATCH = 2000;

/** Runs the bodies that the cache does not stand for. */
export interface Bodies {
  /** @param because - what kept a trace from being replayed, where it was a failure of what was awaited */
  run(job: Job, because?: unknown): void;
}

/**
 * Decides for each new job whether the cache has its result: gathers the keys of one turn of the
 * loop into one question to the store, and checks that what is found still holds.
 */
export class Lookup {
  readonly #run: Evaluation;
  readonly #settler: Settler;
  readonly #bodies: Bodies;
  #waiting: Job[] = [];
  /** See {@link Lookup.taking}; with those that have been settled since. */
  readonly #taking = new Set<Job>();

  constructor(run: Evaluation, settler: Settler, bodies: Bodies) {
    this.#run = run;
    this.#settler = settler;
    this.#bodies = bodies;
  }

  /** Jobs that have not been looked up yet. */
  get pending(): number {
    return this.#waiting.length;
  }

  /**
   * Jobs for which something recorded may be taken, or is being reduced: until they are settled the store does not know
   * that they need it.
   */
  get taking(): readonly Job[] {
    for (const job of this.#taking) if (job.settled) this.#taking.delete(job);
    return [...this.#taking];
  }

  begin(job: Job): void {
    const { noCache, force } = this.#run.settings;
    if (!job.cacheable || noCache || force.has(job.task.name) || (job.parent && force.has(scriptOf(job)))) {
      job.reason = job.cacheable ? "forced" : "uncached";
      job.fresh = true;
      this.#bodies.run(job);
    } else this.#waiting.push(job);
  }

  /** Asks the store about those that have waited longest; what becomes of each is a step of the queue. */
  async flush(): Promise<void> {
    const jobs = this.#waiting.length <= BATCH ? this.#waiting : this.#waiting.slice(0, BATCH);
    this.#waiting = this.#waiting.length <= BATCH ? [] : this.#waiting.slice(BATCH);
    const found = await this.#find(jobs);
    for (const job of jobs) {
      const call = found.get(job.key);
      this.#run.reducer.later(() => {
        if (call) this.adopt(job, call);
        else this.#bodies.run(job);
      });
    }
  }

  /** Takes the result that another process has recorded meanwhile; answers whether there is one. */
  async again(job: Job): Promise<boolean> {
    const call = (await this.#find([job])).get(job.key);
    if (!call || call.job === job.rejected) return false;
    this.#run.reducer.later(() => this.adopt(job, call));
    return true;
  }

  async #find(jobs: readonly Job[]): Promise<Map<Hash, FoundCall>> {
    // Before the store is asked: what it answers may be collected while the answer is on its way.
    for (const job of jobs) this.#taking.add(job);
    const found = await this.#run.store.findCalls(jobs.map((job) => job.key));
    for (const job of jobs) if (!found.has(job.key)) this.#taking.delete(job);
    return found;
  }

  /** Takes a stored result if it still holds; otherwise the body runs. */
  adopt(job: Job, found: FoundCall): void {
    const run = this.#run;
    const miss = (reason: string, because?: unknown): void => {
      job.reason = reason;
      job.rejected = found.job;
      this.#taking.delete(job);
      this.#bodies.run(job, because);
    };
    if (!holdsFiles(found.bodyText) && !holdsFiles(found.resultText ?? "")) {
      this.#take(job, found, miss);
      return;
    }
    run.track(
      this.#intact(job, found),
      (intact) => {
        if (intact) this.#take(job, intact, miss);
        else miss("files");
      },
      () => miss("files"),
    );
  }

  /** A recorded call whose files are what they were: where they were, or where the call says now that they are. */
  async #intact(job: Job, found: FoundCall): Promise<FoundCall | undefined> {
    const { codec, files, store } = this.#run;
    if (await files.intact(this.#atomsOf(found))) return found;
    const given = new GivenFiles(codec, job.argsText, await store.listPlaces(job.argsHash));
    const placed = placedAsGiven(found, given);
    return placed.bodyText !== found.bodyText && (await files.intact(this.#atomsOf(placed))) ? placed : undefined;
  }

  /** The files whose loss makes a stored call worthless: those its body left. The result's own are checked by who made them. */
  #atomsOf(found: FoundCall): readonly object[] {
    const { codec } = this.#run;
    const text = found.bodyKind === "trace" ? (JSON.parse(found.bodyText) as StoredTrace).result : found.bodyText;
    const atoms: object[] = [];
    const gather = (json: unknown): void => {
      if (json === null || typeof json !== "object") return;
      if (Array.isArray(json)) json.forEach(gather);
      else {
        const tag = (json as { $?: unknown }).$;
        if (isFileTag(tag)) atoms.push(codec.revive(json) as object);
        else Object.values(json).forEach(gather);
      }
    };
    gather(JSON.parse(text));
    return atoms;
  }

  #take(job: Job, found: FoundCall, miss: (reason: string, because?: unknown) => void): void {
    const run = this.#run;
    job.reason = "hit";
    if (job.options.check === "shallow" && found.resultText !== null && found.taskSet !== null) {
      this.#trust(job, found, miss);
      return;
    }
    let result: unknown;
    if (found.bodyKind === "trace") {
      const trace = JSON.parse(found.bodyText) as StoredTrace;
      replay(run, job, trace, (result, because) => {
        if (result) this.#settler.adopt(job, bodyOf(found), result.value, found.resultValue);
        else miss("trace", because);
      });
      return;
    }
    try {
      result =
        found.bodyKind === "value"
          ? run.codec.decode(found.bodyText)
          : decodeExpression(found.bodyText, run.codec, (name) => run.taskNamed(name));
    } catch {
      // It calls a task that is gone, or was written by a newer version.
      miss("code");
      return;
    }
    this.#settler.adopt(job, bodyOf(found), result, found.resultValue);
  }

  /** `check: "shallow"`: the recorded result, if no task in its subtree has changed. */
  #trust(job: Job, found: FoundCall, miss: (reason: string) => void): void {
    const run = this.#run;
    run.track(
      run.store.findTaskSet(found.taskSet!),
      (tasks) => {
        if (!tasks || !unchanged(run, tasks)) {
          job.reason = "subtree";
          job.options = { ...job.options, check: "full" };
          this.#take(job, found, miss);
          return;
        }
        job.tasks = run.sets.from(Object.entries(tasks));
        const value = run.codec.decode(found.resultText!);
        const atoms = run.codec.encode(value).atoms;
        run.track(
          run.files.intact(atoms),
          (intact) => {
            if (!intact) miss("files");
            else {
              job.body = bodyOf(found);
              this.#settler.succeeded(job, value, found.resultValue!, true, found.resultValue);
            }
          },
          () => miss("files"),
        );
      },
      () => miss("new"),
    );
  }
}

/** The task whose options a script has: forcing that forces the script. */
function scriptOf(job: Job): string {
  return job.task.name === "script" ? job.parent!.task.name : job.task.name;
}

/** What is recorded of a call, with the files that it was given where they are now. */
function placedAsGiven(found: FoundCall, given: GivenFiles): FoundCall {
  const { bodyKind, bodyText, resultText } = found;
  return {
    ...found,
    bodyText: bodyKind === "trace" ? tracePlaced(bodyText, given) : given.placed(bodyText),
    resultText: resultText === null ? null : given.placed(resultText),
  };
}

function tracePlaced(text: string, given: GivenFiles): string {
  const trace = JSON.parse(text) as StoredTrace;
  const entries = trace.entries.map((entry) => ({ ...entry, expr: given.placed(entry.expr) }));
  return JSON.stringify({ ...trace, entries, result: given.placed(trace.result) });
}

function bodyOf(found: FoundCall): Body {
  return { kind: found.bodyKind, hash: found.bodyValue };
}

/** Do all of these tasks have the code they had? */
export function unchanged(run: Evaluation, tasks: Readonly<Record<string, Hash>>): boolean {
  return Object.entries(tasks).every(([name, hash]) => {
    const task = run.taskNamed(name);
    return task !== undefined && run.taskHash(task) === hash;
  });
}
