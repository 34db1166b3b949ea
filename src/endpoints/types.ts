/**
 * What is deployed, as data: it goes from `ligase deploy` to the server as JSON, and is kept with the deployment.
 *
 * @module
 */
import type { Scaler } from "../apps/index.ts";
import type { Hash } from "../kernel/index.ts";
import type { JsonSchema } from "../code/parameters/index.ts";

/** What a worker runs. Paths are relative to the folder of the deployment's code. */
export type WorkerProgram =
  /** Our worker for TypeScript: an export of a bundle that is an `Endpoint`. */
  | { readonly kind: "node"; readonly bundle: string; readonly export: string }
  /** Our worker for Python: a function that is decorated with `@endpoint`. */
  | { readonly kind: "python"; readonly module: string; readonly function: string }
  /** A program that speaks RunPod's worker protocol. */
  | { readonly kind: "command"; readonly command: readonly string[] }
  /** An export of a bundle that is a `WebApp`. */
  | { readonly kind: "web"; readonly bundle: string; readonly export: string }
  /** A program with a port. */
  | { readonly kind: "web-command"; readonly command: readonly string[]; readonly healthPath: string | null };

/** What a worker gets of a machine. Zero stands for no statement. */
export interface WorkerResources {
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly gpu: number;
  /** `A100`; null for any. */
  readonly gpuKind: string | null;
  /** Bytes. */
  readonly disk: number;
}

/** An endpoint or a web app of a deployment, with every default in place. Durations are milliseconds. */
export interface EndpointManifest {
  readonly name: string;
  readonly kind: "queue" | "web";
  /** The first sentences of its documentation. */
  readonly doc: string;
  readonly program: WorkerProgram;
  /** Of the code that its workers run: another one is another version. */
  readonly codeHash: Hash;
  /** What `input` must be; null where nothing is known of it. */
  readonly input: JsonSchema | null;
  /** How a job's `input` becomes the arguments of a function: the names of its parameters; null: the whole input is one argument. */
  readonly parameters: readonly string[] | null;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly idleTimeout: number;
  /** Null of a web app: its workers are counted by requests. */
  readonly scaler: Scaler | null;
  readonly concurrency: number;
  readonly startTimeout: number;
  readonly executionTimeout: number;
  readonly ttl: number;
  readonly maxAttempts: number;
  readonly maxQueue: number;
  readonly keepResults: number;
  readonly cache: boolean;
  readonly aggregateStream: boolean;
  /** Of a web app. */
  readonly requestTimeout: number;
  readonly public: boolean;
  readonly resources: WorkerResources;
  /** The definition of its image, as `Image#toJSON` writes it; null for this machine as it is. */
  readonly image: unknown;
  readonly network: boolean;
  readonly volumes: readonly { readonly name: string; readonly at: string; readonly readOnly: boolean }[];
  readonly secrets: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A file of a deployment's code. */
export interface CodeFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** SHA-256 of its content, hexadecimal: what it is uploaded by. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

/** What `ligase deploy` sends. */
export interface DeploymentManifest {
  /** A format of its own: 1. */
  readonly format: 1;
  readonly app: string;
  /** The file that was deployed, relative to the project. */
  readonly entry: string;
  readonly code: readonly CodeFile[];
  /** Of the code as a whole. */
  readonly codeHash: Hash;
  /** The bundle in the code: what drivers open to run what handlers call; null of an app in Python. */
  readonly bundle: string | null;
  readonly endpoints: readonly EndpointManifest[];
  /** Do endpoints of the app that are not named here stay as they are? Else they are removed. */
  readonly partial?: boolean;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  readonly ligaseVersion: string;
}

/** What a person may change of a live endpoint without deploying: `ligase endpoint scale`. */
export type EndpointOverrides = Partial<Pick<EndpointManifest, "minWorkers" | "maxWorkers">>;

/** An endpoint that is live: what the queue, the pools and the routes work from. */
export interface LiveEndpoint extends EndpointManifest {
  readonly app: string;
  /** The deployment's id, and where its code lies: an absolute folder that never changes. */
  readonly deployment: string;
  readonly version: number;
  readonly codeDir: string;
  readonly bundle: string | null;
  /** No workers, and submissions are refused with 503 (queued jobs stay). */
  readonly stopped: boolean;
}
