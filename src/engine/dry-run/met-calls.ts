import type { CallNode, Node } from "../../expr/node.ts";
import type { TaskImpl } from "../../expr/task.ts";
import { isCacheable } from "../cacheable.ts";
import type { Evaluation } from "../context.ts";
import type { Job } from "../job.ts";
import { lazyParts } from "../structure.ts";
import { Unknown } from "../unknown.ts";
import type { EarlierBodies } from "./earlier.ts";
import { labelOf } from "./label.ts";
import type { Fate, PlannedCall } from "./plan.ts";
import { Symbols } from "./symbols.ts";

/** Under what condition calls are made that are met now. */
export interface Level {
  /** Only if this has a certain value. */
  readonly because: Unknown | undefined;
  /** Only if bodies that would run call what they called last time. */
  readonly estimate: boolean;
}

/** A job, as far as it has been found out what becomes of it. */
export interface MetJob {
  readonly order: number;
  readonly level: Level;
  fate: Fate | undefined;
  dependsOn: readonly string[];
  expanded: boolean;
}

/** A call whose arguments are not known. */
interface Blocked {
  readonly order: number;
  readonly node: CallNode;
  readonly task: TaskImpl;
  readonly owner: Job | undefined;
  readonly level: Level;
}

/** The calls that a dry run comes upon. */
export class MetCalls {
  readonly #run: Evaluation;
  readonly #earlier: EarlierBodies;
  readonly #jobs = new Map<Job, MetJob>();
  readonly #blocked: Blocked[] = [];
  #order = 0;

  constructor(run: Evaluation, earlier: EarlierBodies) {
    this.#run = run;
    this.#earlier = earlier;
  }

  /** What is known of a job; nothing of one that was not met yet. */
  find(job: Job): MetJob | undefined {
    return this.#jobs.get(job);
  }

  /** A call with known arguments. */
  job(job: Job, level: Level): void {
    this.#jobs.set(job, { order: this.#order++, level, fate: undefined, dependsOn: [], expanded: false });
  }

  /** A call with arguments that are not known. */
  block(node: CallNode, task: TaskImpl, owner: Job | undefined, level: Level): void {
    this.#blocked.push({ order: this.#order++, node, task, owner, level });
  }

  /** All of them, in the order in which they were met; those that are equal count once. */
  async list(): Promise<PlannedCall[]> {
    const found: (readonly [order: number, call: PlannedCall])[] = [];
    for (const [job, { order, level, fate, dependsOn, expanded }] of this.#jobs) {
      if (fate === undefined) continue;
      const { task, taskHash, reason, parent: owner } = job;
      found.push([order, { task, taskHash, reason, owner, job, fate, estimate: level.estimate, dependsOn, expanded }]);
    }
    const symbols = new Symbols(this.#run.codec, this.#run.reducer);
    const seen = new Set<string>();
    for (const blocked of this.#blocked) {
      const symbol = symbols.of(blocked.node);
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      found.push([blocked.order, await this.#planned(blocked)]);
    }
    return found.sort(([a], [b]) => a - b).map(([, call]) => call);
  }

  /** It may run, or does for sure: whatever its arguments turn out to be, the cache has nothing for it. */
  async #planned({ node, task, owner, level }: Blocked): Promise<PlannedCall> {
    const { noCache, force } = this.#run.settings;
    const options = { ...task.options, ...node.options };
    const taskHash = this.#run.taskHash(task, options.version);
    const forced = noCache || force.has(labelOf(task, owner));
    const reason = !isCacheable(options) ? "uncached" : forced ? "forced" : "new";
    const runs = reason !== "new" || !(await this.#earlier.mayHave(task.name, taskHash));
    const fate = runs && !level.because ? "run" : "may";
    const dependsOn = this.#unknownsOf(node);
    const { estimate } = level;
    return { task, taskHash, reason, owner, job: undefined, fate, estimate, dependsOn, expanded: false };
  }

  /** The tasks whose results are missing among the arguments of a call. */
  #unknownsOf(node: CallNode): string[] {
    const parts: Node[] = [];
    lazyParts(node.args, parts);
    const found = new Set<string>();
    for (const part of parts) {
      const error = this.#run.reducer.find(part)?.error;
      if (error instanceof Unknown) found.add(error.of);
    }
    return [...found];
  }
}
