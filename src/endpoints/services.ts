/**
 * All that serves endpoints, as the routes of the server see it. Each part has its contract in a `types.ts` of its own or
 * here; `open.ts` puts them together.
 *
 * @module
 */
import type {
  Change,
  EndpointStats,
  KeyView,
  LogLineView,
  NewKey,
  NewRun,
  PlanView,
  RunView,
  SettledView,
  Verb,
} from "../remote/index.ts";
import type { DeploymentRow } from "../store/serving.ts";
import type { Drivers } from "./calls/types.ts";
import type { Pools } from "./pool/types.ts";
import type { Queue } from "./queue/types.ts";
import type { DeploymentManifest, EndpointOverrides, LiveEndpoint } from "./types.ts";

export type { Change, EndpointStats, KeyView, NewKey, NewRun, PlanView, RunView, SettledView, Verb };

/** What is deployed. What it answers is recorded, and the queue and the pools know of it. */
export interface Deployments {
  /** Which of these contents the server does not have. */
  missing(hashes: readonly string[]): Promise<readonly string[]>;
  /**
   * Keeps a content.
   *
   * @throws LigaseError `LIGASE_E_CODE_HASH` when it is another one than its hash says
   */
  putCode(hash: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The folder that holds code as a tree, made of contents that are there; it never changes. */
  codeDir(code: DeploymentManifest["code"], codeHash: string): Promise<string>;
  /** What a manifest would change. Refuses one that is not in its form with `LIGASE_E_MANIFEST`, naming the field. */
  plan(manifest: unknown): Promise<PlanView>;
  deploy(manifest: unknown, by: string): Promise<DeploymentRow>;
  /**
   * Makes an earlier deployment live again: as a new version.
   *
   * @throws LigaseError `LIGASE_E_NO_DEPLOYMENT`; what `deploy` raises
   */
  activate(id: string, by: string): Promise<DeploymentRow>;
  /**
   * Waits until a deployment serves, or tells why it does not. One that fails before it has ever served is marked
   * `failed`, and the version before it is live again.
   *
   * @throws LigaseError `LIGASE_E_NO_DEPLOYMENT`
   */
  settle(id: string): Promise<SettledView>;
  stop(app: string): Promise<void>;
  start(app: string): Promise<void>;
  remove(app: string): Promise<void>;
  scale(endpoint: string, overrides: EndpointOverrides): Promise<LiveEndpoint>;
  /** What is live, by name. */
  live(): ReadonlyMap<string, LiveEndpoint>;
}

/** Who asks. */
export interface Caller {
  /** `owner`: the user of the server, through its token file. */
  readonly kind: "owner" | "key";
  /** The user, or the name of the key. */
  readonly name: string;
  readonly id: string;
  readonly verbs: ReadonlySet<Verb>;
  /** Null for all. */
  readonly endpoints: ReadonlySet<string> | null;
}

/** The keys of the API. */
export interface Keys {
  /** Makes one. The key is in the answer, and never again anywhere. */
  create(key: NewKey): Promise<KeyView & { readonly key: string }>;
  list(): Promise<readonly KeyView[]>;
  /** Takes one back: from now on it opens nothing. Tells whether it was there. */
  revoke(id: string): Promise<boolean>;
  /** Who has this key, or the token of the file; nobody for one that is unknown, expired or revoked. Compares in constant time. */
  check(secret: string): Caller | undefined;
  /** Records when keys were used last, and takes the token file away. */
  close(): Promise<void>;
}

/** What passed through endpoints. */
export interface Statistics {
  of(endpoint: string): EndpointStats;
  /** A web app has answered a request, or could not. */
  answered(endpoint: string, request: WebAnswer): void;
}

/** A request to a web app that is over. Times are milliseconds. */
export interface WebAnswer {
  /** Until a worker had it. */
  readonly waited: number;
  /** From then until all was sent. */
  readonly took: number;
  /** The app did not answer, or with a 5xx. */
  readonly failed: boolean;
}

/** Runs that are handed in: each in a process of its own. */
export interface SubmittedRuns {
  submit(run: NewRun, by: string): Promise<RunView>;
  /** Waits so long for its end. */
  get(id: string, waitMs: number, signal?: AbortSignal): Promise<RunView | undefined>;
  cancel(id: string): Promise<RunView | undefined>;
  /** What its jobs and its process wrote, as it is written, until it has ended; without `follow` what there is now. */
  logs(id: string, options: { readonly follow: boolean; readonly signal?: AbortSignal }): AsyncIterable<LogLineView>;
  /** Ends nothing: runs go on without the server, and the next one finds them again. */
  close(): Promise<void>;
}

/** All of it. */
export interface Services {
  readonly queue: Queue;
  readonly pools: Pools;
  readonly deployments: Deployments;
  readonly drivers: Drivers;
  readonly keys: Keys;
  readonly statistics: Statistics;
  readonly runs: SubmittedRuns;
  /** Ends: takes nothing any more, lets what runs finish for so long, then ends workers and records what is open. */
  close(graceMs: number): Promise<void>;
}
