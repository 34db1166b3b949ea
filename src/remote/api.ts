/**
 * What the management API of a server says and is told: JSON over HTTP below `/api/v1`. The client API of endpoints, which
 * is RunPod's, stands below `/v2` and is not here. Errors are `{ "error": { "code", "message", "mend"? } }`.
 *
 * | call | asks | answers |
 * | --- | --- | --- |
 * | `GET /server` | | {@link ServerView} |
 * | `POST /code/missing` | `{ hashes }` | `{ missing }`: what is not there |
 * | `PUT /code/{sha256}` | bytes | 204 |
 * | `POST /deployments/plan` | a `DeploymentManifest` | {@link PlanView} |
 * | `POST /deployments` | a `DeploymentManifest` | {@link DeploymentView} |
 * | `GET /deployments?app=` | | {@link DeploymentView} list, newest first |
 * | `GET /deployments/{id}` | | {@link DeploymentView} with its `manifest` |
 * | `POST /deployments/{id}/settled` | | {@link SettledView}: waits until it serves, or tells why it does not |
 * | `POST /deployments/{id}/activate` | | {@link DeploymentView}: makes an earlier one live (a new version) |
 * | `POST /apps/{app}/stop`, `/start` | | {@link EndpointView} list |
 * | `DELETE /apps/{app}` | | 204 |
 * | `GET /endpoints`, `/endpoints/{name}` | | {@link EndpointView} |
 * | `POST /endpoints/{name}/scale` | `{ minWorkers?, maxWorkers? }` | {@link EndpointView} |
 * | `POST /endpoints/{name}/purge` | | `{ removed }` |
 * | `GET /endpoints/{name}/logs?follow=` | | {@link LogLineView}, one JSON a line, of all its workers |
 * | `GET /workers?endpoint=`, `/workers/{id}` | | {@link WorkerView} |
 * | `GET /workers/{id}/logs?follow=` | | as above |
 * | `GET /workers/{id}/shell` | | `ShellCommand`: only for the user of the server, on its machine |
 * | `DELETE /workers/{id}` | | 204: it is ended, another takes its place |
 * | `GET /jobs?endpoint=&state=&limit=`, `/jobs/{id}` | | {@link JobView} |
 * | `POST /jobs/{id}/cancel`, `/retry` | | {@link JobView} |
 * | `GET /keys`, `POST /keys`, `DELETE /keys/{id}` | {@link NewKey} | {@link KeyView}; on `POST` with the `key`, this once |
 * | `POST /runs` | {@link NewRun} | {@link RunView} |
 * | `GET /runs/{id}?wait=` | | {@link RunView} |
 * | `GET /runs/{id}/logs?follow=` | | {@link LogLineView} |
 * | `POST /runs/{id}/cancel` | | {@link RunView} |
 *
 * @module
 */

/** A server. */
export interface ServerView {
  readonly version: string;
  readonly url: string;
  readonly storeDir: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endpoints: number;
  /** Bytes. */
  readonly memory: number;
}

/** One thing that a deployment changes. */
export interface Change {
  readonly endpoint: string;
  readonly kind: "add" | "change" | "remove" | "same";
  /** What differs: a field, its value before and after, in words. `code` where only the code does. */
  readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[];
}

/** What a deployment would change. */
export interface PlanView {
  readonly app: string;
  /** The version that is live; null for none. */
  readonly live: number | null;
  readonly changes: readonly Change[];
  /** What stands in its way: a name that another app has, a secret that is not set, too many GPUs. */
  readonly problems: readonly string[];
}

/** A deployment. */
export interface DeploymentView {
  readonly id: string;
  readonly app: string;
  readonly version: number;
  readonly state: "live" | "retired" | "failed" | "removed";
  readonly entry: string;
  readonly codeHash: string;
  readonly endpoints: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly gitCommit: string | null;
  /** Of one alone. */
  readonly manifest?: unknown;
}

/** Whether a deployment serves. */
export interface SettledView {
  readonly endpoints: readonly { readonly endpoint: string; readonly ready: boolean; readonly reason: string | null }[];
}

/** What passed through an endpoint in a while. Times are milliseconds. */
export interface EndpointStats {
  /** How long a while: seconds. */
  readonly window: number;
  readonly completed: number;
  readonly failed: number;
  readonly jobsPerSecond: number;
  readonly queueDelay: Percentiles;
  readonly execution: Percentiles;
  readonly coldStarts: number;
  readonly coldStart: Percentiles;
}

