import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { load, type Load } from "../lib/load.ts";
import { median, type Sample, summarise, takeTurns } from "../lib/rounds.ts";
import { Served } from "../lib/served.ts";
import type { Aim, Result, Suite } from "../lib/suite.ts";

/** The published package, in an environment of its own; see `.ci/setup`. */
const RUNPOD = fileURLToPath(new URL("../../node_modules/.cache/runpod/bin/python", import.meta.url));
const CLIENTS = [1, 16, 64] as const;
/** Workers of each endpoint: warm, so that no job waits for one to start. */
const WORKERS = "minWorkers: 4, maxWorkers: 4";

const APP = `
import { endpoint } from "ligase";
export const noop = endpoint((n: number) => n, { ${WORKERS} });
export const runpod = endpoint({ command: ["${RUNPOD}", "-u", "handler.py"], ${WORKERS} });
`;
const PYTHON_APP = `
from ligase import endpoint

@endpoint(name="python-noop", min_workers=4, max_workers=4)
def noop(n: int) -> int:
    return n
`;
const HANDLER = `
import runpod

runpod.serverless.start({"handler": lambda job: job["input"]["n"]})
`;

/** What the loads of some rounds are as samples. */
const samplesOf = (loads: readonly Load[]): Sample[] => loads.map(({ seconds }) => ({ seconds }));
const middle = (loads: readonly Load[], of: "p50" | "p95" | "p99"): number => median(loads.map((each) => each[of]));

function resultOf(what: string, loads: readonly Load[], aim?: Aim, floor?: readonly Load[]): Result {
  const [p50, p95, p99] = (["p50", "p95", "p99"] as const).map((of) => middle(loads, of).toFixed(2));
  return summarise(what, samplesOf(loads), {
    count: { n: loads[0]?.requests ?? 0, of: "jobs" },
    note: `p50 ${p50} ms, p95 ${p95}, p99 ${p99}`,
    ...(aim && { aim }),
    ...(floor && { against: { name: "bare server", samples: samplesOf(floor) } }),
  });
}

async function bareServer(): Promise<{ url: string; close(): void }> {
  const program = fileURLToPath(new URL("../lib/bare-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const url of createInterface(child.stdout)) return { url, close: () => void child.kill() };
  throw new Error("the bare server did not start");
}

/** What the queue, the workers and the record cost a job. */
export const suite: Suite = {
  name: "endpoints",
  title: "Endpoints",
  about:
    "A function that gives back its argument, called through `/runsync` by 1, 16 and 64 clients at once, in TypeScript, in Python, and under the published RunPod worker, each with four warm workers; against a Hono server that answers the same at once, with no queue, no worker and no record. Client, server and workers share the machine. A round is as many jobs as the table says; percentiles are of what a client waits, the medians of the rounds.",
  async measure({ rounds, shrink }) {
    const served = await Served.start({ "app.ts": APP, "app.py": PYTHON_APP, "handler.py": HANDLER });
    const bare = await bareServer();
    try {
      served.ligase("deploy", "app.ts", "--yes");
      served.ligase("deploy", "app.py", "--app", "python", "--yes");
      const theirs = existsSync(RUNPOD);
      const endpoints = ["noop", "python-noop", ...(theirs ? ["runpod"] : [])];
      for (const name of endpoints) await served.ask(`${name}/runsync`, { input: { n: 1 } });
      const results: Result[] = [];
      for (const clients of CLIENTS) {
        const met: Record<string, Load[]> = { bare: [] };
        const way = (name: string, url: string, requests: number) => async () => {
          const seen = await load({ url, token: served.token, clients, requests: Math.ceil(requests / shrink) });
          (met[name] ??= []).push(seen);
          return { seconds: seen.seconds };
        };
        const ways = Object.fromEntries(
          endpoints.map((name) => {
            // A worker of theirs looks for its next job once a second.
            const requests = name === "runpod" ? Math.max(8, clients) : clients === 1 ? 1000 : 5000;
            return [name, way(name, `${served.url}/v2/${name}/runsync`, requests)];
          }),
        );
        await takeTurns(rounds, { bare: way("bare", `${bare.url}/v2/noop/runsync`, 5000), ...ways });
        // The first round warms up.
        const of = (name: string): Load[] => (met[name] ?? []).slice(1);
        const many = clients === 1 ? "1 client" : `${clients} clients`;
        const floor = of("bare");
        results.push(resultOf(`bare server, ${many}`, floor));
        results.push(resultOf(`TypeScript worker, ${many}`, of("noop"), aimOf(clients, of("noop"), floor)));
        results.push(resultOf(`Python worker, ${many}`, of("python-noop")));
        if (theirs) results.push(resultOf(`the published RunPod worker, ${many}`, of("runpod")));
      }
      return results;
    } finally {
      bare.close();
      await served.close();
    }
  },
};

function aimOf(clients: number, loads: readonly Load[], floor: readonly Load[]): Aim | undefined {
  if (clients === 1) {
    return { text: "p50 under bare server + 2 ms", met: middle(loads, "p50") < middle(floor, "p50") + 2 };
  }
  if (clients !== 16) return undefined;
  const rate = median(loads.map(({ requests, seconds }) => requests / seconds));
  return { text: "over 1,500 jobs/s", met: rate > 1500 };
}
