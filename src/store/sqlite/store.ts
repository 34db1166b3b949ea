import type { Hash } from "../../kernel/index.ts";
import type * as space from "../collecting.ts";
import type * as rows from "../types.ts";
import { SqliteServing } from "./serving.ts";
import type { Tables } from "./tables.ts";
import type { Writer } from "./writer.ts";

/** The store on SQLite: reads on this thread, at once; writes through a {@link Writer}. */
export class SqliteStore extends SqliteServing implements rows.Store {
  readonly location: string;

  constructor(tables: Tables, writer: Writer) {
    super(tables, writer);
    this.location = tables.connection.location;
  }

  async commit(batch: rows.WriteBatch): Promise<void> {
    await this.writer.write({ kind: "commit", batch });
  }

  // The cache.

  findCalls(keys: readonly Hash[]): Promise<Map<Hash, rows.FoundCall>> {
    return this.read(({ calls }) => calls.find(keys));
  }

  findValues(hashes: readonly Hash[]): Promise<Map<Hash, string>> {
    return this.read(({ values }) => values.find(hashes));
  }

  findRecovery(key: Hash): Promise<rows.FoundRecovery | undefined> {
    return this.read(({ recoveries, values, taskSets }) => {
      const recovery = recoveries.get(key);
      const errorText = recovery && values.get(recovery.errorValue);
      const tasks = recovery && taskSets.get(recovery.taskSet);
      return recovery && errorText !== undefined && tasks ? { ...recovery, errorText, tasks } : undefined;
    });
  }

  listPlaces(value: Hash): Promise<readonly rows.ValueFile[]> {
    return this.read(({ values }) => values.places(value));
  }

  findTaskSet(hash: Hash): Promise<Readonly<Record<string, Hash>> | undefined> {
    return this.read(({ taskSets }) => taskSets.get(hash));
  }

  findFingerprint(path: string): Promise<rows.FingerprintRow | undefined> {
    return this.read(({ fingerprints }) => fingerprints.get(path));
  }

  findChildren(call: Hash): Promise<readonly rows.CallRow[]> {
    return this.read(({ calls }) => calls.childrenOf(call));
  }

  // Processes that share the store.

  async registerEngine(engine: rows.EngineRow): Promise<readonly rows.EngineRow[]> {
    return (await this.writer.write({ kind: "register", engine })).engines ?? [];
  }

  listEngines(): Promise<readonly rows.EngineRow[]> {
    return this.read(({ engines }) => engines.list());
  }

  async updateEngine(engine: string, change: rows.EngineChange): Promise<void> {
    await this.writer.write({ kind: "update", engine, change });
  }

  async removeEngine(engine: string): Promise<void> {
    await this.writer.write({ kind: "remove", engine });
  }

  changedElsewhere(): boolean {
    return this.writer.changedElsewhere();
  }

  async claim(engine: string, calls: readonly Hash[]): Promise<Map<Hash, string>> {
    return (await this.writer.write({ kind: "claim", engine, calls })).held ?? new Map<Hash, string>();
  }

  async release(engine: string, calls: readonly Hash[]): Promise<void> {
    await this.writer.write({ kind: "release", engine, calls });
  }

  async requestCancel(run: string): Promise<void> {
    await this.writer.write({ kind: "cancel", run, now: Date.now() });
  }

  cancelRequested(run: string): Promise<boolean> {
    return this.read(({ engines }) => engines.cancelRequested(run));
  }

  // Questions people ask.

  getRun(id: string): Promise<rows.RunRow | undefined> {
    return this.read(({ runs }) => runs.get(id));
  }

  findIds(prefix: string, limit = 10): Promise<{ runs: readonly string[]; jobs: readonly string[] }> {
    return this.read(({ runs, jobs }) => ({ runs: runs.ids(prefix, limit), jobs: jobs.ids(prefix, limit) }));
  }

  listRuns(filter: rows.RunFilter = {}): Promise<readonly rows.RunRow[]> {
    return this.read(({ runs }) => runs.list(filter));
  }

