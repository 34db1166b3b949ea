/**
 * The rows that are stored, a noun each, and the batch in which they are written.
 *
 * Times are milliseconds since 1970 (UTC). Sizes are bytes. Fields named `…Value` hold the hash
 * of a value; see {@link ValueRow}. Booleans are booleans here, whatever the database has.
 *
 * @module
 */
import type { FingerprintRow } from "../files/fingerprint.ts";
import type { Hash } from "../kernel/index.ts";

export type { FingerprintRow } from "../files/fingerprint.ts";

/** Where a run stands. `interrupted`: its process ended without a word (kill -9, a power cut). */
export type RunState = "running" | "done" | "failed" | "cancelled" | "interrupted";

/** Where a job stands. `cached`: its result was there already. */
export type JobState = "pending" | "running" | "done" | "cached" | "failed" | "cancelled";

/**
 * How a run evaluates: `normal`; `sample`: of every map only the first items; `stub`: stubs in place of
 * bodies. Only results of normal runs stand in the cache for others.
 */
export type RunMode = "normal" | "sample" | "stub";

/** One top-level evaluation. */
export interface RunRow {
  id: string;
  mode: RunMode;
  /** Kept, with all that it needs, whatever is collected. */
  pinned: boolean;
  /** The task asked for, or what a program's `run(…)` evaluated. */
  task: string;
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  /** The snapshot of code it worked on; see {@link ProgramRow}. */
  program: Hash | null;
  /** Its arguments. */
  argsValue: Hash | null;
  resultValue: Hash | null;
  errorValue: Hash | null;
  host: string;
  user: string;
  pid: number;
  cwd: string;
  /** The command line, without secrets. */
  argv: readonly string[];
  gitCommit: string | null;
  gitDirty: boolean | null;
  ligaseVersion: string;
  nodeVersion: string;
  tags: Readonly<Record<string, string>>;
}

/** A snapshot of user code. */
export interface ProgramRow {
  id: Hash;
  /** The workflow file, as a path relative to the project. */
  entry: string;
  createdAt: number;
  /** Every module of the project in it, and the text files they import, each with the hash of the value that is its text. */
  modules: readonly { path: string; hash: Hash }[];
  /** Every npm package it uses. */
  packages: readonly { name: string; version: string }[];
}

/** One version of a task. */
export interface TaskRow {
  /** Hash of its name and closure (or `version`). */
  hash: Hash;
  name: string;
  /** Path of its module, relative to the project; empty for Ligase's own tasks. */
  file: string;
  line: number;
  /** The text of its definition. */
  code: string;
  doc: string;
  /** What its closure hash is made of: one row a declaration, `lib/trim.ts#trimAdapters` → hash, `npm:zod` → version. */
  closure: Readonly<Record<string, string>>;
  createdAt: number;
}

/** One evaluation of a call inside a run. */
export interface JobRow {
  id: string;
  run: string;
  /** The job whose body made the call; null for the run's own. */
  parent: string | null;
  /** The cache key of the call; see {@link CallRow}. */
  call: Hash;
  task: string;
  taskHash: Hash;
  argsValue: Hash;
  state: JobState;
  /** Why it ran or did not: a word such as `new`, `code`, `files`, `forced`, `uncached`, `hit`, `replay`. */
  reason: string;
  executor: string;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  attempts: number;
  errorValue: Hash | null;
  tags: Readonly<Record<string, string>> | null;
}

/** One try at running a job's body outside this process. */
export interface AttemptRow {
  job: string;
  /** Counted from 1. */
  attempt: number;
  executor: string;
  host: string;
  startedAt: number;
  endedAt: number | null;
  /** Null while it runs; `exit`, `signal`, `memory`, `timeout`, `disk`, `missing-output`, `lost`, `cancelled`, `error` when it failed; `done` when not. */
  outcome: string | null;
  exitCode: number | null;
  signal: string | null;
  /** What was asked for and what was used. */
  cpu: number | null;
  memory: number | null;
  gpu: number | null;
  disk: number | null;
  wallMs: number | null;
  cpuMs: number | null;
  peakMemory: number | null;
  bytesIn: number | null;
  bytesOut: number | null;
  workDir: string | null;
  stdout: string | null;
  stderr: string | null;
  /** The process group it runs as, and when that started by the kernel's clock: so that orphans are found. */
  pgid: number | null;
  pidStarted: string | null;
  errorValue: Hash | null;
  /** Versions of the tools it called, as found: `{ bwa: "0.7.17-r1188" }`. */
  tools: Readonly<Record<string, string>> | null;
  /** The digest of the environment it ran in (see {@link ImageRow}); null for this machine as it is. */
  image: string | null;
  /** Which limits were enforced: words such as `memory cpu processes`; empty for none, null where that is not known. */
  limits: string | null;
}

