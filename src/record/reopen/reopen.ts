import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jobEnvironment, type KeptEnclosure, prepareScript } from "../../executors/index.ts";
import type { TaskOptions } from "../../expr/options.ts";
import type { ScriptSpec } from "../../expr/script.ts";
import { Dir, eachWritten, File, fileAtoms, stage, type StagedInput, type StageMode } from "../../files/index.ts";
import { Codec } from "../../kernel/index.ts";
import { ownerOf, SCRIPT } from "../../project/owner.ts";
import type { AttemptRow, JobRow, Store } from "../../store/types.ts";
import { COMMAND_FILE, filesOf } from "../../worker/script/index.ts";
import type { ProjectRecord } from "../open.ts";
import { locate, storedValueWith } from "../stored-value.ts";
import { type OpenEngine, reenter } from "./environment.ts";
import { exportedIn } from "./exports.ts";
import { settleInputs } from "./inputs.ts";
import { makeScratch } from "./scratch.ts";

/** The file in which the arguments of a body are. */
export const ARGUMENTS_FILE = "arguments.json";

/** The environment of a job, opened again. */
export interface ReopenedJob {
  /** As people know it: of a script, the one whose body built it. */
  readonly job: JobRow;
  readonly task: string;
  readonly kind: "script" | "body";
  /** Its work directory: absolute. */
  readonly dir: string;
  /** Is it the one that the job left, rather than one made anew? */
  readonly kept: boolean;
  /** What the job had in its environment besides that of Ligase. */
  readonly env: Readonly<Record<string, string>>;
  /** The environment that it ran in; nothing where it ran on this machine as it is. */
  readonly enclosure: KeptEnclosure | undefined;
  /** Inputs that are no longer what the job was given, by name. */
  readonly changed: readonly string[];
  /** Removes a directory that was made anew, unless something was made in it. Answers whether it is gone. */
  leave(): boolean;
}

/** How a job is reopened. */
export interface ReopenOptions {
  /** In a new directory also where the job's own is still there? */
  readonly fresh: boolean;
  /** How inputs come into a new directory. */
  readonly stage: StageMode;
  /** The options of its task, as far as they are known: the record does not hold them. */
  readonly taskOptions: (task: string, entry: string | undefined) => Promise<TaskOptions>;
  readonly openEngine: OpenEngine;
}

/**
 * Opens the environment of a job again: its own work directory if that was kept, otherwise a new one with the same
 * inputs staged, the same command file and the same variables. Of a body that built a script it is the script's.
 *
 * @throws LigaseError `LIGASE_E_NO_FILE` for an input that is gone, and what else staging raises
 */
