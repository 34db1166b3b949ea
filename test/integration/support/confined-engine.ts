/** A process that runs two jobs until it is killed, one in an environment: prints their leaders, one a line. */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Attempt } from "../../../src/executors/types.ts";
import { Fingerprints } from "../../../src/files/index.ts";
import { Codec } from "../../../src/kernel/index.ts";
import { createDockerEngine } from "../../../src/images/docker/index.ts";
import { createPodmanEngine } from "../../../src/images/podman/index.ts";
import { createSandboxEngine } from "../../../src/images/sandbox/index.ts";
import type { EngineName } from "../../../src/images/types.ts";
import { environmentAt, sandboxExecutor } from "./sandbox-bench.ts";

const [dir = "", beats = "", name = "", place = ""] = process.argv.slice(2);
const imagesDir = join(dir, "images");
const environment = { ...environmentAt(place), engine: name as EngineName };
const engine =
  name === "podman"
    ? createPodmanEngine({ imagesDir })
    : name === "docker"
      ? createDockerEngine({ imagesDir })
      : createSandboxEngine({ imagesDir });
const executor = sandboxExecutor({ dir, codec: new Codec(), fingerprints: new Fingerprints() }, { engine });
const beat = `trap '' TERM INT HUP; setsid bash -c 'while :; do date +%s%N > NAME; sleep 0.02; done' & sleep 1000`;

// What it can do here decides how it is entered.
await engine.check();

for (const where of ["host", "inside"] as const) {
  const workDir = join(dir, ".ligase", "work", `${where}-${process.pid}-1`);
  mkdirSync(workDir, { recursive: true });
  const file = where === "host" ? `${beats}.host` : `/mnt/beats/${basename(beats)}.inside`;
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
    environment: where === "inside" ? environment : null,
    network: false,
    processes: 0,
    volumes: where === "inside" ? [{ name: "beats", from: dir, at: "/mnt/beats", writable: true }] : [],
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
