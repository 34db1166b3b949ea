import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../../src/images/build/index.ts";
import { measure } from "../lib/process.ts";
import { type Sample, summarise, takeTurns, within } from "../lib/rounds.ts";
import { Served } from "../lib/served.ts";
import type { Suite } from "../lib/suite.ts";

const APP = `
import { endpoint, Image } from "ligase";
export const cold = endpoint((n: number) => n, { idleTimeout: 1 });
export const inside = endpoint((n: number) => n, { idleTimeout: 1, image: Image.debian("12") });
export const queue = endpoint((n: number) => n, { maxWorkers: 4, scaler: { requestCount: 1 }, maxQueue: 20_000 });
`;
const HERE_ONLY = APP.replace(/^export const inside.*$/m, "");
const PYTHON_APP = `
from ligase import endpoint

@endpoint(name="python-cold", idle_timeout=1)
def cold(n: int) -> int:
    return n
`;

/** What it takes from nothing to a result. */
export const suite: Suite = {
  name: "cold-starts",
  title: "Endpoints from zero",
  about:
    "The first job of an endpoint that has no worker, from the request to its result: a worker is started, imports the app, takes the job and answers; on this machine and in a sandbox, beside starting the bare runtime. Then 10,000 jobs that wait, drained by four workers, from the first submission to the last result; and the memory of the server when it has nothing to do.",
  async measure({ rounds, shrink }) {
    const sandbox = findProgram("bwrap") !== undefined && findProgram("mmdebstrap") !== undefined;
    const served = await Served.start({ "app.ts": sandbox ? APP : HERE_ONLY, "app.py": PYTHON_APP });
    try {
      await delay(500);
      const idle = served.memory;
      served.ligase("deploy", "app.ts", "--yes");
      served.ligase("deploy", "app.py", "--app", "python", "--yes");
      const first = (name: string) => async (): Promise<Sample> => {
        await untilNone(served, name);
        const begun = performance.now();
        await served.ask(`${name}/runsync`, { input: { n: 1 } });
        return { seconds: (performance.now() - begun) / 1000 };
      };
      const nothing = (): Promise<Sample> => Promise.resolve({ seconds: 0 });
      const samples = await takeTurns(rounds, {
        node: () => measure(process.execPath, ["-e", "0"]),
        python: () => measure("python3", ["-c", "pass"]),
        cold: first("cold"),
        pythonCold: first("python-cold"),
        inside: sandbox ? first("inside") : nothing,
      });
      const drained: Sample[] = [];
      const jobs = Math.ceil(10_000 / shrink);
      for (let round = 0; round < Math.min(3, rounds); round++) drained.push(await drain(served, jobs));
      return [
        summarise("node -e 0", samples.node),
        summarise("python3 -c pass", samples.python),
        summarise("TypeScript, from zero, on this machine", samples.cold, {
          against: { name: "node -e 0", samples: samples.node },
          aim: within(0.15, samples.cold),
        }),
        summarise("Python, from zero, on this machine", samples.pythonCold, {
          against: { name: "python3 -c pass", samples: samples.python },
        }),
        ...(sandbox
          ? [
              summarise("TypeScript, from zero, in a sandbox", samples.inside, {
                against: { name: "node -e 0", samples: samples.node },
              }),
            ]
          : []),
        summarise(`${jobs.toLocaleString("en")} queued jobs, 4 workers`, drained, { count: { n: jobs, of: "jobs" } }),
        summarise("a server with nothing to do", [{ seconds: 0, peakMemory: idle }], {
          aim: { text: "under 120 MB", met: idle < 120e6 },
        }),
      ];
    } finally {
      await served.close();
    }
  },
};

/** Waits until an endpoint has no worker. */
async function untilNone(served: Served, name: string): Promise<void> {
  for (;;) {
    const { workers } = (await served.ask(`${name}/health`)) as { workers: Record<string, number> };
    if (Object.values(workers).every((count) => count === 0)) return;
    await delay(100);
  }
}

/** Hands in so many jobs, 32 at a time, and waits for the last. */
async function drain(served: Served, jobs: number): Promise<Sample> {
  const begun = performance.now();
  let left = jobs;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (left-- > 0) await served.ask("queue/run", { input: { n: 1 } });
    }),
  );
  for (;;) {
    const { jobs: now } = (await served.ask("queue/health")) as { jobs: { inQueue: number; inProgress: number } };
    if (now.inQueue + now.inProgress === 0) return { seconds: (performance.now() - begun) / 1000 };
    await delay(5);
  }
}
