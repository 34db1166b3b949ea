/**
 * The workers of all endpoints, as routes and commands see them.
 *
 * @module
 */
import type { WorkerView as RemoteWorker } from "../../remote/index.ts";
import type { LiveEndpoint } from "../types.ts";

/** Where a worker stands. `starting`: until it is ready; `stopping`: it takes no job any more. */
export type WorkerState = RemoteWorker["state"];

/** A worker, as people see it, and where its logs are: absolute. */
export interface WorkerView extends RemoteWorker {
  readonly stdout: string;
  readonly stderr: string;
}

/** How the workers of an endpoint stand: the words of `/health`. */
export interface WorkerCounts {
  readonly idle: number;
  readonly running: number;
  readonly initializing: number;
  readonly ready: number;
  /** Wanted, and not to be had: no capacity, or a wait after crashes. */
  readonly throttled: number;
  /** In a loop of crashes. */
  readonly unhealthy: number;
}

/** How a process comes to see what is inside a worker: program and arguments, to be run on this machine. */
export interface ShellCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** How a worker that serves a web app is reached. */
export interface WebTarget {
  readonly worker: string;
  /** `{ socketPath }`, or host and port on this machine. */
  readonly at: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** The request is over. */
  release(): void;
}

/** The workers of all endpoints: starts and ends them as the load asks for. */
export interface Pools {
  /**
   * What is live. A version that differs takes over once a worker of it is ready; workers of the one before finish what
   * they have. Endpoints that are not named any more lose their workers when these have finished.
   */
  configure(endpoints: readonly LiveEndpoint[]): void;
  /** Resolves once a version's first worker is ready, or it turned out that none is needed now; rejects with why it is not. */
  settled(endpoint: string, deployment: string): Promise<void>;
  /** Who a token belongs to. */
  authenticate(token: string): { readonly worker: string; readonly endpoint: string } | undefined;
  /** A worker asked for a job: it is ready. */
  seen(worker: string): void;
  counts(endpoint: string): WorkerCounts;
  /** Why jobs wait: `worker exits with code 1 at import: ModuleNotFoundError: torch`; null when nothing is amiss. */
  reason(endpoint: string): string | null;
  /** Those that live, then those that ended of late. */
  workers(endpoint?: string): readonly WorkerView[];
  /** Hears of each worker that comes, becomes ready, begins to stop, or has ended: at once. Must not throw. */
  onChange(listener: (worker: WorkerView) => void): () => void;
  /** Ends a worker: what it has goes back into the queue. Tells whether it was there. */
  stop(worker: string, why: string): Promise<boolean>;
  shell(worker: string): ShellCommand | undefined;
  /**
   * A worker for a request to a web app; waits for one to start.
   *
   * @throws LigaseError `LIGASE_E_NO_WORKER` with the reason, when none comes in time
   */
  acquire(endpoint: string, signal: AbortSignal): Promise<WebTarget>;
  /** Ends all: waits until what runs has finished, at most so long. */
  close(graceMs: number): Promise<void>;
}
