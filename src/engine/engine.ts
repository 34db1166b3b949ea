import { hostname, userInfo } from "node:os";
import type { Executor } from "../executors/types.ts";
import type { TaskImpl } from "../expr/task.ts";
import { type Codec, type Log, newId, silentLog } from "../kernel/index.ts";
import type { EngineRow, JobState, ProgramRow, RunRow, Store, ValueRow } from "../store/types.ts";
import { DEFAULTS, type RunSettings } from "./context.ts";
import type { FileService } from "./files.ts";
import type { Job } from "./job.ts";
import { Mode } from "./mode.ts";
import { clearOrphans, type KillOrphan } from "./orphans.ts";
import { executorMap, Run } from "./run.ts";
import { demandOutside } from "./options.ts";
import { type Demand, Scheduler } from "./scheduler.ts";
import { Sharing } from "./sharing.ts";
import { BARE, type Surroundings } from "./surroundings.ts";
import { TimeLeft } from "./time-left.ts";

/** What an engine works with. It owns none of it but the executors, which it closes. */
export interface EngineOptions {
  readonly store: Store;
  /** The `.ligase` folder: work directories, outputs and logs lie in it. */
  readonly storeDir: string;
  readonly codec: Codec;
  readonly files: FileService;
  readonly executors: readonly Executor[];
  /** The capacity of each named limit. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Every task that may be called, by name. */
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  /** The snapshot of code the tasks come from. */
  readonly program?: ProgramRow;
  /** The texts of its modules, as values, where they are not recorded yet. */
  readonly sources?: readonly ValueRow[];
  /** The bundle that process workers import. */
  readonly bundle: () => Promise<string>;
  /** The folder with the project's files as they were when the engine was opened: what Python is read from. */
  readonly code?: () => Promise<string>;
  /** Ends a process that a crashed run left behind. */
  readonly killOrphan?: KillOrphan;
  /** Environments, volumes and secrets; without them, tasks that name any are refused. */
  readonly surroundings?: Surroundings;
  readonly log?: Log;
  readonly ligaseVersion: string;
  /** Told of every job whose state changes, at once and from within the engine: it must be quick. */
  readonly onChange?: (job: Job, state: JobState) => void;
  /** Told when another process must first say what it has in flight, and takes long. */
  readonly onWait?: (engine: EngineRow) => void;
}

/** What is known of a run besides its expression. */
export interface RunFacts {
  /** The id that somebody gave it before it began. Default: a new one. */
  readonly id?: string | undefined;
  /** What people see as its name: the task asked for. */
  readonly task: string;
  readonly argv?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** The state of the repository; a run does not wait for it to begin. */
  readonly git?: Promise<{ readonly commit: string; readonly dirty: boolean } | undefined>;
}

/**
 * Reduces expressions with a store, executors and a snapshot of code.
 *
 * @example
 * ```ts
 * const engine = await Engine.open({ store, storeDir, codec, files, executors, tasks, bundle, ligaseVersion });
 * const run = engine.start(main(samples), { task: "main" });
 * console.log(await run.result);
 * await engine.close();
 * ```
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #sharing: Sharing;
  readonly #executors: ReadonlyMap<string, Executor>;
  readonly #scheduler: Scheduler;
  #programRecorded = false;

  private constructor(options: EngineOptions, sharing: Sharing) {
    this.#options = options;
    this.#sharing = sharing;
    this.#executors = executorMap(options.executors);
    const capacities = options.executors.map(
      ({ name, capacity, gpus }) => [name, { ...capacity, ...(gpus && { gpus }) }] as const,
    );
    this.#scheduler = new Scheduler(
      new Map([["inline", { cpu: Infinity, memory: Infinity, gpu: 0, disk: Infinity }], ...capacities]),
      options.limits ?? {},
    );
  }

  /** Clears what a crash left behind, and becomes known to other processes on the same store. */
  static async open(options: EngineOptions): Promise<Engine> {
    const sharing = new Sharing(options.store, hostname());
    const engine = new Engine(options, sharing);
    await sharing.open(options.onWait);
    await clearOrphans(options.store, options.killOrphan, options.log ?? silentLog);
    return engine;
  }

  /**
   * Starts to evaluate a value that may be lazy, or hold lazy parts. Several may go on at once: they share
   * the executors, and equal calls of theirs are not repeated.
   *
   * @throws LigaseError `LIGASE_E_OPTION` for a sample of no item
   */
  start(value: unknown, facts: RunFacts, settings: Partial<RunSettings> = {}): Run {
    const { program, codec } = this.#options;
    const id = facts.id ?? newId();
    const mode = new Mode(settings, id);
    const row: RunRow = {
      id,
      mode: mode.name,
      pinned: false,
      task: facts.task,
      state: "running",
      startedAt: Date.now(),
      endedAt: null,
      program: program?.id ?? null,
      argsValue: null,
      resultValue: null,
      errorValue: null,
      host: hostname(),
      user: userName(),
      pid: process.pid,
      cwd: process.cwd(),
      argv: facts.argv ?? [],
      gitCommit: null,
      gitDirty: null,
      ligaseVersion: this.#options.ligaseVersion,
      nodeVersion: process.versions.node,
      tags: facts.tags ?? {},
    };
    const run = new Run(
      {
        store: this.#options.store,
        storeDir: this.#options.storeDir,
        codec,
        files: this.#options.files,
        sharing: this.#sharing,
        executors: this.#executors,
        scheduler: this.#scheduler,
        tasks: this.#options.tasks,
        bundle: this.#options.bundle,
        code: this.#options.code,
        surroundings: this.#options.surroundings ?? BARE,
        log: this.#options.log ?? silentLog,
        onChange: this.#options.onChange,
      },
      row,
      { ...DEFAULTS, ...settings },
      mode,
      value,
    );
    if (program && !this.#programRecorded) {
      this.#programRecorded = true;
      run.recorder.program(program, this.#options.sources);
    }
    void facts.git?.then((git) => {
      if (git) run.note({ gitCommit: git.commit, gitDirty: git.dirty });
    });
    return run;
  }

  /** Reckons how long a run of this engine will still take. */
  timeLeft({ progress, row }: Run): TimeLeft {
    const { store, limits = {}, tasks } = this.#options;
    const capacity = new Map([...this.#executors].map(([name, executor]) => [name, executor.capacity]));
    const demands = new Map<string, Demand | undefined>();
    return new TimeLeft(progress, {
      capacity,
      limits,
      demand(name) {
        if (!demands.has(name)) {
          const task = tasks.get(name);
          demands.set(name, task && outsideOrNothing(task));
        }
        return demands.get(name);
      },
      times: (names) => store.taskTimes(names),
      async before() {
        const [last] = await store.listRuns({ task: row.task, states: ["done"], limit: 1 });
        const counts = last && last.mode === row.mode ? await store.countJobs(last.id) : [];
        return new Map(
          Map.groupBy(counts, ({ task }) => task)
            .entries()
            .map(([task, each]) => [task, each.reduce((sum, { jobs }) => sum + jobs, 0)]),
        );
      },
    });
  }

  /** Ends the executors, and is no longer known to others. */
  async close(): Promise<void> {
    await Promise.all([...this.#executors.values()].map((executor) => executor.close()));
    await this.#sharing.close();
  }
}

/** A wrong option is told when a job of the task is to start. */
function outsideOrNothing(task: TaskImpl): Demand | undefined {
  try {
    return demandOutside(task);
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user id that has no name.
    return String(process.getuid?.() ?? "unknown");
  }
}
