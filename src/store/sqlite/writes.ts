import type { Hash } from "../../kernel/index.ts";
import type { Swept } from "../collecting.ts";
import type * as rows from "../types.ts";
import type { Tables } from "./tables.ts";

/** Everything that changes a store, as data: it may have to go to another thread. */
export type Write =
  | { readonly kind: "commit"; readonly batch: rows.WriteBatch }
  | { readonly kind: "register"; readonly engine: rows.EngineRow }
  | { readonly kind: "update"; readonly engine: string; readonly change: rows.EngineChange }
  | { readonly kind: "remove"; readonly engine: string }
  | { readonly kind: "claim"; readonly engine: string; readonly calls: readonly Hash[] }
  | { readonly kind: "release"; readonly engine: string; readonly calls: readonly Hash[] }
  | { readonly kind: "cancel"; readonly run: string; readonly now: number }
  | { readonly kind: "pin"; readonly run: string; readonly pinned: boolean }
  | { readonly kind: "put-secret"; readonly secret: rows.SecretRow }
  | { readonly kind: "remove-secret"; readonly name: string }
  | { readonly kind: "remove-runs"; readonly runs: readonly string[] }
  | { readonly kind: "remove-calls"; readonly keys: readonly Hash[]; readonly mark: number }
  | { readonly kind: "restore-calls"; readonly calls: readonly rows.CallRow[]; readonly mark: number }
  | { readonly kind: "remove-jobs"; readonly most: number }
  | { readonly kind: "sweep"; readonly programs: readonly Hash[]; readonly paths: readonly string[] }
  | { readonly kind: "sweep-texts" }
  | { readonly kind: "commit-queue"; readonly batch: rows.QueueBatch }
  | { readonly kind: "collect-queue"; readonly before: number; readonly limit: number }
  | {
      readonly kind: "commit-deployment";
      readonly change: Parameters<rows.ServingStore["commitDeployment"]>[0];
    }
  | { readonly kind: "put-workers"; readonly workers: readonly rows.WorkerRow[] }
  | { readonly kind: "collect-workers"; readonly before: number; readonly limit: number }
  | { readonly kind: "put-api-key"; readonly key: rows.ApiKeyRow };

/** What a write has to say. */
export interface WriteAnswer {
  /** To `register`: the other engines. */
  readonly engines?: readonly rows.EngineRow[];
  /** To `claim`: the calls that others hold, and who. */
  readonly held?: Map<Hash, string>;
  /** To `remove-runs`: those that went; to `restore-calls`: the keys of those that are needed. */
  readonly ids?: readonly string[];
  /** To `remove-calls`: what they were. */
  readonly calls?: readonly rows.CallRow[];
  /** To `remove-jobs` and `remove-secret`: how many went. */
  readonly count?: number;
  /** To `sweep`. */
  readonly swept?: Swept;
  /** To `collect-queue`: what they were. */
  readonly queueJobs?: readonly rows.QueueJobRow[];
  /** To `collect-workers`: what they were. */
  readonly workers?: readonly rows.WorkerRow[];
}

/**
 * Does writes in one transaction, all or none, and answers each.
 *
 * Large values are put into their files first: a row that names a file is never seen before it.
 */
export function performWrites(tables: Tables, writes: readonly Write[]): WriteAnswer[] {
  const files: (string | null)[] = [];
  for (const write of writes) {
    if (write.kind !== "commit" || write.batch.values === undefined) continue;
    for (const value of write.batch.values) files.push(tables.values.writeText(value));
  }
  // Taken in the order in which they were put.
  let taken = 0;
  const nextFile = (): string | null => files[taken++] ?? null;
  return tables.connection.transaction(() => writes.map((write) => perform(tables, write, nextFile)));
}

