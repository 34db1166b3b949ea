import { createLocalExecutor } from "../../../src/executors/index.ts";
import type { Executor } from "../../../src/executors/types.ts";
import { join } from "node:path";
import { scriptContract } from "./contract.ts";
import type { Bench } from "./support/bench.ts";

const make =
  (zygotes: boolean) =>
  ({ dir, codec, fingerprints }: Omit<Bench, "executor">): Executor =>
    createLocalExecutor({
      name: "process",
      root: dir,
      storeDir: join(dir, ".ligase"),
      codec,
      fingerprints,
      settings: { cpus: 8, graceMs: 300, lingerMs: 500, zygotes },
    });

scriptContract("local, with warm shells", make(true));
scriptContract("local, without", make(false), { measuresCpu: false });
