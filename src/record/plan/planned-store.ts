import type { Plan, PlannedCall } from "../../engine/dry-run/index.ts";
import { type Hash, newId } from "../../kernel/index.ts";
import type { Snapshot } from "../../project/snapshot.ts";
import type { CallRow, JobRow, RunMode, RunRow, Store } from "../../store/types.ts";

/**
 * The rows that a run would leave, as far as a dry run knows them: with them, what explains the jobs of a run explains
 * what there would be.
 */
export class PlannedRows {
  /** The store with those rows in it. It is read only. */
  readonly store: Store;
  readonly #recorded: Store;
  readonly #run: RunRow;
  readonly #jobs = new Map<string, JobRow>();
  readonly #byCall = new Map<string, JobRow>();

  constructor(store: Store, plan: Plan, program: Snapshot, facts: { readonly task: string; readonly mode: RunMode }) {
    this.#recorded = store;
    this.#run = runRow(program, facts);
    const calls = new Map<string, CallRow>();
    for (const call of plan.calls) {
      if (!call.job) continue;
      const row = this.#jobRow(call, call.job.id, call.job.key, call.job.argsHash);
      this.#jobs.set(row.id, row);
      this.#byCall.set(row.call, row);
      calls.set(row.call, callRow(row, call.job.image));
    }
    const { record } = plan;
    const texts = new Map(program.texts.map(({ hash, text }) => [hash, text]));
    this.store = overlay(store, {
      getRun: async (id) => (id === this.#run.id ? this.#run : store.getRun(id)),
      getJob: async (id) => this.#jobs.get(id) ?? store.getJob(id),
      getTask: async (hash) => record.tasks.get(hash) ?? store.getTask(hash),
      getProgram: async (id) => (id === program.row.id ? program.row : store.getProgram(id)),
      getCall: async (key) => (await store.getCall(key)) ?? calls.get(key),
      findValues: async (hashes) => {
        const found = new Map(await store.findValues(hashes));
        for (const hash of hashes) {
          const text = record.values.get(hash) ?? texts.get(hash);
          if (text !== undefined) found.set(hash, text);
        }
        return found;
      },
      listDataEdges: async (call) => record.dataEdges.get(call) ?? store.listDataEdges(call),
      listJobs: async (filter) => {
        if (filter.run !== this.#run.id) return store.listJobs(filter);
        const job = filter.call === undefined ? undefined : this.#byCall.get(filter.call);
        return job ? [job] : [];
      },
    });
  }

  /**
   * The job of a planned call. One whose arguments are not known is told as if they were those of another call: then what
   * differs is its code alone.
   */
  rowOf(call: PlannedCall, like?: CallRow): JobRow {
    const known = call.job && this.#jobs.get(call.job.id);
    return known ?? this.#jobRow(call, newId(), "", like?.argsValue ?? "");
  }

  /** The recorded call of this key: one that is not good enough, if its job would run. */
  recordedCall(key: Hash): Promise<CallRow | undefined> {
    return this.#recorded.getCall(key);
  }

  /** The id of the job that made what a planned call finds in the cache; empty where nothing did, and nobody can ask for it. */
  async recordedJob(id: string): Promise<string> {
    const row = this.#jobs.get(id);
    if (!row) return id;
    return row.state === "cached" ? ((await this.#recorded.getCall(row.call))?.job ?? "") : "";
  }

  #jobRow({ task, taskHash, owner, fate, reason }: PlannedCall, id: string, call: string, args: string): JobRow {
    return {
      id,
      run: this.#run.id,
      parent: owner?.id ?? null,
      call,
      task: task.name,
      taskHash,
      argsValue: args,
      state: fate === "cached" ? "cached" : "pending",
      reason,
      executor: "",
      createdAt: this.#run.startedAt,
      startedAt: null,
      endedAt: null,
      attempts: 0,
      errorValue: null,
      tags: null,
    };
  }
}

function callRow({ call, task, taskHash, argsValue, createdAt, id, run }: JobRow, image: string): CallRow {
  const unknown = { bodyKind: "value", bodyValue: "", resultValue: null, taskSet: null } as const;
  return { key: call, task, taskHash, image, argsValue, ...unknown, createdAt, job: id, run };
}

function runRow(program: Snapshot, { task, mode }: { readonly task: string; readonly mode: RunMode }): RunRow {
  return {
    id: newId(),
    mode,
    pinned: false,
    task,
    state: "running",
    startedAt: Date.now(),
    endedAt: null,
    program: program.row.id,
    argsValue: null,
    resultValue: null,
    errorValue: null,
    host: "",
    user: "",
    pid: 0,
    cwd: "",
    argv: [],
    gitCommit: null,
    gitDirty: null,
    ligaseVersion: "",
    nodeVersion: "",
    tags: {},
  };
}

/** A store of which some methods are others. */
function overlay(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const method: unknown = Reflect.get(target, name);
      // On the store itself, whose fields are private.
      return typeof method === "function" ? (method.bind(target) as unknown) : method;
    },
  });
}