function perform(tables: Tables, write: Write, nextFile: () => string | null): WriteAnswer {
  switch (write.kind) {
    case "commit":
      insert(tables, write.batch, nextFile);
      return {};
    case "register":
      return { engines: tables.engines.register(write.engine) };
    case "update":
      tables.engines.update(write.engine, write.change);
      return {};
    case "remove":
      tables.engines.remove(write.engine);
      return {};
    case "claim":
      return { held: tables.engines.claim(write.engine, write.calls) };
    case "release":
      tables.engines.release(write.engine, write.calls);
      return {};
    case "cancel":
      tables.engines.requestCancel(write.run, write.now);
      return {};
    case "pin":
      tables.runs.pin(write.run, write.pinned);
      return {};
    case "put-secret":
      tables.secrets.put(write.secret);
      return {};
    case "remove-secret":
      return { count: tables.secrets.remove(write.name) ? 1 : 0 };
    case "remove-runs":
      return { ids: tables.collections.removeRuns(write.runs) };
    case "remove-calls":
      return { calls: tables.collections.removeCalls(write.keys, write.mark) };
    case "restore-calls":
      return { ids: tables.collections.restoreCalls(write.calls, write.mark) };
    case "remove-jobs":
      return { count: tables.collections.removeJobs(write.most) };
    case "sweep":
      return { swept: tables.collections.sweep(write.programs, write.paths) };
    case "sweep-texts":
      tables.collections.sweepTexts();
      return {};
    case "commit-queue":
      commitQueue(tables, write.batch);
      return {};
    case "collect-queue":
      return { queueJobs: collectQueue(tables, write.before, write.limit) };
    case "commit-deployment": {
      const { deployments = [], endpoints = [], removed = [] } = write.change;
      for (const row of deployments) tables.deployments.write(row);
      for (const row of endpoints) tables.endpoints.write(row);
      for (const name of removed) tables.endpoints.remove(name);
      return {};
    }
    case "put-workers":
      for (const row of write.workers) tables.workers.write(row);
      return {};
    case "collect-workers":
      return { workers: tables.workers.collect(write.before, write.limit) };
    case "put-api-key":
      tables.apiKeys.put(write.key);
      return {};
  }
}

function insert(tables: Tables, batch: rows.WriteBatch, nextFile: () => string | null): void {
  if (batch.values) for (const row of batch.values) tables.values.write(row, nextFile());
  if (batch.taskSets) for (const row of batch.taskSets) tables.taskSets.write(row);
  if (batch.programs) for (const row of batch.programs) tables.programs.write(row);
  if (batch.tasks) for (const row of batch.tasks) tables.tasks.write(row);
  if (batch.runs) for (const row of batch.runs) tables.runs.write(row);
  if (batch.jobs) for (const row of batch.jobs) tables.jobs.write(row);
  if (batch.images) for (const row of batch.images) tables.images.write(row);
  if (batch.attempts) for (const row of batch.attempts) tables.attempts.write(row);
  if (batch.calls) for (const row of batch.calls) tables.calls.write(row);
  if (batch.callEdges) for (const row of batch.callEdges) tables.edges.writeCall(row);
  if (batch.dataEdges) for (const row of batch.dataEdges) tables.edges.writeData(row);
  if (batch.recoveries) for (const row of batch.recoveries) tables.recoveries.write(row);
  if (batch.fingerprints) for (const row of batch.fingerprints) tables.fingerprints.write(row);
}

function commitQueue({ queueJobs, queueChunks }: Tables, batch: rows.QueueBatch): void {
  if (batch.added) for (const row of batch.added) queueJobs.add(row);
  if (batch.changed) for (const change of batch.changed) queueJobs.change(change);
  // What a job streams when it has begun anew may come in the same batch.
  if (batch.restarted) for (const job of batch.restarted) queueChunks.remove(job);
  if (batch.chunks) for (const row of batch.chunks) queueChunks.put(row);
}

function collectQueue({ queueJobs, queueChunks, queueTotals }: Tables, before: number, limit: number) {
  const jobs = queueJobs.collect(before, limit);
  for (const { id } of jobs) queueChunks.remove(id);
  queueTotals.add(jobs);
  return jobs;
}
