import { join } from "node:path";
import type { Activities, Fingerprints, StageMode } from "../../files/index.ts";
import type { EngineName, ImageEngine } from "../../images/types.ts";
import { type Codec, LigaseError, type Log, silentLog } from "../../kernel/index.ts";
import type { Attempt, Executor, Gpu, Head, Outcome, Running } from "../types.ts";
import { type CapacitySettings, localCapacity } from "./capacity.ts";
import { Launcher } from "./launcher.ts";
import { failed } from "./outcome.ts";
import { ScriptJob } from "./script-job.ts";
import { TaskJob } from "./task-job.ts";
import { ToolVersions, versionFile } from "./tools.ts";
import { WorkerPool } from "./worker-pool.ts";

/** What the local executor may be told; everything has a default. */
export interface LocalExecutorSettings extends CapacitySettings {
  /** The most a job may write to stdout or stderr, in bytes. Default 1 GiB; beyond it the middle is left out. */
  readonly maxLogSize?: number | undefined;
  /** How inputs come into work directories. Default: `symlink`. */
  readonly stage?: StageMode | undefined;
  /** Between SIGTERM and SIGKILL, in milliseconds. Default 5,000. */
  readonly graceMs?: number | undefined;
  /** How long processes that a script leaves in the background may go on, in milliseconds. Default 30,000. */
  readonly lingerMs?: number | undefined;
  /** How long an idle worker is kept, in milliseconds. Default 60,000. */
  readonly idleMs?: number | undefined;
  /** Use warm shells. Default: where bash is 4.0 or later. */
  readonly zygotes?: boolean | undefined;
}

/** What {@link createLocalExecutor} needs. */
export interface LocalExecutorOptions {
  /** Its name in the config. */
  readonly name: string;
  /** The project's folder. */
  readonly root: string;
  /** The store's folder: files in it are written relative to it. */
  readonly storeDir: string;
  /** How values are written: with the atoms of files and tasks. */
  readonly codec: Codec;
  readonly fingerprints?: Fingerprints;
  /** Hears of inputs and outputs that are copied. */
  readonly activities?: Activities;
  readonly log?: Log;
  /** Finds the engine of an environment: for attempts that have one. */
  readonly engine?: (name: EngineName) => ImageEngine;
  /** The GPUs of this machine, where they are known. */
  readonly gpus?: readonly Gpu[];
  readonly settings?: LocalExecutorSettings;
}

/** The executor of this machine. */
export interface LocalExecutor extends Executor {
  /** Starts the launcher ahead of the first job: 40 ms that can pass while code is loaded. */
  warm(): void;
}

/**
 * The executor that runs jobs as processes of this machine: scripts through warm shells, bodies of
 * tasks in warm worker processes, all started by one small launcher process. It runs what it is
 * given; packing is the engine's business.
 *
 * @example
 * ```ts
 * const executor = createLocalExecutor({ name: "process", root, storeDir, codec });
 * const outcome = await executor.submit(attempt, head).outcome;
 * await executor.close();
 * ```
 */
export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  const {
    name,
    root,
    storeDir,
    codec,
    fingerprints,
    activities,
    log = silentLog,
    engine = noEngine,
    gpus,
    settings = {},
  } = options;
  const lingerMs = settings.lingerMs ?? 30_000;
  const launcher = new Launcher(
    {
      graceMs: settings.graceMs ?? 5000,
      lingerMs,
      logCap: settings.maxLogSize ?? 2 ** 30,
      stateDir: join(storeDir, "containers"),
      zygotes: settings.zygotes ?? null,
    },
    log,
  );
  const workers = new WorkerPool({ launcher, root, storeDir, engine, idleMs: settings.idleMs ?? 60_000, log });
  const tools = new ToolVersions(root, versionFile(join(storeDir, "tool-versions.json")), (path) =>
    launcher.probe(path),
  );
  const stage = settings.stage ?? "symlink";
  const scripts = { launcher, codec, fingerprints, activities, stage, tools, engine, lingerMs };
  const tasks = { launcher, workers, codec, fingerprints, activities, project: { root, storeDir } };
  const running = new Set<Running>();
  let closed = false;

  const start = (attempt: Attempt, head: Head): Running => {
    const { work } = attempt;
    if (work.kind === "script") return new ScriptJob(scripts, attempt, work.script, head);
    return new TaskJob(tasks, attempt, work, head);
  };

  return {
    name,
    capacity: localCapacity(settings, root),
    ...(gpus && { gpus }),
    warm: () => launcher.warm(),
    submit(attempt, head) {
      if (closed)
        return {
          outcome: Promise.resolve<Outcome>(
            failed(new LigaseError("LIGASE_E_CANCELLED", `the executor ${name} is closed`), { cause: "cancelled" }),
          ),
          cancel() {},
        };
      const job = start(attempt, head);
      running.add(job);
      launcher.hold();
      void job.outcome.then(() => {
        running.delete(job);
        if (running.size === 0) launcher.letGo();
      });
      return job;
    },
    async close() {
      closed = true;
      const open = [...running];
      for (const job of open) job.cancel("cancelled");
      await Promise.all(open.map((job) => job.outcome));
      await workers.close();
      await launcher.close();
    },
  };
}

function noEngine(name: EngineName): never {
  throw new LigaseError("LIGASE_E_IMAGE", `there is no container engine ${name} here`, {
    mend: 'to run it with the tools of this machine, set container: "host" in ligase.config.ts',
  });
}