export async function reopenJob(record: ProjectRecord, asked: JobRow, options: ReopenOptions): Promise<ReopenedJob> {
  const { store } = record;
  const job = await ranAs(store, await scriptOf(store, asked));
  const attempt = (await store.listAttempts(job.id)).at(-1);
  const owner = await ownerOf(store, asked);
  const { task } = owner;
  const kind = job.task === SCRIPT ? "script" : "body";
  const known = { job: owner, task, kind } as const;
  const workDir = attempt?.workDir;
  const command = join(workDir ?? "", COMMAND_FILE);
  if (workDir && !options.fresh && existsSync(kind === "script" ? command : workDir)) {
    const env =
      kind === "script"
        ? exportedIn(readFileSync(command, "utf8"))
        : await variables(record, { job, task }, attempt, options);
    const place = { job, task, attempt, dir: workDir, options };
    const enclosure = await enclosureOf(record, place, { env, changed: [], inputs: [] });
    return { ...known, dir: workDir, kept: true, env, enclosure, changed: [], leave: () => false };
  }
  const scratch = makeScratch(record.storeDir);
  try {
    const open = kind === "script" ? openScript : openBody;
    const opening = { job, task, attempt, dir: scratch.dir, options };
    const opened = await open(record, opening);
    const { env, changed } = opened;
    const enclosure = await enclosureOf(record, opening, opened);
    scratch.mark();
    return { ...known, dir: scratch.dir, kept: false, env, enclosure, changed, leave: () => scratch.leave() };
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

/** Of a body that built scripts, the script: one that failed, if there is one. */
async function scriptOf(store: Store, job: JobRow): Promise<JobRow> {
  if (job.task === SCRIPT) return job;
  const scripts = await store.listJobs({ run: job.run, parent: job.id, task: SCRIPT });
  return scripts.find(({ state }) => state === "failed") ?? scripts[0] ?? job;
}

/** Of a job that was cached, the one that ran. */
async function ranAs(store: Store, job: JobRow): Promise<JobRow> {
  if (job.attempts > 0) return job;
  const call = await store.getCall(job.call);
  return (call && (await store.getJob(call.job))) ?? job;
}

interface Opening {
  readonly job: JobRow;
  readonly task: string;
  readonly attempt: AttemptRow | undefined;
  readonly dir: string;
  readonly options: ReopenOptions;
}

interface Opened extends Pick<ReopenedJob, "env" | "changed"> {
  readonly inputs: readonly StagedInput[];
}

/** The environment of an attempt that had one. */
async function enclosureOf(
  { store, storeDir }: ProjectRecord,
  { job, task, attempt, dir, options }: Opening,
  { env, inputs }: Opened,
): Promise<KeptEnclosure | undefined> {
  if (!attempt?.image) return undefined;
  const { openEngine, taskOptions } = options;
  const today = await taskOptions(task, await entryOf(store, job));
  return reenter({ store, storeDir, job, attempt, dir, env, inputs, options: today, openEngine });
}

async function openScript(record: ProjectRecord, opening: Opening): Promise<Opened> {
  const { job, task, attempt, dir, options } = opening;
  const codec = new Codec(fileAtoms(record));
  const [script] = codec.decode(await argumentsText(record.store, job)) as [ScriptSpec]; // what its task takes
  const changed = await settleInputs(record, filesOf(script));
  const facts = { task, job: job.id, attempt: attempt?.attempt ?? 1, resources: resourcesOf(attempt), gpus: [] };
  const { env: taskEnv = {} } = await options.taskOptions(task, await entryOf(record.store, job));
  const { env, files, staged } = await prepareScript({ ...facts, env: taskEnv, workDir: dir }, script, options);
  for (const [name, content] of files) writeFileSync(join(dir, name), content);
  return { env, changed, inputs: staged?.inputs ?? [] };
}

/** A body has no directory to speak of: its arguments are there to be looked at, with the files in them. */
async function openBody(record: ProjectRecord, opening: Opening): Promise<Opened> {
  const { job, attempt, dir, options } = opening;
  const text = await argumentsText(record.store, job);
  const [fileAtom, dirAtom] = fileAtoms(record);
  const files: (File | Dir)[] = [];
  eachWritten(JSON.parse(text), (written, kind) => {
    const value = (kind === "file" ? fileAtom : dirAtom)?.decode({ ...written, sidecars: [] });
    if (value instanceof File || value instanceof Dir) files.push(value);
  });
  const changed = await settleInputs(record, files);
  const staged = await stage(files, dir, { how: options.stage, reserved: [ARGUMENTS_FILE] });
  const byPath = new Map(files.map((file) => [file.path, staged.pathOf(file)]));
  const args = storedValueWith(text, (path) => byPath.get(locate(path, record)) ?? path);
  writeFileSync(join(dir, ARGUMENTS_FILE), `${JSON.stringify(args, null, 2)}\n`);
  return { env: await variables(record, opening, attempt, options), changed, inputs: staged.inputs };
}

async function argumentsText(store: Store, job: JobRow): Promise<string> {
  return (await store.findValues([job.argsValue])).get(job.argsValue) ?? "[]";
}

async function variables(
  { store }: ProjectRecord,
  { job, task }: Pick<Opening, "job" | "task">,
  attempt: AttemptRow | undefined,
  options: ReopenOptions,
): Promise<Readonly<Record<string, string>>> {
  const given = attempt && { resources: resourcesOf(attempt), attempt: attempt.attempt, gpus: [] };
  const { env } = await options.taskOptions(task, await entryOf(store, job));
  return { ...(given && jobEnvironment(given)), ...env };
}

/** The workflow file of a job's run, relative to the project. */
async function entryOf(store: Store, job: JobRow): Promise<string | undefined> {
  const run = await store.getRun(job.run);
  return run?.program ? (await store.getProgram(run.program))?.entry : undefined;
}

function resourcesOf(attempt: AttemptRow | undefined) {
  return {
    cpu: attempt?.cpu ?? 1,
    memory: attempt?.memory ?? 0,
    gpu: attempt?.gpu ?? 0,
    disk: attempt?.disk ?? 0,
  };
}
