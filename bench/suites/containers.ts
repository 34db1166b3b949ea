import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enclosureOf } from "../../src/executors/index.ts";
import { cgroupSupport } from "../../src/executors/process/cgroup/index.ts";
import { Launcher } from "../../src/executors/process/launcher.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Enclosure, EnclosureLimits, Entry } from "../../src/images/types.ts";
import { silentLog } from "../../src/kernel/index.ts";
import { engines } from "../lib/engines.ts";
import { bareBubblewrap, isThere, rootEnvironment } from "../lib/environment.ts";
import { measure } from "../lib/process.ts";
import { type Sample, summarise, takeTurns, under, within } from "../lib/rounds.ts";
import type { Result, Suite } from "../lib/suite.ts";

const LIMITS: EnclosureLimits = { cpu: 1, memory: 2 ** 30, processes: 4096, disk: 0 };
const NONE: EnclosureLimits = { cpu: 0, memory: 0, processes: 0, disk: 0 };

/** How quickly a process comes into an environment, and out again. */
class Starts {
  readonly #dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
  readonly #work = join(this.#dir, "work");
  readonly enclosure: Enclosure;
  readonly entry: Entry;
  #launcher = this.#launched();

  constructor() {
    mkdirSync(join(this.#work, ".command.tmp"), { recursive: true });
    const resources = { cpu: 1, memory: 0, gpu: 0, disk: 0 };
    const attempt = {
      job: "bench",
      attempt: 1,
      resources,
      gpus: [],
      network: false,
      processes: 0,
      volumes: [],
      secrets: {},
    };
    this.enclosure = enclosureOf({ ...attempt, workDir: this.#work }, { command: ["true"], env: {}, inputs: [] });
    const sandbox = createSandboxEngine({ imagesDir: join(this.#dir, "images") });
    this.entry = sandbox.enter(rootEnvironment(), this.enclosure);
  }

  #launched(): Launcher {
    const launcher = new Launcher({ graceMs: 1000, lingerMs: 1000, logCap: 1e6, zygotes: null }, silentLog);
    // Or this process ended while it waits.
    launcher.hold();
    return launcher;
  }

  /** Ours: from the request to the launcher until its report, one after the other. */
  async ours(n: number, entry: Entry | null, limits: EnclosureLimits): Promise<Sample> {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < n; i++) await this.#start(entry, limits);
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9 / n };
  }

  /** The first of a launcher, for which a control group is made. */
  async first(): Promise<Sample> {
    await this.#launcher.close();
    this.#launcher = this.#launched();
    await this.#start(null, NONE, false);
    return this.ours(1, this.entry, LIMITS);
  }

  async #start(entry: Entry | null, limits: EnclosureLimits, isConfined = true): Promise<void> {
    const logs = { stdout: join(this.#dir, "out"), stderr: join(this.#dir, "err") };
    const confinement = { entry, limits, secrets: {} };
    const request = { command: ["true"], env: {}, cwd: this.#work, ...logs, ...(isConfined && { confinement }) };
    const { code } = await this.#launcher.spawn(request, () => {}).over;
    if (code !== 0) throw new Error(`it ended with ${code}`);
  }

  /** A command, one after the other, from a process like this. */
  async command(n: number, [program = "", ...args]: readonly string[], env = {}): Promise<Sample> {
    const begun = process.hrtime.bigint();
    const options = { cwd: this.#work, watch: false, env: { ...process.env, ...env } };
    for (let i = 0; i < n; i++) await measure(program, args, options);
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9 / n };
  }

  /** Bubblewrap with the same namespaces, and as few mounts as can be. */
  get bare(): string[] {
    return bareBubblewrap(this.#work, ["true"]);
  }

  async close(): Promise<void> {
    await this.#launcher.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** What it costs to enter an environment. */
export const suite: Suite = {
  name: "containers",
  title: "The start of a container",
  about:
    "The program `true`, from its request until its end is known, one after the other, in each kind of enclosure. The sandbox has the root file system of this machine, all namespaces, and the mounts of a job; its limits are memory, processors and processes. Podman and docker have a Debian, all that a job is given, and no network.",
  async measure({ rounds, shrink }) {
    if (!isThere("bwrap")) return [];
    const n = Math.max(1, Math.round(50 / shrink));
    const starts = new Starts();
    const scratch = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
    const others = await engines(scratch, starts.enclosure);
    const few = Math.max(1, Math.round(n / 5));
    const limited = cgroupSupport().enforced.length === 3;
    try {
      const samples = await takeTurns(rounds, {
        exec: () => starts.command(n, ["true"]),
        bare: () => starts.command(n, starts.bare),
        process: () => starts.ours(n, null, NONE),
        sandbox: () => starts.command(n, starts.entry.command),
        limits: () => starts.ours(n, starts.entry, LIMITS),
        first: () => starts.first(),
      });
      const theirs = await takeTurns(
        rounds,
        Object.fromEntries(
          others.map(({ name, entry }) => [name, () => starts.command(few, entry.command, entry.env)]),
        ),
      );
      const floor = { name: "bubblewrap alone", samples: samples.bare };
      const results: Result[] = [
        summarise("fork and exec", samples.exec, { against: floor }),
        summarise("bubblewrap alone", samples.bare),
        summarise("the sandbox", samples.sandbox, {
          against: floor,
          aim: under(2, floor.name, samples.sandbox, samples.bare),
        }),
        ...others.map(({ name }) => summarise(name, theirs[name] ?? [], { against: floor })),
        summarise("the launcher, without a sandbox", samples.process, { against: floor }),
      ];
      if (!limited) return results;
      return [
        ...results,
        summarise("the sandbox with limits, by the launcher", samples.limits, {
          against: floor,
          aim: within(0.025, samples.limits),
        }),
        summarise("the same, with a new control group", samples.first, { against: floor }),
      ];
    } finally {
      for (const { close } of others) await close();
      await starts.close();
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};
