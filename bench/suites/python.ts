import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProgram } from "../../src/code/index.ts";
import { createLocalExecutor } from "../../src/executors/index.ts";
import type { Attempt, Executor } from "../../src/executors/types.ts";
import { fileAtoms } from "../../src/files/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Environment } from "../../src/images/types.ts";
import { Codec } from "../../src/kernel/index.ts";
import { measure } from "../lib/process.ts";
import { type Sample, summarise, takeTurns, within } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const TASKS = `
import { task } from "ligase";
export const add = task((a: number, b: number) => a + b);
`;
const APP = "def add(a, b):\n    return a + b\n";

/** A project with an executor, to which work is given as the engine does. */
class Bodies {
  readonly #dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
  readonly #storeDir = join(this.#dir, ".ligase");
  #executor: Executor | undefined;
  #bundle = "";
  #jobs = 0;

  async open(): Promise<void> {
    const code = join(this.#storeDir, "code", "synced");
    mkdirSync(code, { recursive: true });
    writeFileSync(join(this.#dir, "package.json"), '{ "type": "module" }\n');
    writeFileSync(join(this.#dir, "workflow.ts"), TASKS);
    writeFileSync(join(code, "app.py"), APP);
    this.#bundle = (await loadProgram(join(this.#dir, "workflow.ts"), { root: this.#dir })).bundle;
    const engine = createSandboxEngine({ imagesDir: join(this.#dir, "images") });
    this.#executor = createLocalExecutor({
      name: "process",
      root: this.#dir,
      storeDir: this.#storeDir,
      codec: new Codec(fileAtoms({ root: this.#dir, storeDir: this.#storeDir })),
      engine: () => engine,
    });
  }

  /** `n` calls, one after the other, in one worker. A `cold` one is new. */
  async calls(language: "python" | "typescript", n: number, where: Environment | null, cold = false): Promise<Sample> {
    // A variable of its own makes it a worker that there is not yet.
    const secrets = cold ? { COLD: String(this.#jobs) } : {};
    const begun = process.hrtime.bigint();
    for (let i = 0; i < n; i++) await this.#call(language, i, where, secrets);
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9 };
  }

  async close(): Promise<void> {
    await this.#executor?.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #call(language: "python" | "typescript", n: number, environment: Environment | null, secrets: object) {
    const args = JSON.stringify([n, 1]);
    const work: Attempt["work"] =
      language === "python"
        ? { kind: "python", code: join(this.#storeDir, "code", "synced"), module: "app.py", function: "add", args }
        : { kind: "task", bundle: this.#bundle, task: "add", args };
    const job = `job${++this.#jobs}`;
    const outcome = await this.#executor!.submit(
      {
        job,
        run: "run",
        task: "add",
        call: job,
        attempt: 1,
        resources: { cpu: 1, memory: 0, gpu: 0, disk: 0 },
        gpus: [],
        timeoutMs: 0,
        env: {},
        environment,
        network: false,
        processes: 0,
        volumes: [],
        secrets: { ...secrets },
        work,
        workDir: join(this.#storeDir, "work", `${job}-1`),
        outputDir: join(this.#storeDir, "outputs", job),
        logs: join(this.#storeDir, "logs", job),
        keepWork: false,
      },
      { evaluate: () => Promise.reject(new Error("nothing is asked")), started: () => {} },
    ).outcome;
    if (outcome.state !== "done" || outcome.text !== String(n + 1))
      throw new Error(`add gave ${JSON.stringify(outcome)}`);
  }
}

/** What it costs to run a function in a process of its own. */
export const suite: Suite = {
  name: "python",
  title: "Functions in workers",
  about:
    "A function that adds two numbers, called n times one after the other in a warm worker process, in Python and in TypeScript, on this machine and in a sandbox, with a work directory, logs and measurements of its own each time; against `python3 -c pass`, which starts an interpreter and does nothing. Then the first call, which starts the worker.",
  async measure({ rounds, shrink }) {
    const n = Math.ceil(200 / shrink);
    const sandbox: Environment | null = existsSync("/usr/bin/bwrap")
      ? {
          engine: "sandbox",
          identity: "this machine",
          digest: "sha256:0",
          place: "/",
          env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
          packages: {},
        }
      : null;
    const bodies = new Bodies();
    await bodies.open();
    try {
      const nothing = (): Promise<Sample> => Promise.resolve({ seconds: 0 });
      const inSandbox = (way: (where: Environment) => Promise<Sample>) => (sandbox ? () => way(sandbox) : nothing);
      const samples = await takeTurns(rounds, {
        bare: async () => {
          let seconds = 0;
          for (let i = 0; i < n / 10; i++)
            seconds += (await measure(existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3", ["-c", "pass"]))
              .seconds;
          return { seconds: seconds * 10 };
        },
        python: () => bodies.calls("python", n, null),
        pythonInside: inSandbox((where) => bodies.calls("python", n, where)),
        typescript: () => bodies.calls("typescript", n, null),
        typescriptInside: inSandbox((where) => bodies.calls("typescript", n, where)),
        pythonCold: inSandbox((where) => bodies.calls("python", 1, where, true)),
        typescriptCold: inSandbox((where) => bodies.calls("typescript", 1, where, true)),
        typescriptColdHere: () => bodies.calls("typescript", 1, null, true),
      });
      const floor = "python3 -c pass";
      const against = { name: floor, samples: samples.bare };
      const count = { n, of: "calls" };
      const aim = (taken: readonly Sample[]) => ({ ...within(0.005 * n, taken), text: "under 5 ms a call" });
      return [
        summarise(floor, samples.bare, { count: { n, of: "starts" }, note: "a tenth of them measured" }),
        summarise("Python, warm, on this machine", samples.python, { count, against, aim: aim(samples.python) }),
        ...(sandbox
          ? [
              summarise("Python, warm, in a sandbox", samples.pythonInside, {
                count,
                against,
                aim: aim(samples.pythonInside),
              }),
            ]
          : []),
        summarise("TypeScript, warm, on this machine", samples.typescript, { count, against }),
        ...(sandbox
          ? [
              summarise("TypeScript, warm, in a sandbox", samples.typescriptInside, { count, against }),
              summarise("Python, first call, in a sandbox", samples.pythonCold),
              summarise("TypeScript, first call, in a sandbox", samples.typescriptCold),
            ]
          : []),
        summarise("TypeScript, first call, on this machine", samples.typescriptColdHere),
      ];
    } finally {
      await bodies.close();
    }
  },
};
