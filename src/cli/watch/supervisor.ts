/** What a run tells the process that watches for it. */
export type FromRun =
  | { readonly ligase: "code"; readonly paths: readonly string[] }
  | { readonly ligase: "inputs"; readonly paths: readonly string[] }
  | { readonly ligase: "started" };

/** The process that watches, seen from a run that it started. */
export interface Supervisor {
  /** Did it ask the run to stop, so that another takes its place? */
  readonly stopped: boolean;
  /** The run is made of these files: code, configuration, parameters. */
  code(paths: Iterable<string>): void;
  /** The run has read this file. */
  input(path: string): void;
  /** The run goes on: from here on what fails is a job. */
  started(stop: () => void): void;
  /** Lets go of it, so that this process may end. */
  close(): void;
}

/** In the environment of a run that another process watches for. */
export const WATCHED = "LIGASE_WATCHED";
/** What the watching process says. */
export const STOP = "stop";

const GATHER_MS = 50;

/** The process that watches for this one; nothing when none does. */
export function supervisorOf(): Supervisor | undefined {
  const isWatched = process.env[WATCHED] !== undefined && process.send !== undefined;
  // What this process starts is watched by nobody.
  delete process.env[WATCHED];
  return isWatched ? new Parent() : undefined;
}

class Parent implements Supervisor {
  stopped = false;
  #closed = false;
  #stop: (() => void) | undefined;
  readonly #told = new Set<string>();
  #inputs: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    process.on("message", (message) => {
      if (message === STOP) this.#end();
    });
    // It was killed: nobody would see what comes of this run.
    process.on("disconnect", () => {
      if (!this.#closed) this.#end();
    });
  }

  #end(): void {
    this.stopped = true;
    if (this.#stop) this.#stop();
    else process.exit(130);
  }

  code(paths: Iterable<string>): void {
    send({ ligase: "code", paths: [...paths] });
  }

  input(path: string): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#inputs.push(path);
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  started(stop: () => void): void {
    this.#stop = stop;
    send({ ligase: "started" });
  }

  close(): void {
    this.#closed = true;
    this.#tell();
    if (process.connected) process.disconnect();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#inputs.length > 0) send({ ligase: "inputs", paths: this.#inputs });
    this.#inputs = [];
  }
}

function send(message: FromRun): void {
  // The watching process may have ended.
  if (process.connected) process.send?.(message, () => {});
}
