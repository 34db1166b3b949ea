import { validateInput } from "../code/parameters/index.ts";
import type { CallNode } from "../expr/node.ts";
import type { TaskOptions } from "../expr/options.ts";
import type { TaskImpl } from "../expr/task.ts";
import { type Encoded, hashText, LigaseError, nearest, newId } from "../kernel/index.ts";
import { callKey } from "./call-key.ts";
import type { Cell } from "./cell.ts";
import type { Evaluation } from "./context.ts";
import { Job } from "./job.ts";
import { SCRIPT, scriptOptions } from "./options.ts";
import { dataEdges } from "./provenance.ts";

/** What becomes of the calls that are new in this run. */
export interface NewJobs {
  /** A call nobody made before in this run. */
  begin(job: Job): void;
  /** The arguments of a call are not to be had. Answers what it fails with, where that is not what they failed with. */
  blocked?(node: CallNode, owner: Job | undefined, error: unknown): unknown;
}

/**
 * Turns calls into jobs: waits for the arguments, computes the cache key, and gives equal calls of
 * one run one job.
 */
export class Calls {
  readonly #run: Evaluation;
  readonly #next: NewJobs;

  constructor(run: Evaluation, next: NewJobs) {
    this.#run = run;
    this.#next = next;
  }

  /** Evaluates a call for a cell. */
  request(node: CallNode, cell: Cell<Job>, owner: Job | undefined): void {
    const task = typeof node.task === "string" ? this.#run.taskNamed(node.task) : node.task;
    if (!task) throw noSuchTask(typeof node.task === "string" ? node.task : node.task.name, []);
    let waits = true;
    let expected = false;
    const arrived = (): void => {
      waits = false;
      if (expected) this.#run.expect?.(task, -1);
    };
    this.#run.reducer.resolve(
      node.args,
      owner,
      (args) => {
        arrived();
        this.#validate(node, task, args as readonly unknown[], cell, owner);
      },
      (error, job) => {
        arrived();
        cell.fail(this.#next.blocked?.(node, owner, error) ?? error, job);
      },
    );
    // Not yet a job, and yet to come: people want to know of it.
    if (waits) {
      expected = true;
      this.#run.expect?.(task, 1);
    }
  }

