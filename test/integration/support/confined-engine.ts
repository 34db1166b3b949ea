/** A process that runs two jobs until it is killed, one in a sandbox: prints their leaders, one a line. */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Attempt } from "../../../src/executors/types.ts";
import { Fingerprints } from "../../../src/files/index.ts";
import { Codec } from "../../../src/kernel/index.ts";
import { environmentAt, sandboxExecutor } from "./sandbox-bench.ts";

const [dir = "", beats = ""] = process.argv.slice(2);
const executor = sandboxExecutor({ dir, codec: new Codec(), fingerprints: new Fingerprints() });
const beat = `trap '' TERM INT HUP; setsid bash -c 'while :; do date +%s%N > NAME; sleep 0.02; done' & sleep 1000`;

for (const where of ["host", "sandbox"] as const) {
  const workDir = join(dir, ".ligase", "work", `${where}-${process.pid}-1`);
  mkdirSync(workDir, { recursive: true });
  const file = where === "host" ? `${beats}.host` : `/mnt/beats/${basename(beats)}.sandbox`;
  const attempt: Attempt = {
    job: `${where}-${process.pid}`,
    run: "run1",
    task: "t",
    call: "c",
    attempt: 1,
    resources: { cpu: 1, memory: 200 * 2 ** 20, gpu: 0, disk: 0 },
    gpus: [],
    timeoutMs: 0,
    env: {},
    environment: where === "sandbox" ? environmentAt() : null,
    network: false,
    processes: 0,
    volumes: where === "sandbox" ? [{ name: "beats", from: dir, at: "/mnt/beats", writable: true }] : [],
    secrets: {},
    work: {
      kind: "script",
      script: {
        parts: [beat.replace("NAME", file)],
        values: [],
        interpreter: "bash",
      },
    },
    workDir,
    outputDir: join(dir, "out", where),
    logs: join(dir, "logs", where),
    keepWork: false,
  };
  executor.submit(attempt, {
    evaluate: () => Promise.reject(new Error("nothing was to be asked")),
    started: ({ pgid }) => console.log(pgid),
  });
}
