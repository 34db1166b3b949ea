import type { Log } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import { isAlive } from "./is-alive.ts";
import { hostname } from "node:os";

/** Ends a process group if it is the very one that was recorded. */
export type KillOrphan = (process: { pgid: number; pidStarted: string; job: string }) => Promise<boolean>;

/**
 * Marks runs whose process ended without a word as interrupted, and ends the processes they left.
 * Runs of other hosts are left alone.
 */
export async function clearOrphans(store: Store, kill: KillOrphan | undefined, log: Log): Promise<void> {
  const running = await store.listRuns({ states: ["running"] });
  const live: string[] = [];
  const dead: (typeof running)[number][] = [];
  const engines = new Set(
    (await store.listEngines()).filter((engine) => isAlive(engine.pid, engine.pidStarted)).map((engine) => engine.pid),
  );
  for (const run of running) {
    // A run that began in this process or in one that is still registered goes on.
    if (run.host !== hostname() || engines.has(run.pid)) live.push(run.id);
    else dead.push(run);
  }
  if (dead.length === 0) return;
  for (const attempt of await store.openAttempts(live)) {
    const { pgid, pidStarted } = attempt;
    const killed = pgid !== null && pidStarted !== null && (await kill?.({ pgid, pidStarted, job: attempt.job }));
    if (killed) log.info(`ended a process of an interrupted run`, { job: attempt.job, pgid });
    await store.commit({ attempts: [{ ...attempt, endedAt: Date.now(), outcome: "lost" }] });
  }
  await store.commit({ runs: dead.map((run) => ({ ...run, state: "interrupted", endedAt: Date.now() })) });
}