  /** The schema of a task says what its arguments are: what it makes of them is what counts. */
  #validate(node: CallNode, task: TaskImpl, args: readonly unknown[], cell: Cell<Job>, owner: Job | undefined): void {
    const { input } = task.options;
    if (!input) {
      this.#encode(node, task, args, cell, owner);
      return;
    }
    const names = task.definition?.parameters.map((parameter) => (parameter.spread ? "" : parameter.name)) ?? [];
    this.#run.track(
      validateInput(input, args, names),
      (valid) => this.#encode(node, task, valid, cell, owner),
      (error) => cell.fail(inArguments(error, task), owner),
    );
  }

  #encode(node: CallNode, task: TaskImpl, args: unknown, cell: Cell<Job>, owner: Job | undefined): void {
    const run = this.#run;
    if (run.stopping) return;
    let encoded: Encoded;
    try {
      encoded = run.codec.encode(args);
    } catch (error) {
      cell.fail(inArguments(error, task), owner);
      return;
    }
    if (encoded.unresolved.length === 0) {
      this.#join(node, task, encoded, cell, owner);
      return;
    }
    run.track(
      run.files.fingerprint(encoded.unresolved),
      () => {
        // Written again, now that every file has its identity.
        this.#join(node, task, run.codec.encode(args), cell, owner);
      },
      (error) => cell.fail(inArguments(error, task), owner),
    );
  }

  #join(node: CallNode, task: TaskImpl, args: Encoded, cell: Cell<Job>, owner: Job | undefined): void {
    const run = this.#run;
    const options: TaskOptions =
      task.name === SCRIPT
        ? scriptOptions(owner, node.options)
        : run.mode.options(task, node.options ? { ...task.options, ...node.options } : task.options);
    if (!options.image) {
      this.#meet(node, task, args, options, "", cell, owner);
      return;
    }
    try {
      const image = run.surroundings.imageKey(options.image);
      if (typeof image === "string") this.#meet(node, task, args, options, image, cell, owner);
      else {
        run.track(
          image,
          (known) => this.#meet(node, task, args, options, known, cell, owner),
          (error) => cell.fail(error, owner),
        );
      }
    } catch (error) {
      cell.fail(error, owner);
    }
  }

  /** All that the key is made of is known: the call is one that this run has met, or a new job. */
  #meet(
    node: CallNode,
    task: TaskImpl,
    args: Encoded,
    options: TaskOptions,
    image: string,
    cell: Cell<Job>,
    owner: Job | undefined,
  ): void {
    const run = this.#run;
    if (run.stopping) return;
    const taskHash = run.taskHash(task, options.version);
    const argsHash = hashText(args.identity);
    const env = task.name === SCRIPT && options.env ? run.codec.encode(options.env).text : "";
    const key = callKey({ task: task.name, taskHash, image, env, argsHash, salt: run.mode.salt });

    const known = run.jobs.get(key);
    if (known) {
      if (owner) this.#link(known, owner, cell);
      run.reducer.follow(cell, known.cell);
    } else {
      const job = new Job({
        id: newId(),
        key,
        task,
        taskHash,
        options,
        argsText: args.text,
        argsHash,
        image,
        parent: owner,
        cell,
        tasks: run.sets.of(task.name, taskHash),
        createdAt: Date.now(),
      });
      run.jobs.set(key, job);
      run.recorder.value(args.identity, args.text, run.files.listed(args.atoms));
      if (owner) run.recorder.callEdge({ parent: owner.key, child: key });
      for (const edge of dataEdges(key, node.args, run.reducer)) run.recorder.dataEdge(edge);
      run.change(job, "pending");
      this.#next.begin(job);
    }
  }

  /** Another job waits for one that exists already. */
  #link(job: Job, owner: Job, cell: Cell<Job>): void {
    this.#run.recorder.callEdge({ parent: owner.key, child: job.key });
    if (job.settled) adoptTasks(this.#run, owner, job);
    else {
      job.addOwner(owner);
      this.#run.circles.link(job, owner, cell);
    }
  }
}

/** A settled job's tasks count among those of the job that waited for it. */
export function adoptTasks(run: Evaluation, owner: Job, job: Job): void {
  owner.tasks = run.sets.union(owner.tasks, job.tasks);
  if (!job.cacheable) owner.cacheable = false;
}

/** Names the task whose argument could not be stored, and the argument. */
function inArguments(error: unknown, task: TaskImpl): unknown {
  if (!(error instanceof LigaseError)) return error;
  const path = typeof error.facts["path"] === "string" ? error.facts["path"] : "";
  const index = /^\[(\d+)\]/.exec(path)?.[1];
  const name =
    index === undefined
      ? undefined
      : (task.definition?.parameters[Number(index)]?.name ?? `argument ${Number(index) + 1}`);
  const message =
    error.code === "LIGASE_E_UNSERIALISABLE" && name !== undefined
      ? error.message.replace(path, `${name}${path.slice(index!.length + 2)}`)
      : error.message;
  return new LigaseError(error.code, `${task.name}: ${message}`, {
    facts: { ...error.facts, task: task.name },
    ...(error.mend !== undefined && { mend: error.mend }),
    cause: error.cause,
  });
}

/** The error for a task that people asked for by name and that is not there. */
export function noSuchTask(name: string, known: Iterable<string>): LigaseError {
  const names = [...known].filter((each) => !each.startsWith("lift:")).sort();
  const near = nearest(name, names);
  return new LigaseError("LIGASE_E_NO_TASK", `there is no task ${name}`, {
    facts: { task: name, known: names },
    mend: near
      ? `did you mean ${near}?`
      : names.length > 0
        ? `there are ${names.join(", ")}`
        : "export a task from the file",
  });
}
