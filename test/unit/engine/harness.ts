import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Engine,
  type EngineOptions,
  type FileService,
  type Run,
  type RunSettings,
  type TimeLeft,
} from "../../../src/engine/index.ts";
import { type Plan, planRun } from "../../../src/engine/dry-run/index.ts";
import { localFiles } from "../../../src/engine/local-files.ts";
import { DefinitionHandle, task, type TaskImpl, type TaskOptions } from "../../../src/expr/index.ts";
import { taskAtom } from "../../../src/expr/task-atom.ts";
import { fileAtoms, Fingerprints } from "../../../src/files/index.ts";
import { Codec, hashText, type Log } from "../../../src/kernel/index.ts";
import { openStore } from "../../../src/store/index.ts";
import type { Store } from "../../../src/store/types.ts";

/** Tasks whose code is named by hand: the tests' stand-in for the loader. */
export class Tasks {
  readonly all = new Map<string, TaskImpl>();
  /** What the bodies wrote down when they ran. */
  readonly calls: string[] = [];

  /** Makes a task whose body notes its name; `code` stands for its closure. */
  define<A extends readonly unknown[], R>(
    name: string,
    fn: (...args: A) => R,
    options: TaskOptions = {},
    code = String(fn),
  ) {
    const { calls } = this;
    const body = (...args: A): R => {
      calls.push(name);
      return fn(...args);
    };
    const handle = new DefinitionHandle(
      {
        name,
        closureHash: hashText(code),
        closure: { [name]: hashText(code) },
        file: "workflow.ts",
        line: 1,
        code,
        doc: "",
        exported: true,
        scripted: false,
        parameters: [],
      },
      (impl) => this.all.set(impl.name, impl),
    );
    const make = task as unknown as (
      handle: DefinitionHandle,
      options: TaskOptions,
      fn: (...args: A) => R,
    ) => ReturnType<typeof task<A, R>>;
    return make(handle, options, body);
  }
}

/** An engine on a store of its own. */
export interface Bench {
  readonly store: Store;
  readonly warnings: string[];
  start(value: unknown, settings?: Partial<RunSettings>): Run;
  run(value: unknown, settings?: Partial<RunSettings>): Promise<unknown>;
  timeLeft(run: Run): TimeLeft;
  plan(value: unknown, settings?: Partial<RunSettings>): Promise<Plan>;
  close(): Promise<void>;
}

/** Opens an engine for some tasks, on a new store or on that of another bench. */
export async function bench(
  tasks: Tasks,
  limits: Record<string, number> = {},
  store?: Store,
  more: Partial<Pick<EngineOptions, "executors" | "bundle">> & { files?: Partial<FileService> } = {},
): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), "ligase-engine-"));
  const open = store ?? (await openStore(":memory:"));
  const fingerprints = new Fingerprints();
  const codec = new Codec([
    ...fileAtoms({ storeDir: dir, root: dir, fingerprints }),
    taskAtom((name) => tasks.all.get(name)),
  ]);
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message) => void warnings.push(message) };
  const files = { ...localFiles(fingerprints), ...more.files };
  const engine = await Engine.open({
    store: open,
    storeDir: dir,
    codec,
    files,
    executors: more.executors ?? [],
    limits,
    tasks: tasks.all,
    bundle: more.bundle ?? (() => Promise.reject(new Error("no bundle"))),
    log,
    ligaseVersion: "0.0.0",
  });
  const start = (value: unknown, settings?: Partial<RunSettings>) => engine.start(value, { task: "test" }, settings);
  return {
    store: open,
    warnings,
    start,
    run: (value, settings) => start(value, settings).result,
    timeLeft: (run) => engine.timeLeft(run),
    plan: (value, settings = {}) => planRun({ store: open, codec, files, tasks: tasks.all }, value, settings),
    async close() {
      await engine.close();
      await fingerprints.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
