import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../code/types.ts";
import { Engine, type EngineOptions } from "../engine/index.ts";
import { localFiles } from "../engine/local-files.ts";
import { createLocalExecutor, killOrphan } from "../executors/index.ts";
import { type Activities, DiskGuard } from "../files/index.ts";
import type { GpuDevice } from "../images/gpu/index.ts";
import { type Codec, formatBytes, type Log, silentLog, VERSION } from "../kernel/index.ts";
import type { LogStream } from "./logs/index.ts";
import { codeFiles } from "./code-files.ts";
import { openValues } from "./open-values.ts";
import type { Project } from "./project.ts";
import { snapshotOf } from "./snapshot.ts";
import { openSurroundings } from "./surroundings.ts";

/** Who wants to hear what while an engine works. */
export interface EngineHooks extends Pick<EngineOptions, "onChange" | "onWait"> {
  readonly log?: Log;
  /** Hears what people should: `=> Building image`. */
  readonly say?: (line: string) => void;
  /** Hears of files that are hashed, fetched, staged, taken over and published. */
  readonly activities?: Activities;
  /** Hears of each file and folder that is an input: those outside of the store. */
  readonly onInput?: (path: string) => void;
  /** Hears what jobs write while they run. */
  readonly logs?: LogStream;
}

/** An engine with what belongs to it. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly codec: Codec;
  /** Finds out what Files and Dirs contain, so that they can be encoded. */
  settle(values: Iterable<object>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes an engine for a project and a snapshot of its code.
 *
 * @param bundle - makes the bundle that worker processes import, when the first is needed
 */
export async function openEngine(project: Project, program: Program, hooks: EngineHooks = {}): Promise<OpenEngine> {
  const { root, settings, store } = project;
  const { storeDir } = settings;
  const { log = silentLog, activities, say } = hooks;
  for (const folder of ["work", "outputs", "logs"]) mkdirSync(join(storeDir, folder), { recursive: true });
  const { codec, fingerprints, close } = openValues(project, program, hooks);
  const guard = new DiskGuard(join(storeDir, "work"), {
    ...(settings.minFreeDisk !== undefined && { floor: settings.minFreeDisk }),
    onLow: ({ free, floor }) =>
      log.warn(
        `only ${formatBytes(free)} are free on the disk of ${storeDir}: jobs wait until there are ${formatBytes(floor)}`,
      ),
  });
  const surroundings = openSurroundings(project, { log, ...(say && { say }) });
  const gpus = await gpusFor(program);
  const executor = createLocalExecutor({
    name: "process",
    root,
    storeDir,
    fingerprints,
    codec,
    log,
    engine: (name) => surroundings.engine(name),
    settings: gpus ? { ...settings, gpus: settings.gpus ?? gpus.length } : settings,
    ...(gpus && { gpus }),
    ...(activities && { activities }),
  });
  // Most runs are of a program that is recorded already: its modules need not be read once more.
  const known = await store.getProgram(program.id);
  const snapshot = known ? { row: known, texts: [] } : snapshotOf(program);
  const engine = await Engine.open({
    store,
    storeDir,
    codec,
    files: localFiles(fingerprints, guard, activities),
    executors: [hooks.logs?.hear(executor) ?? executor],
    limits: settings.limits,
    tasks: program.tasks,
    program: snapshot.row,
    sources: snapshot.texts,
    surroundings,
    bundle: async () => program.bundle,
    code: codeFiles(project, program, hooks),
    killOrphan,
    log,
    ligaseVersion: VERSION,
    ...(hooks.onChange && { onChange: hooks.onChange }),
    ...(hooks.onWait && { onWait: hooks.onWait }),
  });
  return {
    engine,
    codec,
    settle: (values) => fingerprints.settle(values),
    async close() {
      await engine.close();
      await close();
    },
  };
}

/** The GPUs of this machine, where a task asks for any: finding them out starts a process of the driver's. */
async function gpusFor({ tasks }: Program): Promise<readonly GpuDevice[] | undefined> {
  if (![...tasks.values()].some(({ options }) => options.gpu !== undefined)) return undefined;
  const { findGpus } = await import("../images/gpu/index.ts");
  return findGpus();
}
