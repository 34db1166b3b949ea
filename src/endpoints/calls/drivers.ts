import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { LiveEndpoint } from "../types.ts";
import { DriverProcess } from "./driver-process.ts";
import type { DriverJob } from "./driver/protocol.ts";
import { environmentOfRuns } from "./start-process.ts";
import type { CallingJob, Drivers, Evaluated } from "./types.ts";

/** What drivers are opened with. */
export interface DriversOptions {
  readonly project: Pick<Project, "root" | "settings">;
  readonly log: Log;
  /** How long a driver stays with nothing to do, in milliseconds. Default: a minute. */
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
const MOST_OVER = 10_000;

/** Opens drivers; none runs yet. */
export function openDrivers({ project, log, idleMs = IDLE_MS }: DriversOptions): Drivers {
  const env = environmentOfRuns();
  const drivers = new Map<string, DriverProcess>();
  /** The driver that has the run of a job. */
  const holders = new Map<string, DriverProcess>();
  /** Runs that were cancelled with a call of theirs, until their job is said to have ended: so many at most. */
  const over = new Map<string, Promise<string | null>>();
  let closed = false;

  const keep = (job: string, run: Promise<string | null>): void => {
    over.set(job, run);
    const [oldest] = over.keys();
    if (over.size > MOST_OVER && oldest !== undefined) over.delete(oldest);
  };

  const start = (endpoint: LiveEndpoint): DriverProcess => {
    const { app, version, deployment, codeDir, bundle, program } = endpoint;
    const driver: DriverProcess = new DriverProcess({
      settings: {
        project: project.root,
        storeDir: project.settings.storeDir,
        code: { codeDir, entry: bundle ?? (program.kind === "python" ? program.module : "") },
      },
      name: `${app} (version ${version})`,
      env,
      log,
      idleMs,
      onOver: () => {
        if (drivers.get(deployment) === driver) drivers.delete(deployment);
        for (const [job, holder] of holders) if (holder === driver) holders.delete(job);
      },
    });
    drivers.set(deployment, driver);
    return driver;
  };

  const ask = async (
    op: "evaluate" | "reduce",
    job: CallingJob,
    expression: string,
    signal: AbortSignal,
  ): Promise<Evaluated> => {
    if (closed || signal.aborted) return cancelled();
    const driver = holders.get(job.id) ?? drivers.get(job.endpoint.deployment) ?? start(job.endpoint);
    holders.set(job.id, driver);
    over.delete(job.id);
    const answer = driver.ask({ op, job: factsOf(job), expression });
    const { promise: stopped, resolve } = Promise.withResolvers<Evaluated>();
    const stop = (): void => {
      resolve(cancelled());
      const run = end(job.id, "cancelled");
      keep(job.id, run);
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await Promise.race([answer, stopped]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

  const end: Drivers["ended"] = async (job, how) => {
    const known = over.get(job);
    over.delete(job);
    // It was cancelled here already; another attempt may have gone on without calling anything.
    if (known) return how === "cancelled" ? known : null;
    const driver = holders.get(job);
    holders.delete(job);
    if (!driver?.has(job)) return null;
    const answer = await driver.ask({ op: "end", job, how });
    return "value" in answer ? answer.value : null;
  };

  return {
    evaluate: (job, expression, signal) => ask("evaluate", job, expression, signal),
    reduce: (job, expression, signal) => ask("reduce", job, expression, signal),
    has: (job) => over.has(job) || holders.has(job),
    ended: end,
    async close() {
      closed = true;
      await Promise.all([...drivers.values()].map((driver) => driver.close()));
    },
  };
}

function factsOf({ id, attempt, endpoint, input }: CallingJob): DriverJob {
  return { id, attempt, endpoint: endpoint.name, codeHash: endpoint.codeHash, input };
}

function cancelled(): Evaluated {
  return { error: { name: "LigaseError", code: "LIGASE_E_CANCELLED", message: "the job was cancelled" } };
}
