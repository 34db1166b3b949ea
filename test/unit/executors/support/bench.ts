import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProgram } from "../../../../src/code/index.ts";
import type { Attempt, Executor, Head, Outcome, Running } from "../../../../src/executors/types.ts";
import type { ScriptSpec } from "../../../../src/expr/script.ts";
import { File, fileAtoms, Fingerprints } from "../../../../src/files/index.ts";
import { Codec } from "../../../../src/kernel/index.ts";

/** A project folder with an executor in it, and short ways to submit work. */
export interface Bench {
  readonly dir: string;
  readonly codec: Codec;
  readonly fingerprints: Fingerprints;
  executor: Executor;
  /** What a fake head was told and asked. */
  readonly started: { pgid: number; pidStarted: string }[];
  readonly asked: string[];
  /** What the fake head answers. */
  answer: (expression: string) => Promise<string>;
  submit(work: Attempt["work"], more?: Partial<Attempt>): Running;
  run(work: Attempt["work"], more?: Partial<Attempt>): Promise<Outcome>;
  /** Writes an input file. */
  input(name: string, content: string | Uint8Array): File;
  /** Bundles a module of tasks. */
  bundle(code: string): Promise<string>;
  close(): Promise<void>;
}

/** A script without values, or with some. */
export function script(
  text: string | readonly [string, ...unknown[]],
  more: Partial<ScriptSpec> = {},
): Attempt["work"] {
  const [first, ...rest] = typeof text === "string" ? [text] : text;
  const values = rest.filter((_, i) => i % 2 === 0);
  const parts = [first, ...rest.filter((_, i) => i % 2 === 1)].map(String);
  return { kind: "script", script: { parts, values, interpreter: "bash", ...more } };
}

export async function makeBench(make: (bench: Omit<Bench, "executor">) => Executor): Promise<Bench> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-test-")));
  for (const folder of ["inputs", ".ligase/work"]) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  const fingerprints = new Fingerprints({ cacheDir: join(dir, ".ligase", "http") });
  const codec = new Codec(fileAtoms({ storeDir: join(dir, ".ligase"), root: dir, fingerprints }));
  let jobs = 0;
  let bundles = 0;
  const bench: Omit<Bench, "executor"> & { executor?: Executor } = {
    dir,
    codec,
    fingerprints,
    started: [],
    asked: [],
    answer: () => Promise.reject(new Error("nothing was to be asked")),
    submit(work, more = {}) {
      const job = `job${++jobs}`;
      const head: Head = {
        evaluate: (expression) => {
          bench.asked.push(expression);
          return bench.answer(expression);
        },
        started: (leader) => void bench.started.push(leader),
      };
      const attempt: Attempt = {
        job,
        run: "run1",
        task: "align",
        call: `call${jobs}`,
        attempt: 1,
        resources: { cpu: 1, memory: 0, gpu: 0, disk: 0 },
        gpus: [],
        timeoutMs: 0,
        env: {},
        environment: null,
        network: false,
        processes: 0,
        volumes: [],
        secrets: {},
        work,
        workDir: join(dir, ".ligase", "work", `${job}-1`),
        outputDir: join(dir, ".ligase", "outputs", job),
        logs: join(dir, ".ligase", "logs", `${job}-1`),
        keepWork: false,
        ...more,
      };
      if (!bench.executor) throw new Error("there is no executor");
      return bench.executor.submit(attempt, head);
    },
    run: (work, more) => bench.submit(work, more).outcome,
    input(name, content) {
      writeFileSync(join(dir, "inputs", name), content);
      return new File(join(dir, "inputs", name));
    },
    async bundle(code) {
      const entry = join(dir, `workflow${++bundles}.ts`);
      writeFileSync(entry, code);
      return (await loadProgram(entry, { root: dir })).bundle;
    },
    async close() {
      await bench.executor?.close();
      await fingerprints.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return Object.assign(bench, { executor: make(bench) });
}

/** The value of an attempt that succeeded. */
export function valueOf(bench: Bench, outcome: Outcome): unknown {
  if (outcome.state !== "done") throw new Error(`it failed (${outcome.cause}): ${outcome.error.message}`);
  return bench.codec.decode(outcome.text);
}

/** An attempt that failed. */
export function failureOf(outcome: Outcome): Extract<Outcome, { state: "failed" }> {
  if (outcome.state !== "failed") throw new Error(`it succeeded with ${outcome.text}`);
  return outcome;
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
