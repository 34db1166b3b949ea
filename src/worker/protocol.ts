import type { ErrorFacts } from "../kernel/index.ts";

/** What a worker process is told when it is started, in the variable {@link WORKER_SETTINGS}. */
export interface WorkerSettings {
  /** The engine's socket. */
  readonly socket: string;
  /** Shows that it is the worker that was started, and none other of this machine's processes. */
  readonly token: string;
  /** The bundle whose tasks it runs. */
  readonly bundle: string;
  /** The project's folder. */
  readonly root: string;
  readonly storeDir: string;
}

/** The environment variable that holds {@link WorkerSettings} as JSON. */
export const WORKER_SETTINGS = "LIGASE_WORKER";

/** What the engine says to a worker: one JSON text a line. */
export type ToWorker =
  | RunTask
  /** What an awaited expression gave. */
  | { readonly op: "value"; readonly asked: number; readonly text: string }
  | { readonly op: "error"; readonly asked: number; readonly error: ErrorFacts }
  /** Nothing more will come. */
  | { readonly op: "close" };

/** One job: a task's body with its arguments. */
export interface RunTask {
  readonly op: "run";
  readonly task: string;
  /** The arguments, a list, as the codec writes it. */
  readonly args: string;
  readonly workDir: string;
  /** Where files of the result are moved that lie in the work directory. */
  readonly outputDir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a worker says: one JSON text a line. */
export type FromWorker =
  | { readonly ev: "hello"; readonly token: string }
  /** The bundle is imported. */
  | { readonly ev: "ready" }
  /** The body awaits an expression, as `expr/encode` writes it. */
  | { readonly ev: "ask"; readonly asked: number; readonly expression: string }
  /** The body returned: a value or an expression. */
  | (Measured & { readonly ev: "done"; readonly text: string; readonly bytesOut: number })
  | (Measured & { readonly ev: "failed"; readonly error: ErrorFacts; readonly fatal: boolean });

/** What a job used of its worker. */
export interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMemory: number | null;
}

/** Splits a stream of text into lines and hands on each as parsed JSON. */
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