  latestRun(states?: readonly rows.RunState[]): Promise<rows.RunRow | undefined> {
    return this.read(({ runs }) => runs.list({ ...(states && { states }), endpoint: null, limit: 1 })[0]);
  }

  getJob(id: string): Promise<rows.JobRow | undefined> {
    return this.read(({ jobs }) => jobs.get(id));
  }

  listJobs(filter: rows.JobFilter): Promise<readonly rows.JobRow[]> {
    return this.read(({ jobs }) => jobs.list(filter));
  }

  countTasks(filter: rows.JobFilter = {}): Promise<readonly rows.TaskCount[]> {
    return this.read(({ jobs }) => jobs.countTasks(filter));
  }

  listRunTasks(run: string): Promise<readonly Hash[]> {
    return this.read(({ jobs }) => jobs.tasksOf(run));
  }

  countJobs(run: string): Promise<readonly rows.TaskCount[]> {
    return this.read(({ jobs }) => jobs.count(run));
  }

  countCalls(run: string): Promise<readonly rows.CallCount[]> {
    return this.read(({ jobs }) => jobs.countCalls(run));
  }

  countChildren(run: string, parent: string | null, examples: number): Promise<readonly rows.ChildCount[]> {
    return this.read(({ jobs }) => jobs.countChildren(run, parent, examples));
  }

  countReasons(run: string, examples: number): Promise<readonly rows.ReasonCount[]> {
    return this.read(({ jobs }) => jobs.countReasons(run, examples));
  }

  taskTimes(tasks: readonly string[]): Promise<readonly rows.TaskTime[]> {
    return this.read(({ jobs }) => jobs.times(tasks));
  }

  listAttempts(job: string): Promise<readonly rows.AttemptRow[]> {
    return this.read(({ attempts }) => attempts.list(job));
  }

  listRunAttempts(run: string): Promise<readonly rows.AttemptRow[]> {
    return this.read(({ attempts }) => attempts.ofRun(run));
  }

  openAttempts(exceptRuns: readonly string[]): Promise<readonly rows.AttemptRow[]> {
    return this.read(({ attempts }) => attempts.open(exceptRuns));
  }

  getCall(key: Hash): Promise<rows.CallRow | undefined> {
    return this.read(({ calls }) => calls.get(key));
  }

  listCalls(
    task: string,
    { before = Number.MAX_SAFE_INTEGER, limit = 100, mode }: Parameters<rows.Store["listCalls"]>[1] = {},
  ): Promise<readonly rows.CallRow[]> {
    return this.read(({ calls }) => calls.ofTask(task, before, limit, mode));
  }

  listDataEdges(call: Hash): Promise<readonly rows.DataEdgeRow[]> {
    return this.read(({ edges }) => edges.into(call));
  }

  listRunCalls(run: string): Promise<readonly rows.CallRow[]> {
    return this.read(({ calls }) => calls.ofRun(run));
  }

  listRunDataEdges(run: string): Promise<readonly rows.DataEdgeRow[]> {
    return this.read(({ edges }) => edges.dataOfRun(run));
  }

  listRunCallEdges(run: string): Promise<readonly rows.CallEdgeRow[]> {
    return this.read(({ edges }) => edges.callsOfRun(run));
  }

  countFlows(run: string): Promise<readonly rows.TaskFlow[]> {
    return this.read(({ edges }) => edges.flows(run));
  }

  findTaskSets(hashes: readonly Hash[]): Promise<readonly rows.TaskSetRow[]> {
    return this.read(({ taskSets }) => taskSets.find(hashes));
  }

  listRecoveries(errors: readonly Hash[]): Promise<readonly rows.RecoveryRow[]> {
    return this.read(({ recoveries }) => recoveries.from(errors));
  }

  async pinRun(run: string, pinned: boolean): Promise<void> {
    await this.writer.write({ kind: "pin", run, pinned });
  }

  getTask(hash: Hash): Promise<rows.TaskRow | undefined> {
    return this.read(({ tasks }) => tasks.get(hash));
  }

