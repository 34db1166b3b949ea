import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalExecutor } from "../../src/executors/index.ts";
import type { Executor } from "../../src/executors/types.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Environment } from "../../src/images/types.ts";
import { Codec } from "../../src/kernel/index.ts";
import { bareBubblewrap, isThere, rootEnvironment } from "../lib/environment.ts";
import { measure } from "../lib/process.ts";
import { type Sample, summarise, takeTurns, under } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

/** An executor that is given scripts as the engine does. */
class Scripts {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
  readonly #executor: Executor;
  #jobs = 0;

  constructor() {
    mkdirSync(join(this.dir, ".ligase"));
    const engine = createSandboxEngine({ imagesDir: join(this.dir, "images") });
    this.#executor = createLocalExecutor({
      name: "process",
      root: this.dir,
      storeDir: join(this.dir, ".ligase"),
      codec: new Codec(),
      engine: () => engine,
    });
  }

  /** So many scripts, some at a time. */
  async run(n: number, lanes: number, environment: Environment | null, memory = 0): Promise<Sample> {
    const begun = process.hrtime.bigint();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < n) await this.#one(next++, environment, memory);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9 };
  }

  async close(): Promise<void> {
    await this.#executor.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #one(n: number, environment: Environment | null, memory: number): Promise<void> {
    const job = `job${++this.#jobs}`;
    const outcome = await this.#executor.submit(
      {
        job,
        run: "run",
        task: "nothing",
        call: job,
        attempt: 1,
        resources: { cpu: 1, memory, gpu: 0, disk: 0 },
        gpus: [],
        timeoutMs: 0,
        env: {},
        environment,
        network: false,
        processes: 0,
        volumes: [],
        secrets: {},
        work: { kind: "script", script: { parts: ["true ", ""], values: [n], interpreter: "bash" } },
        workDir: join(this.dir, ".ligase", "work", `${job}-1`),
        outputDir: join(this.dir, ".ligase", "outputs", job),
        logs: join(this.dir, ".ligase", "logs", `${job}-1`),
        keepWork: false,
      },
      { evaluate: () => Promise.reject(new Error("nothing is asked")), started() {} },
    ).outcome;
    if (outcome.state !== "done") throw new Error(outcome.error.message);
  }
}

/** What the sandbox adds to scripts. */
export const suite: Suite = {
  name: "sandbox-scripts",
  title: "Scripts in the sandbox",
  about:
    "The script `true` 200 times in Bash, by the executor: on this machine as it is, held to a limit of memory, and in the sandbox with its limits of memory, processors and processes; against `xargs` that starts bubblewrap with a Bash in it, as many at a time, without limits.",
  async measure({ rounds, shrink }) {
    if (!isThere("bwrap")) return [];
    const n = Math.max(2, Math.round(200 / shrink));
    const jobs = availableParallelism();
    const scripts = new Scripts();
    const work = join(scripts.dir, "work");
    mkdirSync(work);
    const numbers = Array.from({ length: n }, (_, i) => `${i}\n`).join("");
    const bash = ["bash", "-euo", "pipefail", "-c", 'true "$0"'];
    const bwrap = bareBubblewrap(work, bash);
    try {
      const samples = await takeTurns(rounds, {
        xargs: () => measure("xargs", [`-P${jobs}`, "-n1", ...bash], { input: numbers }),
        floor: () => measure("xargs", [`-P${jobs}`, "-n1", ...bwrap], { input: numbers }),
        host: () => scripts.run(n, jobs, null),
        limited: () => scripts.run(n, jobs, null, 2 ** 30),
        sandbox: () => scripts.run(n, jobs, rootEnvironment(), 2 ** 30),
      });
      const count = { n, of: "scripts" };
      const floor = `xargs -P${jobs} bwrap`;
      const against = { name: floor, samples: samples.floor };
      return [
        summarise(`xargs -P${jobs}`, samples.xargs, { count, against }),
        summarise(floor, samples.floor, { count }),
        summarise("on this machine", samples.host, { count, against }),
        summarise("on this machine, with a limit", samples.limited, { count, against }),
        summarise("in the sandbox, with limits", samples.sandbox, {
          count,
          against,
          aim: under(1.5, floor, samples.sandbox, samples.floor),
        }),
      ];
    } finally {
      await scripts.close();
    }
  },
};
