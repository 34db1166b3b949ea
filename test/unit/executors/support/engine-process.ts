/** A process that runs jobs until it is killed: scripts, and bodies of tasks. Prints what it knows as JSON lines. */
import { join } from "node:path";
import { createLocalExecutor } from "../../../../src/executors/index.ts";
import type { Attempt } from "../../../../src/executors/types.ts";
import { Codec } from "../../../../src/kernel/index.ts";

const [dir = "", bundle = ""] = process.argv.slice(2);
const executor = createLocalExecutor({ name: "process", root: dir, storeDir: dir, codec: new Codec() });
const script = (text: string): Attempt["work"] => ({
  kind: "script",
  script: { parts: [text], values: [], interpreter: "bash" },
});
const works: Attempt["work"][] = [
  script("sleep 1000 & sleep 1000"),
  script("trap '' TERM INT HUP; setsid sleep 1000"),
  { kind: "task", bundle, task: "waits", args: "[]" },
];
works.forEach((work, n) => {
  executor.submit(
    {
      job: `orphan${n}-${process.pid}`,
      run: "run1",
      task: "t",
      call: `c${n}`,
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
      workDir: join(dir, `work-${n}`),
      outputDir: join(dir, `out-${n}`),
      logs: join(dir, `log-${n}`),
      keepWork: false,
    },
    {
      evaluate: () => Promise.reject(new Error("nothing was to be asked")),
      started: (leader) => console.log(JSON.stringify({ ...leader, job: `orphan${n}-${process.pid}` })),
    },
  );
});
