import type { QueueJobRow, ServingStore } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { QUEUE_STATES } from "./queue-jobs.ts";
import { number, text, word } from "./row.ts";

type QueueCount = Awaited<ReturnType<ServingStore["countQueueJobs"]>>[number];

/** The table `queue_totals`: how many jobs there were that are forgotten. With those that are there it makes the counts. */
export class QueueTotals {
  readonly #add: Statement;
  readonly #count: Statement;

  constructor(connection: Connection) {
    this.#add = connection.statement(`
      insert into queue_totals (endpoint, state, jobs, retried) values (?, ?, ?, ?)
      on conflict (endpoint, state) do update set jobs = jobs + excluded.jobs, retried = retried + excluded.retried`);
    this.#count = connection.statement(`
      select endpoint, state, sum(jobs) as jobs, sum(retried) as retried from (
        select endpoint, state, count(*) as jobs, sum(retries) as retried from queue_jobs group by endpoint, state
        union all select endpoint, state, jobs, retried from queue_totals)
      group by endpoint, state`);
  }

  /** Counts jobs that are forgotten. */
  add(jobs: readonly QueueJobRow[]): void {
    const groups = new Map<string, { endpoint: string; state: string; jobs: number; retried: number }>();
    for (const { endpoint, state, retries } of jobs) {
      const key = `${state} ${endpoint}`;
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { endpoint, state, jobs: 0, retried: 0 }));
      group.jobs += 1;
      group.retried += retries;
    }
    for (const { endpoint, state, jobs, retried } of groups.values()) this.#add().run(endpoint, state, jobs, retried);
  }

  /** By endpoint and state; reads all jobs. */
  count(): QueueCount[] {
    return this.#count()
      .all()
      .map((row) => ({
        endpoint: text(row["endpoint"]),
        state: word(QUEUE_STATES, row["state"]),
        count: number(row["jobs"]),
        retried: number(row["retried"]),
      }));
  }
}
