import { dirname, join } from "node:path";
import { createLocalExecutor, type LocalExecutorSettings } from "../../../src/executors/index.ts";
import type { Attempt, Executor, VolumeMount } from "../../../src/executors/types.ts";
import { createSandboxEngine } from "../../../src/images/sandbox/index.ts";
import type { Environment, ImageEngine } from "../../../src/images/types.ts";
import { type Bench, makeBench } from "../../unit/executors/support/bench.ts";

/** The root file system of this machine (or another) as an environment: what goes on in it is the same as in a built one. */
export function environmentAt(place = "/"): Environment {
  return {
    engine: "sandbox",
    identity: "identity",
    digest: `sha256:${place}`,
    place,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", FROM_IMAGE: "yes" },
    packages: {},
  };
}

/** What an executor is made with. */
export interface SandboxOptions {
  /** All its attempts are in this one. */
  readonly environment?: Environment | null;
  /** Default: that of sandboxes. */
  readonly engine?: ImageEngine;
  readonly settings?: LocalExecutorSettings;
}

/** An executor that can enter environments. */
export function sandboxExecutor(
  { dir, codec, fingerprints }: Pick<Bench, "dir" | "codec" | "fingerprints">,
  { environment, engine = createSandboxEngine({ imagesDir: join(dir, "images") }), settings }: SandboxOptions = {},
): Executor {
  const executor = createLocalExecutor({
    name: "process",
    root: dir,
    storeDir: join(dir, ".ligase"),
    codec,
    fingerprints,
    engine: () => engine,
    settings: { cpus: 8, graceMs: 300, lingerMs: 500, ...settings },
  });
  const inEnvironment = (attempt: Attempt): Attempt =>
    environment ? { ...attempt, environment, volumes: [...attempt.volumes, ...nodeBelowTmp()] } : attempt;
  return { ...executor, submit: (attempt, head) => executor.submit(inEnvironment(attempt), head) };
}

/** The Node of a clone below `/tmp`, which is empty in a sandbox; scripts in JavaScript are run by it. */
function nodeBelowTmp(): VolumeMount[] {
  const from = dirname(process.execPath);
  return from.startsWith("/tmp/") ? [{ name: "node", from, at: from, writable: false }] : [];
}

/** A project folder with such an executor. */
export function sandboxBench(options?: SandboxOptions): Promise<Bench> {
  return makeBench((bench) => sandboxExecutor(bench, options));
}
