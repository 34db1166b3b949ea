import type { TaskOptions } from "../expr/options.ts";
import type { TaskImpl } from "../expr/task.ts";
import type { Hash } from "../kernel/index.ts";
import type { BodyKind, JobState } from "../store/types.ts";
import { isCacheable } from "./cacheable.ts";
import type { Cell } from "./cell.ts";
import type { TaskSet } from "./task-sets.ts";
import type { Trace } from "./trace.ts";

/** What a finished body left. */
export interface Body {
  readonly kind: BodyKind;
  /** Of the value that is stored of it. */
  readonly hash: Hash;
}

/** Shared by all that have none: a list of its own costs a job a tenth of its size. */
const NO_JOBS: Job[] = [];

/** How a job reads in a message: its task with its arguments, shortened. */
export function describeJob(job: Job): string {
  const args = job.argsText.slice(1, -1);
  return `${job.task.name}(${args.length > 40 ? `${args.slice(0, 39)}…` : args})`;
}

/** One evaluation of a call inside a run, as the engine holds it. What is stored of it is a `JobRow`. */
export class Job {
  readonly id: string;
  /** The cache key of its call. */
  readonly key: Hash;
  readonly task: TaskImpl;
  readonly taskHash: Hash;
  /** Those of the task, with those of the call over them; for a script, those of the task that made it. */
  options: TaskOptions;
  /** Its arguments, a list, as the codec writes them; empty once it has settled. */
  argsText: string;
  readonly argsHash: Hash;
  readonly image: string;
  readonly parent: Job | undefined;
  readonly cell: Cell<Job>;
  readonly createdAt: number;

  state: JobState = "pending";
  reason = "new";
  /** Does its body run whatever is recorded of the call, here or in another process? */
  fresh = false;
  /** The job whose recorded result of this call was looked at and no longer holds. */
  rejected: string | undefined;
  #owners: Job[] = NO_JOBS;
  startedAt: number | undefined;
  endedAt: number | undefined;
  attempts = 0;
  executor = "inline";
  body: Body | undefined;
  resultHash: Hash | undefined;
  errorHash: Hash | undefined;
  /** Did the error arise in it, rather than in a job it waited for? */
  failedHere = false;
  /** Itself and everything below it, as far as that has ended. */
  tasks: TaskSet;
  /** False when something in its subtree may not be taken from the cache. */
  cacheable: boolean;
  /** What its body awaited. */
  trace: Trace | undefined;
  constructor(facts: {
    id: string;
    key: Hash;
    task: TaskImpl;
    taskHash: Hash;
    options: TaskOptions;
    argsText: string;
    argsHash: Hash;
    image: string;
    parent: Job | undefined;
    cell: Cell<Job>;
    tasks: TaskSet;
    createdAt: number;
  }) {
    this.id = facts.id;
    this.key = facts.key;
    this.task = facts.task;
    this.taskHash = facts.taskHash;
    this.options = facts.options;
    this.argsText = facts.argsText;
    this.argsHash = facts.argsHash;
    this.image = facts.image;
    this.parent = facts.parent;
    this.cell = facts.cell;
    this.tasks = facts.tasks;
    this.createdAt = facts.createdAt;
    this.cacheable = isCacheable(facts.options);
    facts.cell.job = this;
    if (facts.parent) this.#owners = [facts.parent];
  }

  get settled(): boolean {
    return this.state === "done" || this.state === "cached" || this.state === "failed" || this.state === "cancelled";
  }

  /** Those that wait for it: the parent and others that made an equal call. */
  get owners(): readonly Job[] {
    return this.#owners;
  }

  /** Another job waits for this one. */
  addOwner(owner: Job): void {
    if (this.#owners === NO_JOBS) this.#owners = [owner];
    else this.#owners.push(owner);
  }

  /** It waits no longer. */
  removeOwner(owner: Job): void {
    this.#owners = this.#owners.filter((each) => each !== owner);
  }

  /** Lets go of what only a job under way needs: a run may have millions behind it. */
  letGo(): void {
    this.argsText = "";
    this.trace = undefined;
    this.#owners = NO_JOBS;
  }

  /** The calls that led here, outermost first. */
  get chain(): readonly Job[] {
    const chain: Job[] = [this];
    for (let job = this.parent; job; job = job.parent) chain.push(job);
    return chain.reverse();
  }
}
