/** Rows for tests: complete, and different only where a test says so. */
import { hashText } from "../../../src/kernel/index.ts";
import type {
  AttemptRow,
  CallRow,
  EngineRow,
  FingerprintRow,
  ImageRow,
  JobRow,
  ProgramRow,
  RunRow,
  TaskRow,
  ValueRow,
  WriteBatch,
} from "../../../src/store/index.ts";

export const T0 = 1_760_000_000_000;

export function run(change: Partial<RunRow> = {}): RunRow {
  return {
    mode: "normal",
    pinned: false,
    id: "run0000000001",
    task: "main",
    state: "running",
    startedAt: T0,
    endedAt: null,
    program: null,
    argsValue: null,
    resultValue: null,
    errorValue: null,
    host: "laptop",
    user: "ada",
    pid: 4711,
    cwd: "/home/ada/variants",
    argv: ["ligase", "run", "workflow.ts", "main"],
    gitCommit: null,
    gitDirty: null,
    ligaseVersion: "0.1.0",
    nodeVersion: "24.0.0",
    tags: {},
    ...change,
  };
}

export function job(change: Partial<JobRow> = {}): JobRow {
  return {
    id: "job0000000001",
    run: "run0000000001",
    parent: null,
    call: hashText("call"),
    task: "align",
    taskHash: hashText("align v1"),
    argsValue: hashText("args"),
    state: "running",
    reason: "new",
    executor: "inline",
    createdAt: T0,
    startedAt: T0 + 5,
    endedAt: null,
    attempts: 1,
    errorValue: null,
    tags: null,
    ...change,
  };
}

export function attempt(change: Partial<AttemptRow> = {}): AttemptRow {
  return {
    job: "job0000000001",
    attempt: 1,
    executor: "process",
    host: "laptop",
    startedAt: T0,
    endedAt: null,
    outcome: null,
    exitCode: null,
    signal: null,
    cpu: 2,
    memory: 4 * 2 ** 30,
    gpu: 0,
    disk: null,
    wallMs: null,
    cpuMs: null,
    peakMemory: null,
    bytesIn: null,
    bytesOut: null,
    workDir: null,
    stdout: null,
    stderr: null,
    pgid: null,
    pidStarted: null,
    errorValue: null,
    tools: null,
    image: null,
    limits: null,
    ...change,
  };
}

export function image(change: Partial<ImageRow> = {}): ImageRow {
  return {
    digest: `sha256:${hashText("contents")}`,
    identity: hashText("definition"),
    engine: "sandbox",
    definition: '{"base":{"kind":"debian","release":"12"},"steps":[]}',
    packages: { apt: { bwa: "0.7.17-7+b2" }, pip: {} },
    reference: null,
    createdAt: T0,
    ...change,
  };
}

export function call(change: Partial<CallRow> = {}): CallRow {
  return {
    key: hashText("call"),
    task: "align",
    taskHash: hashText("align v1"),
    image: "",
    argsValue: hashText("args"),
    bodyKind: "value",
    bodyValue: hashText("body"),
    resultValue: hashText("body"),
    taskSet: hashText("set"),
    createdAt: T0,
    job: "job0000000001",
    run: "run0000000001",
    ...change,
  };
}

export function task(change: Partial<TaskRow> = {}): TaskRow {
  return {
    hash: hashText("align v1"),
    name: "align",
    file: "workflow.ts",
    line: 12,
    code: "(sample) => script`bwa mem …`",
    doc: "Align one sample.",
    closure: { "lib/trim.ts#trimAdapters": hashText("trim"), "npm:zod": "4.6.7" },
    createdAt: T0,
    ...change,
  };
}

export function program(change: Partial<ProgramRow> = {}): ProgramRow {
  return {
    id: hashText("program"),
    entry: "workflow.ts",
    createdAt: T0,
    modules: [{ path: "workflow.ts", hash: hashText("workflow") }],
    packages: [{ name: "zod", version: "4.6.7" }],
    ...change,
  };
}

export function engine(change: Partial<EngineRow> = {}): EngineRow {
  return {
    id: "engine0000001",
    run: "run0000000001",
    pid: 4711,
    pidStarted: "123456",
    host: "laptop",
    startedAt: T0,
    heartbeatAt: T0,
    seen: null,
    ...change,
  };
}

export function fingerprint(change: Partial<FingerprintRow> = {}): FingerprintRow {
  return {
    path: "/data/reads 1.fq",
    size: 569,
    mtimeNs: "1760000000000000001",
    ctimeNs: "1760000000000000002",
    inode: "18446744073709551615",
    hash: "ab".repeat(32),
    hashedAt: T0,
    ...change,
  };
}

export function value(text: string, files?: ValueRow["files"]): ValueRow {
  return { hash: hashText(text), text, ...(files && { files }) };
}

/** A job that is done, with its call, values and edges: what one trivial task leaves. */
export function trivial(
  name: string,
  of: { run?: string; parent?: string; createdAt?: number } = {},
): Required<Pick<WriteBatch, "jobs" | "calls" | "values" | "callEdges" | "dataEdges">> {
  const { run = "run0000000001", createdAt = T0 } = of;
  const args = value(`["args of ${name}"]`);
  const result = value(`"result of ${name}"`);
  const key = hashText(`call ${name}`);
  const facts = { call: key, argsValue: args.hash, createdAt, startedAt: createdAt + 1, endedAt: createdAt + 3 };
  return {
    jobs: [job({ id: name, run, state: "done", parent: of.parent ?? null, ...facts })],
    calls: [
      call({ key, run, job: name, argsValue: args.hash, bodyValue: result.hash, resultValue: result.hash, createdAt }),
    ],
    values: [args, result],
    callEdges: [{ parent: hashText("call main"), child: key }],
    dataEdges: [{ call: key, argument: "0", from: hashText("call main"), part: "" }],
  };
}

/** Several batches as one. */
export function together(batches: readonly WriteBatch[]): WriteBatch {
  const all: WriteBatch = {};
  for (const batch of batches) {
    for (const [kind, rows] of Object.entries(batch)) {
      Object.assign(all, { [kind]: [...(Reflect.get(all, kind) ?? []), ...rows] });
    }
  }
  return all;
}
