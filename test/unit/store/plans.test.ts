/** That the questions asked often are answered from an index, whatever the store holds. */
import { describe, expect, it } from "vitest";
import { Connection, type Statement } from "../../../src/store/sqlite/connection.ts";
import { Collections } from "../../../src/store/sqlite/collecting.ts";
import { ensureSchema } from "../../../src/store/sqlite/create.ts";
import { Tables } from "../../../src/store/sqlite/tables.ts";

/** Remembers every statement that was asked for. */
class Recording extends Connection {
  readonly statements = new Set<string>();

  override statement(sql: string, options?: { returnArrays?: boolean }): Statement {
    this.statements?.add(sql.trim().replace(/\s+/g, " "));
    return super.statement(sql, options);
  }
}

const connection = new Recording(":memory:", { lockTimeoutMs: 0, cacheKiB: 1000 });
await ensureSchema(connection);
const tables = new Tables(connection, undefined, 0);

/** What asks about the whole store, now and then: who looks what takes space, and frees it. */
const housekeeping = new Recording(":memory:", { lockTimeoutMs: 0, cacheKiB: 1000 });
const collections = new Collections(housekeeping, tables.calls, undefined);
const statements = [...connection.statements].filter((sql) => !housekeeping.statements.has(sql));

function plan(sql: string): string[] {
  const steps = connection.db.prepare(`explain query plan ${sql}`).all();
  return steps.map((step) => String(step["detail"]));
}

/** The only statements that read a table from one end to the other. */
const MAY_SCAN: Record<string, string> = {
  "select * from tasks": "SCAN tasks",
  "select * from engines": "SCAN engines",
  "select * from images order": "SCAN images",
  "select * from secrets order": "SCAN secrets",
  // The index holds open attempts only.
  "select attempts.* from attempts": "SCAN attempts USING INDEX attempts_open",
  "select * from deployments order": "SCAN deployments",
  "select * from endpoints order": "SCAN endpoints",
  "select * from api_keys order": "SCAN api_keys",
  "select * from workers order": "SCAN workers",
  "delete from workers": "SCAN workers",
  // Once, when a server starts.
  "select endpoint, state, sum(jobs)": "SCAN queue_",
  // The indexes hold those that are asked for only.
  "select * from queue_jobs where recorded = 0": "SCAN queue_jobs USING INDEX queue_jobs_unrecorded",
  "select * from queue_jobs where webhook_state": "SCAN queue_jobs USING INDEX queue_jobs_webhook",
  // For an archive; there is a row a failure that was recovered from.
  "select * from recoveries where error_value": "SCAN recoveries",
  // For lineage; see `values.ts`.
  "select key, args_value, result_value from calls": "SCAN calls",
  "select hash, name, path from value_files where name": "SCAN value_files USING INDEX value_files_hash",
};

/** What a statement has made itself: read from one end to the other it costs what it has rows. */
const IN_HAND = /^SCAN (json_each|CONSTANT ROW|(made|groups|recent)$|\(subquery)/;

describe("statements that are compiled once", () => {
  it("are those of tables that are asked often", () => {
    expect(collections).toBeInstanceOf(Collections);
    expect(statements.length).toBeGreaterThan(30);
  });

  it.each(statements.filter((sql) => !sql.startsWith("pragma")))("%s", (sql) => {
    const allowed = Object.entries(MAY_SCAN).find(([start]) => sql.startsWith(start))?.[1];
    const scans = plan(sql).filter((step) => step.startsWith("SCAN") && !IN_HAND.test(step));
    for (const scan of scans) expect(scan).toContain(allowed ?? "no scan at all");
  });

  it("answer the counts of a run's jobs from the index alone", () => {
    const counts = [...connection.statements].filter((sql) => /^select task, state.* count\(\*\)/.test(sql));
    expect(counts).toHaveLength(2);
    for (const sql of counts) expect(plan(sql)[0]).toContain("COVERING INDEX jobs_task (run=?)");
    expect(plan(counts[0] ?? "")).toHaveLength(1);
  });
});

describe("the scripts of a job", () => {
  const scripts = /jobs as scripts?\b/;
  const byParent = /^SEARCH scripts? USING INDEX jobs_parent \(run=\? AND parent=\?\)/;

  /** Every statement that looks for them, listings among them. */
  function statementsWithScripts(): string[] {
    const before = new Set(connection.statements);
    tables.jobs.list({ states: ["done"], known: true });
    tables.jobs.list({ states: ["cached"], known: true });
    tables.jobs.countTasks({ states: ["done"], known: true });
    const asked = [...connection.statements].filter((sql) => !before.has(sql) || !sql.includes("?1"));
    return asked.filter((sql) => scripts.test(sql));
  }

  // By its task and state it would look at every script of the run for every job: half a minute for 25,000.
  it("are found by their parent", () => {
    const found = statementsWithScripts();
    expect(found.length).toBeGreaterThan(3);
    for (const sql of found) expect(plan(sql).filter((step) => byParent.test(step)).length).toBeGreaterThan(0);
  });
});

describe("listings", () => {
  it.each<[string, () => unknown, string]>([
    ["the newest runs", () => tables.runs.list({ limit: 20 }), "INDEX runs_started"],
    ["runs since a time", () => tables.runs.list({ since: 5 }), "INDEX runs_started (started_at>?)"],
    ["a run's jobs", () => tables.jobs.list({ run: "r" }), "(run=?)"],
    [
      "the run's own jobs",
      () => tables.jobs.list({ run: "r", parent: null }),
      "INDEX jobs_parent (run=? AND parent=?)",
    ],
    ["a job's jobs", () => tables.jobs.list({ run: "r", parent: "p" }), "INDEX jobs_parent (run=? AND parent=?)"],
    ["a run's jobs with attempts", () => tables.jobs.list({ run: "r", outside: true }), "INDEX jobs_outside (run=?)"],
    [
      "an endpoint's queue jobs",
      () => tables.queueJobs.list({ endpoint: "e" }),
      "INDEX queue_jobs_endpoint (endpoint=?",
    ],
    [
      "an endpoint's queue jobs of some states",
      () => tables.queueJobs.list({ endpoint: "e", states: ["FAILED", "TIMED_OUT"] }),
      "INDEX queue_jobs_endpoint (endpoint=?",
    ],
    ["queue jobs of a state", () => tables.queueJobs.list({ states: ["FAILED"] }), "INDEX queue_jobs_state (state=?"],
    ["a job's changes", () => tables.queueJobs.change({ id: "j", attempts: 1 }), "INDEX sqlite_autoindex_queue_jobs_1"],
    ["a run's jobs of a task", () => tables.jobs.list({ run: "r", task: "t" }), "INDEX jobs_task (run=? AND task=?)"],
  ])("%s", (_, ask, index) => {
    const before = new Set(connection.statements);
    ask();
    const sql = [...connection.statements].find((statement) => !before.has(statement)) ?? "";
    // Jobs are found first, and then read by their row ids.
    const found = plan(sql).find((step) => !/USING INTEGER PRIMARY KEY|^LIST SUBQUERY/.test(step));
    expect(found).toContain(index);
  });
});
