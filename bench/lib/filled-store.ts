import { join } from "node:path";
import { hashText } from "../../src/kernel/index.ts";
import { type CallRow, type JobRow, openStore, type RunRow, type WriteBatch } from "../../src/store/index.ts";

/** Jobs of one sample: a task, the script that it built, a second task on its result, and one that was cached. */
const STEPS = ["align", "script", "sort", "report"] as const;
/** One sample in so many fails. */
const FAILS = 10_000;
/** Jobs in one transaction. */
const GROUP = 2000;

/** A random-looking id of 13 characters that is the same every time. */
const idOf = (what: string): string =>
  BigInt(`0x${hashText(what)}`)
    .toString(36)
    .slice(0, 13);

/**
 * Fills the store of a project with what runs of a workflow of four steps a sample leave, without running anything:
 * calls and values with their edges, one failure in 10,000 samples, results that were cached.
 *
 * @param folder - the project's
 * @param runs - how many
 * @param jobs - of each run, but for its `main`
 */
export async function fillStore(folder: string, runs: number, jobs: number): Promise<void> {
  const store = await openStore(join(folder, ".ligase"), { writer: "inline" });
  const begin = Date.now() - runs * 60_000;
  await store.commit({
    tasks: ["main", ...STEPS].map((name) => ({
      hash: hashText(name),
      name,
      file: "workflow.ts",
      line: 1,
      code: "task((sample: { id: string; reads: File }) => sample)",
      doc: "",
      closure: { [`workflow.ts#${name}`]: hashText(name) },
      createdAt: begin,
    })),
  });
  for (let r = 0; r < runs; r++) {
    const at = begin + r * 60_000;
    await store.commit(mainOf(r, at, folder));
    let batch = empty();
    for (let s = 0; s < jobs / STEPS.length; s++) {
      addSample(batch, r, s, at);
      if (batch.jobs.length < GROUP) continue;
      await store.commit(batch);
      batch = empty();
    }
    await store.commit(batch);
  }
  await store.close();
}

type Batch = Required<Pick<WriteBatch, "jobs" | "calls" | "values" | "callEdges" | "dataEdges">>;

const empty = (): Batch => ({ jobs: [], calls: [], values: [], callEdges: [], dataEdges: [] });

function jobOf(r: number, name: string, at: number): Omit<JobRow, "parent" | "task" | "taskHash" | "argsValue"> {
  return {
    id: idOf(`job ${name} ${r}`),
    run: idOf(`run ${r}`),
    call: hashText(`call ${name} ${r}`),
    state: "done",
    reason: "new",
    executor: "inline",
    createdAt: at,
    startedAt: at + 1,
    endedAt: at + 5,
    attempts: 1,
    errorValue: null,
    tags: null,
  };
}

function callOf({ call, task, taskHash, argsValue, createdAt, id, run }: JobRow, result: string): CallRow {
  return {
    key: call,
    task,
    taskHash,
    image: "",
    argsValue,
    bodyKind: "value",
    bodyValue: result,
    resultValue: result,
    taskSet: null,
    createdAt,
    job: id,
    run,
  };
}

function mainOf(r: number, at: number, folder: string): WriteBatch {
  const args = { hash: hashText("[]"), text: "[]" };
  const job: JobRow = {
    ...jobOf(r, "main", at),
    parent: null,
    task: "main",
    taskHash: hashText("main"),
    argsValue: args.hash,
  };
  const run: RunRow = {
    id: job.run,
    mode: "normal",
    pinned: false,
    task: "main",
    state: "done",
    startedAt: at,
    endedAt: at + 9000,
    program: null,
    argsValue: args.hash,
    resultValue: null,
    errorValue: null,
    host: "bench",
    user: "bench",
    pid: 1,
    cwd: folder,
    argv: ["ligase", "run", "workflow.ts"],
    gitCommit: null,
    gitDirty: null,
    ligaseVersion: "0",
    nodeVersion: process.versions.node,
    tags: { batch: String(r % 10) },
  };
  return { runs: [run], jobs: [job], values: [args], calls: [callOf(job, args.hash)] };
}

function addSample(batch: Batch, r: number, s: number, at: number): void {
  const id = `SRR${r}${String(s).padStart(6, "0")}`;
  const reads = { $: "file", v: { path: `./reads/${id}.fq.gz`, hash: hashText(id).padEnd(64, "0"), size: 1_000_000 } };
  const args = { hash: hashText(`args ${id}`), text: JSON.stringify([{ id, reads }]) };
  const result = { hash: hashText(`result ${id}`), text: JSON.stringify(`${id}.bam`) };
  const error = { hash: hashText(`error ${id}`), text: '{"$":"error","v":{"name":"Error","message":"it broke"}}' };
  batch.values.push(args, result);
  const callNamed = (step: string): string => hashText(`call ${id} ${step} ${r}`);
  for (const step of STEPS) {
    const cached = step === "report" || (step === "sort" && s % 10 === 0);
    const failed = step === "sort" && s % FAILS === 7;
    const caller = step === "script" ? `${id} align` : "main";
    const job: JobRow = {
      ...jobOf(r, `${id} ${step}`, at + (s % 9000)),
      ...(cached && { state: "cached", reason: "hit", startedAt: null }),
      ...(failed && { state: "failed", errorValue: error.hash }),
      parent: idOf(`job ${caller} ${r}`),
      task: step,
      taskHash: hashText(step),
      argsValue: args.hash,
    };
    batch.jobs.push(job);
    if (failed) batch.values.push(error);
    else batch.calls.push(callOf(job, result.hash));
    batch.callEdges.push({ parent: hashText(`call ${caller} ${r}`), child: job.call });
    if (step === "sort") {
      batch.dataEdges.push({ call: job.call, argument: "0.bam", from: callNamed("align"), part: "bam" });
    }
  }
}