/** An environment that attempts ran in: its definition, and what was in it. */
export interface ImageRow {
  /** Of its contents; empty for the tools of a host. */
  digest: string;
  /** The hash of its definition. */
  identity: string;
  /** What built it: `sandbox`, `podman`, `docker`, `host`. */
  engine: string;
  /** Its definition, as JSON. */
  definition: string;
  /** What was installed in it, by manager and name: `{ apt: { bwa: "0.7.17-7+b2" } }`. */
  packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The registry's image it is of, with its digest; null for what was built from packages. */
  reference: string | null;
  createdAt: number;
}

/** A secret at rest; see `src/secrets`. Never part of an archive. */
export interface SecretRow {
  name: string;
  /** Its value, encrypted: base64. */
  sealed: string;
  createdAt: number;
  updatedAt: number;
}

/** How a finished body is stored: a value; an expression still to be reduced; the trace of an async body. */
export type BodyKind = "value" | "expr" | "trace";

/** What became of a call: the unit of the cache. */
export interface CallRow {
  /** The cache key. */
  key: Hash;
  task: string;
  taskHash: Hash;
  /** The image it ran in, by its definition and engine; empty for none. */
  image: string;
  argsValue: Hash;
  bodyKind: BodyKind;
  bodyValue: Hash;
  /** The final value; null while the expression its body left has not been reduced, or failed. */
  resultValue: Hash | null;
  /** The tasks of the whole subtree with their hashes; see {@link TaskSetRow}. Null until the result is there. */
  taskSet: Hash | null;
  createdAt: number;
  /** Who computed it. */
  job: string;
  run: string;
}

/** The tasks that a subtree of the call graph called, with the hashes they had. */
export interface TaskSetRow {
  hash: Hash;
  tasks: Readonly<Record<string, Hash>>;
}

/** Which call made which call. */
export interface CallEdgeRow {
  parent: Hash;
  child: Hash;
}

/** Which result flowed into which argument. */
export interface DataEdgeRow {
  /** The call that received it. */
  call: Hash;
  /** Where in its arguments: `0.reads1`. */
  argument: string;
  /** The call whose result it was. */
  from: Hash;
  /** Which part of that result: `bam`; empty for the whole. */
  part: string;
}

/** A failure that was recovered from: valid while none of the tasks in it changed. */
export interface RecoveryRow {
  /** The hash of the attempted expression. */
  key: Hash;
  errorValue: Hash;
  taskSet: Hash;
  createdAt: number;
}

/** A file in a value. */
export interface ValueFile {
  /** Of its content. */
  readonly hash: string;
  /** What it counts by, besides its content. */
  readonly name: string;
  readonly path: string;
}

/** A value by content. */
export interface ValueRow {
  hash: Hash;
  /** As the codec writes it. */
  text: string;
  /** Content hashes of the files in it, with their names: what `lineage` looks up. */
  files?: readonly ValueFile[];
}

/** Everything recorded in one transaction. Rows with a key that is there already are updated, except content-addressed ones, which stay. */
export interface WriteBatch {
  runs?: RunRow[];
  programs?: ProgramRow[];
  tasks?: TaskRow[];
  jobs?: JobRow[];
  attempts?: AttemptRow[];
  images?: ImageRow[];
  calls?: CallRow[];
  taskSets?: TaskSetRow[];
  callEdges?: CallEdgeRow[];
  dataEdges?: DataEdgeRow[];
  recoveries?: RecoveryRow[];
  /** A value that is there already has its text replaced only when the text differs (the same content in another place). */
  values?: ValueRow[];
  fingerprints?: FingerprintRow[];
}

/** A process that works on this store. */
export interface EngineRow {
  id: string;
  run: string;
  pid: number;
  /** When that process started, by the kernel's clock, so that a reused pid is told apart. */
  pidStarted: string;
  host: string;
  startedAt: number;
  heartbeatAt: number;
  /** The newest engine (by `startedAt`) that this one has made its claims known to. */
  seen: string | null;
}

/** What may change of an engine. */
export interface EngineChange {
  heartbeatAt?: number;
  seen?: string | null;
  run?: string;
}