  listTasks(): Promise<readonly rows.TaskRow[]> {
    return this.read(({ tasks }) => tasks.list());
  }

  getProgram(id: Hash): Promise<rows.ProgramRow | undefined> {
    return this.read(({ programs }) => programs.get(id));
  }

  findByFile(hash: string): Promise<readonly rows.FoundFile[]> {
    return this.read(({ values }) => values.withFile(hash));
  }

  findPlaces(
    of: { readonly hash: string } | { readonly name: string },
    limit: number,
  ): Promise<readonly rows.ValueFile[]> {
    return this.read(({ values }) => ("hash" in of ? values.seen(of.hash, limit) : values.named(of.name, limit)));
  }

  // Environments and secrets.

  getImage(id: string): Promise<rows.ImageRow | undefined> {
    return this.read(({ images }) => images.get(id));
  }

  listImages(): Promise<readonly rows.ImageRow[]> {
    return this.read(({ images }) => images.list());
  }

  getSecret(name: string): Promise<rows.SecretRow | undefined> {
    return this.read(({ secrets }) => secrets.get(name));
  }

  listSecrets(): Promise<readonly rows.SecretRow[]> {
    return this.read(({ secrets }) => secrets.list());
  }

  async putSecret(secret: rows.SecretRow): Promise<void> {
    await this.writer.write({ kind: "put-secret", secret });
  }

  async removeSecret(name: string): Promise<boolean> {
    return (await this.writer.write({ kind: "remove-secret", name })).count === 1;
  }

  // What takes space, and how it is freed.

  async removeRuns(runs: readonly string[]): Promise<readonly string[]> {
    return (await this.writer.write({ kind: "remove-runs", runs })).ids ?? [];
  }

  listLooseCalls(without: readonly string[] = []): Promise<space.Loose> {
    return this.read(({ collections }) => collections.loose(without));
  }

  async removeCalls(keys: readonly Hash[], mark: number): Promise<readonly rows.CallRow[]> {
    return (await this.writer.write({ kind: "remove-calls", keys, mark })).calls ?? [];
  }

  async restoreCalls(calls: readonly rows.CallRow[], mark: number): Promise<readonly Hash[]> {
    return (await this.writer.write({ kind: "restore-calls", calls, mark })).ids ?? [];
  }

  async removeJobs(most: number): Promise<number> {
    return (await this.writer.write({ kind: "remove-jobs", most })).count ?? 0;
  }

  async *eachText(part: string): AsyncGenerator<string> {
    await this.read(({ collections }) => collections.beginTexts());
    try {
      for (let after: number | undefined = 0; after !== undefined;) {
        const from: number = after;
        const { texts, last } = await this.read(({ collections }) => collections.textPage(part, from));
        yield* texts;
        after = last;
      }
    } finally {
      await this.read(({ collections }) => collections.endTexts());
    }
  }

  async sweep({ programs }: { readonly programs: readonly Hash[] }, paths: readonly string[]): Promise<space.Swept> {
    const { swept } = await this.writer.write({ kind: "sweep", programs, paths });
    await this.writer.write({ kind: "sweep-texts" });
    return swept!;
  }

  listFingerprintPaths(): Promise<readonly string[]> {
    return this.read(({ collections }) => collections.fingerprintPaths());
  }

  async compact(): Promise<void> {
    const { connection } = this.tables;
    connection.explained(() => connection.db.exec("vacuum; pragma wal_checkpoint(truncate)"));
  }

  findJobs(ids: readonly string[]): Promise<readonly rows.JobRow[]> {
    return this.read(({ jobs }) => jobs.find(ids));
  }

  listCallUses(keys: readonly Hash[]): Promise<readonly space.CallUse[]> {
    return this.read(({ collections }) => collections.callUses(keys));
  }

  listValueUses(): Promise<readonly space.ValueUse[]> {
    return this.read(({ collections }) => collections.valueUses());
  }

  databaseSize(): Promise<space.DatabaseSize> {
    return this.read(({ collections }) => collections.size());
  }

  async close(): Promise<void> {
    await this.writer.close();
    this.tables.connection.close();
  }
}
