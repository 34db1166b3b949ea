import type { ErrorFacts } from "../kernel/index.ts";

/**
 * What a worker process is told when it is started, as JSON in the variable {@link WORKER_SETTINGS}. Workers of all
 * languages read it, remove the variable, connect to the socket, and say `hello` with the token.
 */
export interface WorkerSettings {
  /** The engine's socket. */
  readonly socket: string;
  /** Shows that it is the worker that was started, and none other of this machine's processes. Good for one `hello`. */
  readonly token: string;
  /** The bundle whose tasks it runs; empty for a worker of Python functions. */
  readonly bundle: string;
  /** The project's folder: places of files that begin with `./` count from it. */
  readonly root: string;
  /** The store's folder: places of files that begin with `ligase:` count from it. */
  readonly storeDir: string;
  /**
   * It runs in an environment, with process ids of its own: what runs beside it was left there by a job.
   */
  readonly enclosed: boolean;
}

/** The environment variable that holds {@link WorkerSettings} as JSON. */
export const WORKER_SETTINGS = "LIGASE_WORKER";

/** What the engine says to a worker: one JSON text a line. */
export type ToWorker =
  | RunJob
  /** What an awaited expression gave. */
  | { readonly op: "value"; readonly asked: number; readonly text: string }
  | { readonly op: "error"; readonly asked: number; readonly error: ErrorFacts }
  /** Nothing more will come. */
  | { readonly op: "close" };

/** One job: the body of a task, or a Python function. A worker gets the next when it has answered the last. */
export type RunJob = RunTask | RunPython;

/** What all jobs have in common. */
interface JobFacts {
  readonly op: "run";
  /** The arguments, a list, as the codec writes it. */
  readonly args: string;
  /** The directory that the body runs in; it is there. */
  readonly workDir: string;
  /** Added to the worker's environment while the job runs, and taken away again. */
  readonly env: Readonly<Record<string, string>>;
  /** Copies of arguments that are URLs, by URL: the body may have no network of its own. */
  readonly fetched?: Readonly<Record<string, string>>;
}

/** A task's body with its arguments. */
export interface RunTask extends JobFacts {
  readonly task: string;
  /**
   * Where the worker moves files of the result that lie in the work directory; null where it cannot write there: then
   * the engine's side takes them over.
   */
  readonly outputDir: string | null;
}

/** A Python function with its arguments, all of them by position. */
export interface RunPython extends JobFacts {
  /** The folder that holds the project's files as they were when the run began; stands first in `sys.path`. */
  readonly code: string;
  /** The module, as a path relative to that folder: `pipeline/embed.py`. */
  readonly module: string;
  /** The function in it. */
  readonly function: string;
  /** Where files of the result will lie. The worker leaves them in the work directory: the engine's side takes them over. */
  readonly outputDir: string;
}

/** What a worker says: one JSON text a line. */
export type FromWorker =
  /** `python`: the version of the interpreter, `3.11.2`. */
  | { readonly ev: "hello"; readonly token: string; readonly python?: string }
  /** The bundle is imported. */
  | { readonly ev: "ready" }
  /** The body awaits an expression, as `expr/encode` writes it. `asked` is the worker's number for it. */
  | { readonly ev: "ask"; readonly asked: number; readonly expression: string }
  /** The body returned: a value or an expression, as `expr/encode` writes it. */
  | (Measured & { readonly ev: "done"; readonly text: string; readonly bytesOut: number })
  /** `fatal`: the process is about to end. */
  | (Measured & { readonly ev: "failed"; readonly error: ErrorFacts; readonly fatal: boolean });

/** What a job used of its worker. */
export interface Measured {
  readonly wallMs: number;
  /** Of the worker, and of its child processes that ended and were waited for. */
  readonly cpuMs: number;
  /** Bytes; null where the peak of a job cannot be told from that of the jobs before it. */
  readonly peakMemory: number | null;
  /** It left processes behind that still run: the worker takes no further job. */
  readonly leftovers?: readonly string[];
}

/**
 * Splits a stream of text into lines and hands on each as parsed JSON.
 *
 * @throws what `JSON.parse` does
 */
export function jsonLines<T>(each: (message: T) => void): (chunk: string) => void {
  // A value of many megabytes comes in thousands of pieces: joined once, not each time.
  let pieces: string[] = [];
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      pieces.push(chunk.slice(from, end));
      from = end + 1;
      const line = pieces.join("");
      pieces = [];
      if (line !== "") each(JSON.parse(line) as T);
    }
    if (from < chunk.length) pieces.push(chunk.slice(from));
  };
}
