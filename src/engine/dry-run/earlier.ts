import { decodeExpression } from "../../expr/decode.ts";
import { encodeExpression } from "../../expr/encode.ts";
import type { Hash } from "../../kernel/index.ts";
import type { FoundCall } from "../../store/types.ts";
import type { Evaluation } from "../context.ts";
import type { Job } from "../job.ts";
import { BATCH } from "../lookup.ts";
import type { StoredTrace } from "../trace.ts";

/** So many earlier calls of a task are looked through, at 3 µs each. */
const LOOK_BACK = 50_000;

/** The calls of a task that are recorded. */
interface EarlierCalls {
  /** The key of the newest call for each of the arguments. */
  readonly byArguments: ReadonlyMap<Hash, Hash>;
  readonly versions: ReadonlySet<Hash>;
  /** Are there no others? */
  readonly all: boolean;
}

/**
 * What the bodies of calls left when they last ran with the same arguments, whatever their code was then: the best guess
 * at what they will call.
 */
export class EarlierBodies {
  readonly #run: Evaluation;
  readonly #known = new Map<string, EarlierCalls>();

  constructor(run: Evaluation) {
    this.#run = run;
  }

  /**
   * The expressions and values that bodies left. What is not recorded is absent, and what names a file that is another
   * one now: it would be called with that.
   */
  async find(jobs: readonly Job[]): Promise<Map<Job, unknown>> {
    const found = new Map<Job, unknown>();
    for (const [job, call] of await this.#callsOf(jobs)) {
      const body = this.#body(call);
      if (body && (await this.#isIntact(body.value))) found.set(job, body.value);
    }
    return found;
  }

  async #isIntact(body: unknown): Promise<boolean> {
    const { atoms } = encodeExpression(body, this.#run.codec);
    return atoms.length === 0 || this.#run.files.intact(atoms);
  }

  /** The result that a call had last time. */
  async result(job: Job): Promise<unknown> {
    const text = (await this.#callsOf([job])).get(job)?.resultText ?? null;
    return text === null ? undefined : this.#run.codec.decode(text);
  }

  /** The recorded calls with the same arguments: of the same code, where there is one. */
  async #callsOf(jobs: readonly Job[]): Promise<Map<Job, FoundCall>> {
    const same = await this.#calls(jobs.map((job) => job.key));
    const others = await this.#withArguments(jobs.filter((job) => !same.has(job.key)));
    const found = new Map<Job, FoundCall>();
    for (const job of jobs) {
      const call = same.get(job.key) ?? others.get(job);
      if (call) found.set(job, call);
    }
    return found;
  }

  /** Could the cache have a call of this version of a task? */
  async mayHave(task: string, taskHash: Hash): Promise<boolean> {
    const { versions, all } = await this.#of(task);
    return versions.has(taskHash) || !all;
  }

  /** Calls with the same arguments, by tasks with other code. */
  async #withArguments(jobs: readonly Job[]): Promise<Map<Job, FoundCall>> {
    const keys = new Map<Job, Hash>();
    for (const job of jobs) {
      const key = (await this.#of(job.task.name)).byArguments.get(job.argsHash);
      if (key !== undefined) keys.set(job, key);
    }
    const calls = await this.#calls([...new Set(keys.values())]);
    return new Map([...keys].flatMap(([job, key]) => (calls.has(key) ? [[job, calls.get(key)!] as const] : [])));
  }

  async #of(task: string): Promise<EarlierCalls> {
    const known = this.#known.get(task);
    if (known) return known;
    const byArguments = new Map<Hash, Hash>();
    const versions = new Set<Hash>();
    const calls = await this.#run.store.listCalls(task, { limit: LOOK_BACK, mode: this.#run.mode.name });
    for (const { argsValue, taskHash, key } of calls) {
      versions.add(taskHash);
      if (!byArguments.has(argsValue)) byArguments.set(argsValue, key);
    }
    const found = { byArguments, versions, all: calls.length < LOOK_BACK };
    this.#known.set(task, found);
    return found;
  }

  async #calls(keys: readonly string[]): Promise<Map<string, FoundCall>> {
    const found = new Map<string, FoundCall>();
    for (let i = 0; i < keys.length; i += BATCH) {
      for (const [key, call] of await this.#run.store.findCalls(keys.slice(i, i + BATCH))) found.set(key, call);
    }
    return found;
  }

  /** Everything that a body left to be evaluated: of an async one what it awaited too. */
  #body({ bodyKind, bodyText }: FoundCall): { readonly value: unknown } | undefined {
    const decode = (text: string): unknown =>
      decodeExpression(text, this.#run.codec, (name) => this.#run.taskNamed(name));
    try {
      if (bodyKind !== "trace") return { value: decode(bodyText) };
      const { entries, result } = JSON.parse(bodyText) as StoredTrace;
      return { value: [...entries.map((entry) => decode(entry.expr)), decode(result)] };
    } catch {
      // It called a task that is gone: what it will call instead is not known.
      return undefined;
    }
  }
}