/** Null where there is nothing to tell. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** An endpoint or a web app. */
export interface EndpointView {
  readonly name: string;
  readonly kind: "queue" | "web";
  readonly app: string;
  readonly deployment: string;
  readonly version: number;
  readonly doc: string;
  readonly stopped: boolean;
  /** Where it is called: `/v2/fold`, `/web/site/`. */
  readonly url: string;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly concurrency: number;
  readonly jobs: {
    readonly inQueue: number;
    readonly inProgress: number;
    readonly completed: number;
    readonly failed: number;
    readonly retried: number;
  };
  readonly workers: {
    readonly idle: number;
    readonly running: number;
    readonly initializing: number;
    readonly ready: number;
    readonly throttled: number;
    readonly unhealthy: number;
  };
  /** Why jobs wait; null when nothing is amiss. */
  readonly reason: string | null;
  readonly stats: EndpointStats;
  /** Bytes of its workers now, and their GPUs. */
  readonly memory: number | null;
  readonly gpus: readonly number[];
}

/** A worker. Times are milliseconds since 1970. */
export interface WorkerView {
  readonly id: string;
  readonly endpoint: string;
  readonly deployment: string;
  readonly version: number;
  readonly state: "starting" | "ready" | "stopping" | "ended" | "failed";
  /** Jobs, or requests, that it has now. */
  readonly running: number;
  /** Those that it has finished. */
  readonly jobs: number;
  readonly startedAt: number;
  readonly readyAt: number | null;
  readonly endedAt: number | null;
  readonly reason: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Bytes; null where it is not known. */
  readonly memory: number | null;
  readonly peakMemory: number | null;
  readonly cpuMs: number | null;
  readonly gpus: readonly number[];
}

/** A job of an endpoint. Times are milliseconds since 1970. */
export interface JobView {
  readonly id: string;
  readonly endpoint: string;
  readonly status: string;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly takenAt: number | null;
  readonly endedAt: number | null;
  readonly attempts: number;
  readonly retries: number;
  readonly worker: string | null;
  /** Its run in the call graph. */
  readonly run: string | null;
  /** Of one alone: input, output and error as JSON values. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  /** Of one whose output is large: where it is. */
  readonly outputUrl?: string;
}

/** A line that a worker, or a job of a run, wrote. */
export interface LogLineView {
  /** The worker, or the job; of what the process of a run itself wrote, the run. */
  readonly from: string;
  /** The task of the job. */
  readonly task?: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What may be done with a key: `read` status and results, `submit` jobs (and cancel them), `deploy`, `admin` (all, keys too). */
export type Verb = "read" | "submit" | "deploy" | "admin";

/** A key to be made. */
export interface NewKey {
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** Endpoints, web apps: by name; absent for all. */
  readonly endpoints?: readonly string[];
  /** Milliseconds from now; absent for never. */
  readonly expiresIn?: number;
}

/** A key. Times are milliseconds since 1970. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly verbs: readonly Verb[];
  readonly endpoints: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly usedAt: number | null;
  /** When it was just made. */
  readonly key?: string;
}

/** A run to be started on the server, in a process of its own. */
export interface NewRun {
  /** Its code, uploaded before: as in a `DeploymentManifest`. */
  readonly code: readonly {
    readonly path: string;
    readonly hash: string;
    readonly size: number;
    readonly executable: boolean;
  }[];
  /** The workflow file in it. */
  readonly entry: string;
  /** `main` with words of the command line, as `ligase run entry main --x 1`. */
  readonly command?: { readonly task: string; readonly argv: readonly string[] };
  /** Or an expression, as `expr/encode` writes it. */
  readonly expression?: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  readonly failFast?: boolean;
}

/** A run on a server. */
export interface RunView {
  readonly id: string;
  readonly task: string;
  /** `pending` until its process has begun it. */
  readonly state: "pending" | "running" | "done" | "failed" | "cancelled" | "interrupted";
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** As the codec writes it, once it is done. */
  readonly result?: string;
  /** As `errorFacts` writes it, when it failed. */
  readonly error?: unknown;
  readonly jobs?: Readonly<Record<string, number>>;
}
