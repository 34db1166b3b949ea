import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { callKey } from "../../engine/call-key.ts";
import { Codec, formatBytes, type Hash, hashText, idOf, VERSION } from "../../kernel/index.ts";
import type { JobState, QueueJobRow, Store, WriteBatch } from "../../store/types.ts";
import { parseManifest } from "../deployments/manifest.ts";
import { errorOfJob } from "./job-error.ts";
import { endpointTask, runTags } from "./naming.ts";

/** Inputs and outputs over so many bytes of JSON stay with the job alone: the call graph has no copy of them. */
const LARGEST = 1_000_000;

const STATES: Readonly<Record<string, Extract<JobState, "done" | "failed" | "cancelled">>> = {
  COMPLETED: "done",
  FAILED: "failed",
  TIMED_OUT: "failed",
  CANCELLED: "cancelled",
};

type Batch = Required<Pick<WriteBatch, "runs" | "jobs" | "calls" | "values" | "tasks">>;

/** What is known of the code that a job ran. */
interface Code {
  readonly codeHash: string;
  readonly doc: string;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
}

/** Makes rows of the call graph of jobs whose handlers called no tasks. */
export class JobRows {
  readonly #store: Store;
  readonly #storeDir: string;
  readonly #codec = new Codec([]);
  /** By deployment and endpoint. */
  readonly #codes = new Map<string, Code>();
  /** Versions of handlers that are recorded. */
  readonly #tasks = new Set<Hash>();
  readonly #host = hostname();
  readonly #user = userName();

  constructor(store: Store, storeDir: string) {
    this.#store = store;
    this.#storeDir = storeDir;
  }

  /** A group of jobs, in one commit. */
  batch(): { add(job: QueueJobRow): Promise<string | null>; commit(): Promise<void> } {
    const batch: Batch = {
      runs: [],
      jobs: [],
      calls: [],
      values: [],
      tasks: [],
    };
    return {
      add: (job) => this.#add(job, batch),
      commit: async () => {
        if (batch.runs.length === 0) return;
        await this.#store.commit(batch);
        for (const { hash } of batch.tasks) this.#tasks.add(hash);
      },
    };
  }

  /** Adds a job; answers the id of its run, or null for one that never began. */
  async #add(job: QueueJobRow, batch: Batch): Promise<string | null> {
    const { takenAt, deployment } = job;
    const state = STATES[job.state];
    if (takenAt === null || deployment === null || state === undefined) return null;
    const code = this.#codes.get(`${deployment} ${job.endpoint}`) ?? (await this.#codeOf(deployment, job.endpoint));
    const task = endpointTask(job.endpoint);
    const taskHash = hashText(`task\n${task}\nversion ${code.codeHash}`);
    const endedAt = job.endedAt ?? takenAt;
    const name = `${job.id} ${job.retries}`;
    const run = idOf(`run ${name}`);
    const id = idOf(`job ${name}`);
    const put = (value: unknown): Hash => {
      const { identity, text } = this.#codec.encode(value);
      const hash = hashText(identity);
      batch.values.push({ hash, text });
      return hash;
    };
    const input = await this.#read(job.input, job.inputFile);
    const argsValue = put([
      typeof input === "string" ? JSON.parse(input) : `(${formatBytes(input.size)}, kept with the job)`,
    ]);
    const output = state === "done" ? await this.#read(job.output, job.outputFile) : undefined;
    const resultValue = typeof output === "string" ? put(JSON.parse(output)) : null;
    const errorValue = state === "done" ? null : put(errorOfJob(job.error ?? job.reason ?? job.state));
    const call = callKey({ task, taskHash, image: "", env: "", argsHash: argsValue, salt: "" });
    if (!this.#tasks.has(taskHash) && !batch.tasks.some(({ hash }) => hash === taskHash)) {
      const closure = { version: code.codeHash };
      batch.tasks.push({
        hash: taskHash,
        name: task,
        file: "",
        line: 0,
        code: "",
        doc: code.doc,
        closure,
        createdAt: takenAt,
      });
    }
    batch.runs.push({
      id: run,
      mode: "normal",
      pinned: false,
      task,
      state,
      startedAt: takenAt,
      endedAt,
      program: null,
      argsValue,
      resultValue,
      errorValue,
      host: this.#host,
      user: job.submittedBy ?? this.#user,
      pid: process.pid,
      cwd: this.#storeDir,
      argv: [],
      gitCommit: code.gitCommit,
      gitDirty: code.gitDirty,
      ligaseVersion: VERSION,
      nodeVersion: process.versions.node,
      tags: runTags(job.endpoint, job.id),
    });
    batch.jobs.push({
      id,
      run,
      parent: null,
      call,
      task,
      taskHash,
      argsValue,
      state,
      reason: "uncached",
      executor: "endpoint",
      createdAt: job.createdAt,
      startedAt: takenAt,
      endedAt,
      attempts: job.attempts,
      errorValue,
      tags: null,
    });
    if (resultValue !== null) {
      batch.calls.push({
        key: call,
        task,
        taskHash,
        image: "",
        argsValue,
        bodyKind: "value",
        bodyValue: resultValue,
        resultValue,
        taskSet: null,
        createdAt: takenAt,
        job: id,
        run,
      });
    }
    return run;
  }

  /** JSON of an input or output; of one that is too large, how large it is. */
  async #read(text: string | null, file: string | null): Promise<string | { readonly size: number }> {
    const found =
      text ?? (file === null ? "null" : await readFile(join(this.#storeDir, file), "utf8").catch(() => "null"));
    return found.length > LARGEST ? { size: found.length } : found;
  }

  async #codeOf(deployment: string, endpoint: string): Promise<Code> {
    const row = await this.#store.getDeployment(deployment);
    const manifest = row && parseManifest(row.manifest);
    const { codeHash = deployment, doc = "" } = manifest?.endpoints.find(({ name }) => name === endpoint) ?? {};
    const code = { codeHash, doc, gitCommit: manifest?.gitCommit ?? null, gitDirty: manifest?.gitDirty ?? null };
    this.#codes.set(`${deployment} ${endpoint}`, code);
    return code;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
