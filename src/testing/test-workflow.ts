import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { loadProgram } from "../code/index.ts";
import type { Program } from "../code/types.ts";
import type { Run } from "../engine/index.ts";
import { type Resolved, taskImpl, type TaskImpl } from "../expr/index.ts";
import { File, fsError } from "../files/index.ts";
import { LigaseError, silentLog } from "../kernel/index.ts";
import { findProject, openEngine, type OpenEngine, openProject, type Project } from "../project/index.ts";
import type { JobState } from "../store/types.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";
import type { StubsOf, TestedJob, TestedRun, TestOptions, TestRunOptions, TestWorkflow } from "./types.ts";

/**
 * Opens a workflow for a test: its code is read as `ligase run` reads it, its record, work directories and outputs lie
 * in a temporary folder that goes when the workflow is closed. Nothing is cached from elsewhere, so that a test sees
 * the same on every machine.
 *
 * @param workflow - the workflow file: a path from the working directory, or a URL
 * @throws LigaseError what `loadProgram` and `readConfig` raise
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import test from "node:test";
 * import { testWorkflow } from "ligase/testing";
 *
 * test("a file is counted once", async () => {
 *   await using wf = await testWorkflow<typeof import("./workflow.ts")>(new URL("workflow.ts", import.meta.url));
 *   const { countReads } = wf.exports;
 *   const reads = wf.file("a.fq", "@1\nACGT\n+\nIIII\n");
 *   const { value, ran } = await wf.run(countReads(reads));
 *   assert.equal(value, 1);
 *   assert.deepEqual(ran, { countReads: 1 });
 *   assert.deepEqual((await wf.run(countReads(reads))).cached, { countReads: 1 });
 * });
 * ```
 */
export async function testWorkflow<M = Readonly<Record<string, unknown>>>(
  workflow: string | URL,
  { config = {} }: TestOptions = {},
): Promise<TestWorkflow<M>> {
  const path = workflow instanceof URL ? fileURLToPath(workflow) : resolve(workflow);
  const root = findProject(dirname(path));
  const program = await loadProgram(path, { root, cacheDir: join(root, ".ligase", "code") });
  // macOS: the temporary folder is behind a link, and stored paths are real ones.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-test-")));
  try {
    const project = await openProject(root, { ...config, store: join(dir, ".ligase") });
    const engine = await openEngine(project, program, { log: silentLog });
    return new OpenWorkflow<M>(program, project, engine, dir);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

class OpenWorkflow<M> implements TestWorkflow<M> {
  readonly exports: M;
  readonly dir: string;
  readonly #exported: Program["exports"];
  readonly #project: Project;
  readonly #engine: OpenEngine;
  readonly #open = new Set<Run>();
  #last: Run | undefined;

  constructor(program: Program, project: Project, engine: OpenEngine, dir: string) {
    // What the file exports is of the type that the test says it is: TypeScript read the same file.
    this.exports = program.exports as M;
    this.#exported = program.exports;
    this.dir = dir;
    this.#project = project;
    this.#engine = engine;
  }

  path(name: string): string {
    const path = resolve(this.dir, name);
    if (path.startsWith(this.dir + sep)) return path;
    throw new LigaseError("LIGASE_E_OUTPUT_OUTSIDE", `${name} is outside of the temporary folder of the test`, {
      mend: "name a path inside of it",
      facts: { path },
    });
  }

  file(name: string, content: string | Uint8Array): File {
    return this.#put(name, (path) => writeFileSync(path, content));
  }

  copy(from: string | URL, name?: string): File {
    const source = from instanceof URL ? fileURLToPath(from) : resolve(from);
    return this.#put(name ?? basename(source), (path) => copyFileSync(source, path));
  }

  #put(name: string, write: (path: string) => void): File {
    const path = this.path(name);
    try {
      mkdirSync(dirname(path), { recursive: true });
      write(path);
    } catch (error) {
      throw fsError(error, path, "write");
    }
    return new File(path);
  }

  async run<T>(value: T, options: TestRunOptions<M> = {}): Promise<TestedRun<Resolved<T>>> {
    const { noCache = false, stub = false, stubs = {} } = options;
    const { keepWork, retries } = this.#project.settings;
    const run = this.#engine.engine.start(
      value,
      { task: "test" },
      { noCache, keepWork, retries, stub, stubs: this.#stubs(stubs) },
    );
    this.#last = run;
    this.#open.add(run);
    try {
      // The engine's value is of the expression's type: that is what the types of tasks are for.
      const result = (await run.result) as Resolved<T>;
      return { ...this.#outcome(run), value: result };
    } finally {
      this.#open.delete(run);
    }
  }

  /** By the names of the tasks: what exports them may call them otherwise. */
  #stubs(stubs: StubsOf<M>): ReadonlyMap<string, TaskImpl["fn"]> {
    const found = new Map<string, TaskImpl["fn"]>();
    for (const [name, stub] of Object.entries<unknown>(stubs)) {
      if (stub === undefined) continue;
      const task = taskImpl(this.#exported[name]);
      if (!task || typeof stub !== "function") {
        throw new LigaseError(
          "LIGASE_E_OPTION",
          task ? `the stub of ${name} should be a function` : `there is no task ${name} to stand a stub in for`,
          {
            facts: { stub: name },
            mend: "name a task that the workflow exports, and give a function of its parameters",
          },
        );
      }
      // Its parameters are those of the task: that is what the type of the option says.
      found.set(task.name, stub as TaskImpl["fn"]);
    }
    return found;
  }

  get lastRun(): Omit<TestedRun<unknown>, "value"> | undefined {
    return this.#last && this.#outcome(this.#last);
  }

  #outcome(run: Run): Omit<TestedRun<unknown>, "value"> {
    const count = (state: JobState): Record<string, number> => {
      const all = [...run.progress.tasks].map(([task, counts]) => [task, counts[state]] as const);
      return Object.fromEntries(all.filter(([, jobs]) => jobs > 0));
    };
    return {
      id: run.id,
      ran: count("done"),
      cached: count("cached"),
      failed: count("failed"),
      jobs: () => this.#jobs(run.id),
    };
  }

  async #jobs(run: string): Promise<readonly TestedJob[]> {
    const { store } = this.#project;
    const jobs = await store.listJobs({ run });
    const texts = await store.findValues(jobs.map((job) => job.argsValue));
    return jobs.map(({ task, state, reason, argsValue }) => ({
      task,
      state,
      reason,
      args: snapshotOf(texts.get(argsValue) ?? "null"),
    }));
  }

  async snapshot(value: unknown): Promise<Snapshot> {
    const { codec } = this.#engine;
    const { unresolved } = codec.encode(value);
    await this.#engine.settle(unresolved);
    return snapshotOf(codec.encode(value).text);
  }

  async close(): Promise<void> {
    for (const run of this.#open) run.cancel();
    await Promise.allSettled([...this.#open].map((run) => run.result));
    await this.#engine.close();
    await this.#project.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
