import type { ImageReference, VolumeReference } from "../expr/index.ts";

/** When another worker is started. */
export type Scaler =
  /** When the oldest queued job has waited for so many seconds. */
  | { readonly queueDelay: number }
  /** One worker for so many jobs that are queued or run: `ceil(jobs / requestCount)`. */
  | { readonly requestCount: number };

/** What workers are like, whatever runs in them. Durations are seconds, or text such as `"60s"`. */
export interface WorkerOptions {
  /** Workers that are kept with nothing to do. Default 0: none, from zero. */
  readonly minWorkers?: number;
  /** The most workers at once. Default 3. */
  readonly maxWorkers?: number;
  /** How long a worker beyond `minWorkers` waits for another job. Default 5 s. */
  readonly idleTimeout?: number | string;
  /** When another worker is started. Default `{ queueDelay: 4 }`; the first one is started at once. */
  readonly scaler?: Scaler;
  /** Jobs that one worker runs at once. Default 1. */
  readonly concurrency?: number;
  /** How long a worker may take until it is ready, `onStart` included. Default 5 min. */
  readonly startTimeout?: number | string;
  /** Processors that each worker gets. */
  readonly cpu?: number;
  /** Memory that each worker gets: bytes, or text such as `"4 GiB"`. */
  readonly memory?: number | string;
  /** GPUs that each worker gets: how many, which kind (`"A100"`), or both (`"A100:2"`). */
  readonly gpu?: number | string;
  /** Scratch space of each worker. */
  readonly disk?: number | string;
  /** The environment that workers run in; without one, this machine as it is. Default: that of the task. */
  readonly image?: ImageReference;
  /** May a worker in an image reach the network? Default `false`; of a `command`, `true`. */
  readonly network?: boolean;
  /** Volumes by where they are mounted: an absolute path in an image. */
  readonly volumes?: Readonly<Record<string, VolumeReference>>;
  /** Secrets that workers get as environment variables, by name. */
  readonly secrets?: readonly string[];
  /** Environment variables of workers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The options of an endpoint. */
export interface EndpointOptions extends WorkerOptions {
  /** What it is called in URLs: letters, digits, `-`. Default: the name it is exported by, with `-` for `_`. */
  readonly name?: string;
  /** How long a job may run. Default 600 s. */
  readonly executionTimeout?: number | string;
  /** How long after its submission a job may still be worth running. Default 24 h. */
  readonly ttl?: number | string;
  /** How often a job is begun in all, when the worker that has it dies. Default 3. */
  readonly maxAttempts?: number;
  /** Jobs that may wait: more are refused with 429. Default 10,000. */
  readonly maxQueue?: number;
  /** How long results are kept. Default 24 h. */
  readonly keepResults?: number | string;
  /** Take the handler's result from the cache, where its code and input are what they were. Default `false`. */
  readonly cache?: boolean;
  /** Give the chunks of a generator as a list in `output` too. Default `true`. */
  readonly aggregateStream?: boolean;
  /** Runs in a worker before it takes its first job: loads a model, warms a cache. A worker in which it fails never becomes ready. */
  readonly onStart?: () => unknown;
}

/** An endpoint that runs somebody else's worker: a program that speaks the worker protocol of RunPod. */
export interface CommandOptions extends Omit<EndpointOptions, "onStart" | "cache"> {
  /** Program and arguments of a worker: `["python", "-u", "handler.py"]`. It starts in the folder of the app. */
  readonly command: readonly string[];
}

/** What a handler is told besides its input. */
export interface HandlerContext {
  /** The id of the job. */
  readonly job: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Ends when the job is cancelled or its time is over. */
  readonly signal: AbortSignal;
  /** Says how far it is: what `/status` shows as `output` until there is one. */
  progress(value: unknown): void;
}

/**
 * What answers the jobs of an endpoint: a function, also an async one, or a generator, whose values are streamed. A task
 * is one too.
 *
 * @typeParam A - its parameters: the fields of a job's `input`, by name
 */
export type Handler<A extends readonly unknown[] = readonly never[]> = (...args: A) => unknown;

/** Anything that answers a request, as Hono, and all that follow the fetch standard. */
export type WebHandler =
  | ((request: Request) => Response | Promise<Response>)
  | { readonly fetch: (request: Request) => Response | Promise<Response> };

/** The options of a web app. */
export interface WebOptions extends Omit<WorkerOptions, "scaler"> {
  /** Its name in `/web/{name}/`. Default: the name it is exported by. */
  readonly name?: string;
  /** Requests that one worker answers at once. Default 100; more start another worker. */
  readonly concurrency?: number;
  /** How long a request may wait for its answer to begin, a cold start included. Default 300 s. */
  readonly requestTimeout?: number | string;
  /** May anybody call it, without a key? Default `false`. */
  readonly public?: boolean;
  /** Runs in a worker before it takes its first request. */
  readonly onStart?: () => unknown;
}

/** A web app that is a program with a port. */
export interface WebCommandOptions extends Omit<WebOptions, "onStart"> {
  /** Program and arguments. It must listen on `$PORT` of `127.0.0.1`. */
  readonly command: readonly string[];
  /** The path that answers with 200 once it is ready. Default: it is ready when its port is open. */
  readonly healthPath?: string;
}
