import { type HandlerContext, withJobContext } from "../../apps/index.ts";
import { type CallNode, encodeExpression, type Evaluator, isExpr, withEvaluator } from "../../expr/index.ts";
import { File, withWorkDir } from "../../files/index.ts";
import { type Codec, type ErrorFacts, LigaseError, reviveError } from "../../kernel/index.ts";
import type { Client } from "./client.ts";
import { failureText } from "./failure.ts";
import type { Answering } from "./handler.ts";
import { JobDir } from "./inputs.ts";
import { plainOf } from "./result.ts";

/** A job as the server hands it out. */
export interface Job {
  readonly id: string;
  readonly input: unknown;
  /** Counted from 1. */
  readonly attempt?: number;
}

/** What all jobs of a worker have in common. */
export interface Surroundings {
  readonly client: Client;
  /** `/v2/{endpoint}`. */
  readonly base: string;
  readonly worker: string;
  readonly answering: Answering;
  readonly codec: Codec;
}

/** What a job came to: the body of `job-done`. */
export interface JobEnd {
  readonly body: string;
  readonly isStream: boolean;
}

/** A job that runs: what its handler knows of it, and who evaluates what the handler awaits. */
export class RunningJob implements HandlerContext, Evaluator {
  readonly job: string;
  readonly attempt: number;
  readonly #input: unknown;
  readonly #around: Surroundings;
  readonly #dir = new JobDir();
  /** Made when somebody asks for its signal: most handlers do not. */
  #controller: AbortController | undefined;
  #stopped: LigaseError | undefined;
  #ended = false;
  #isStream = false;
  /** What is still to be said of how far it is; the latest counts. */
  #progress: string | undefined;
  #saying = false;

  constructor(job: Job, around: Surroundings) {
    this.job = job.id;
    this.attempt = job.attempt ?? 1;
    this.#input = job.input;
    this.#around = around;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stopped) this.#controller.abort(this.#stopped);
    }
    return this.#controller.signal;
  }

  /** It is no longer wanted: cancelled, or its time is over. */
  stop(): void {
    this.#stopped ??= new LigaseError("LIGASE_E_CANCELLED", "the job was cancelled, or its time is over");
    this.#controller?.abort(this.#stopped);
  }

  /** Runs the handler to its end. */
  async run(): Promise<JobEnd> {
    let body: string;
    try {
      body = await withJobContext(this, () => withEvaluator(this, () => withWorkDir(this.#dir, () => this.#answer())));
    } catch (error) {
      body = await this.failure(error);
    }
    this.#ended = true;
    this.#dir.remove();
    return { body, isStream: this.#isStream };
  }

  /** An error of it, as the body of `job-done`. */
  async failure(error: unknown): Promise<string> {
    return JSON.stringify({ error: await failureText(error, this.#around.worker) });
  }

  async #answer(): Promise<string> {
    const returned = this.#around.answering.call(this.#input, this.#dir);
    // An expression is thenable, and is not to be evaluated here.
    const value = isExpr(returned) ? returned : await returned;
    const items = isExpr(value) ? undefined : itemsOf(value);
    if (items === undefined) return this.#written(value);
    this.#isStream = true;
    await this.#stream(items);
    return '{"output":[]}';
  }

  async #written(value: unknown): Promise<string> {
    const plain = plainOf(value);
    if (plain.lazy) {
      const { text, atoms } = encodeExpression(value, this.#around.codec);
      // What it needs of the job's folder is gone when the job is.
      const isLocal = atoms.some((atom) => atom instanceof File && this.#dir.holds(atom.path));
      return isLocal ? this.#written(await this.evaluate(value)) : `{"expression":${JSON.stringify(text)}}`;
    }
    await plain.files;
    const { value: output } = plain;
    if (isFailure(output)) throw new HandlerFailure(output.error);
    return `{"output":${JSON.stringify(output)}}`;
  }

  /** Hands on what a generator gives, one after the other, each when the last was taken. The server makes the list of them. */
  async #stream(items: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    for await (const item of items) {
      if (this.#stopped) throw this.#stopped;
      let plain = plainOf(item);
      if (plain.lazy) plain = plainOf(await this.evaluate(item));
      await plain.files;
      await this.#post("job-stream", `{"output":${JSON.stringify(plain.value)}}`);
    }
  }

  async evaluate(value: unknown): Promise<unknown> {
    const { codec } = this.#around;
    const { text } = encodeExpression(value, codec);
    const body = await this.#post("job-call", `{"expression":${JSON.stringify(text)}}`, this.signal);
    const answer = JSON.parse(body) as { readonly value: string } | { readonly error: ErrorFacts };
    if ("error" in answer) throw reviveError(answer.error);
    return codec.decode(answer.value);
  }

  called(_node: CallNode): void {}

  progress(value: unknown): void {
    const plain = plainOf(value);
    if (plain.lazy || plain.files) {
      throw new LigaseError("LIGASE_E_RESULT", "progress() was given a lazy value or a file", {
        mend: "say how far it is in numbers and text",
      });
    }
    this.#progress = `{"status":"IN_PROGRESS","output":${JSON.stringify(plain.value)}}`;
    if (!this.#saying) void this.#say();
  }

  async #say(): Promise<void> {
    this.#saying = true;
    for (let body = this.#progress; body !== undefined && !this.#ended; body = this.#progress) {
      this.#progress = undefined;
      // That it is not heard is no reason to fail.
      await this.#post("job-done", body).catch(() => {});
    }
    this.#saying = false;
  }

  async #post(call: "job-stream" | "job-call" | "job-done", body: string, signal?: AbortSignal): Promise<string> {
    const { client, base, worker } = this.#around;
    const answer = await client.request("POST", `${base}/${call}/${worker}/${this.job}?gpu=cpu`, body, signal);
    if (answer.status < 400) return answer.body;
    throw new LigaseError("LIGASE_E_WORKER", `the server answered ${answer.status} to ${call}: ${answer.body}`, {
      facts: { status: answer.status },
    });
  }
}

/** What a handler that returns `{ error: "…" }`, and nothing else, means by it: as RunPod's handlers do. */
class HandlerFailure extends Error {
  override readonly name = "HandlerFailure";

  constructor(message: string) {
    super(message);
    this.stack = `HandlerFailure: ${message}`;
  }
}

function isFailure(value: unknown): value is { readonly error: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "error" in value &&
    typeof value.error === "string" &&
    Object.keys(value).length === 1
  );
}

/** What gives values one after the other: a generator, or a stream; not a list, which is a value. */
function itemsOf(value: unknown): AsyncIterable<unknown> | Iterable<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Symbol.asyncIterator in value) return value as AsyncIterable<unknown>;
  if (Symbol.iterator in value && "next" in value && !Array.isArray(value)) return value as Iterable<unknown>;
  return undefined;
}
