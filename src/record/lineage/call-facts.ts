import { holdsFiles } from "../../files/written.ts";
import type { Hash } from "../../kernel/index.ts";
import { ownerOf } from "../../project/owner.ts";
import type { CallRow, JobRow, RunRow, Store } from "../../store/types.ts";
import type { ProjectRecord } from "../open.ts";
import { parameterNames } from "../parameter-names.ts";
import { storedValue } from "../stored-value.ts";
import type { CallFacts } from "./types.ts";

/** Of a long value so many characters are told: the record has it whole. */
const LONGEST_VALUE = 2000;

/** A call as the record has it: of a script also the one whose body built it. */
export interface KnownCall {
  readonly row: CallRow;
  readonly job: JobRow;
  /** The job people know it by, and its call. */
  readonly owner: JobRow;
  /** The names of the owner's parameters. */
  readonly names: readonly string[];
  readonly facts: CallFacts;
}

/** Reads calls, each once, with the runs and tasks they belong to. */
export class CallBook {
  readonly #record: ProjectRecord;
  readonly #calls = new Map<Hash, Promise<KnownCall | undefined>>();
  readonly #runs = new Map<string, Promise<RunRow | undefined>>();
  readonly #names = new Map<Hash, Promise<readonly string[]>>();

  constructor(record: ProjectRecord) {
    this.#record = record;
  }

  /** A call with its facts; nothing where it is not recorded any more. */
  find(key: Hash): Promise<KnownCall | undefined> {
    let found = this.#calls.get(key);
    if (!found) this.#calls.set(key, (found = this.#read(key)));
    return found;
  }

  async #read(key: Hash): Promise<KnownCall | undefined> {
    const { store } = this.#record;
    const row = await store.getCall(key);
    const job = row && (await store.getJob(row.job));
    if (!job) return undefined;
    const owner = await ownerOf(store, job);
    const task = await store.getTask(owner.taskHash);
    const run = await this.#run(store, owner.run);
    const names = await this.#namesOf(owner.taskHash, task?.code ?? "");
    const facts: CallFacts = {
      call: owner.call,
      job: owner.id,
      task: owner.task,
      run: owner.run,
      startedAt: run?.startedAt ?? owner.createdAt,
      code: task && task.file !== "" ? { file: task.file, line: task.line, hash: task.hash } : undefined,
      git: run?.gitCommit ? { commit: run.gitCommit, dirty: run.gitDirty ?? false } : undefined,
      arguments: await this.#plainArguments(owner, names),
    };
    return { row, job, owner, names, facts };
  }

  async #plainArguments({ argsValue }: JobRow, names: readonly string[]): Promise<CallFacts["arguments"]> {
    const text = (await this.#record.store.findValues([argsValue])).get(argsValue);
    const args: unknown = text === undefined ? [] : JSON.parse(text);
    if (!Array.isArray(args)) return [];
    return args.flatMap((arg: unknown, i) => {
      const written = JSON.stringify(arg);
      if (holdsFiles(written)) return [];
      return [
        {
          name: names[i] || `argument ${i + 1}`,
          value: JSON.stringify(storedValue(written, this.#record)).slice(0, LONGEST_VALUE),
        },
      ];
    });
  }

  #run(store: Store, id: string): Promise<RunRow | undefined> {
    let found = this.#runs.get(id);
    if (!found) this.#runs.set(id, (found = store.getRun(id)));
    return found;
  }

  #namesOf(taskHash: Hash, code: string): Promise<readonly string[]> {
    let found = this.#names.get(taskHash);
    if (!found) this.#names.set(taskHash, (found = parameterNames(code)));
    return found;
  }
}
