import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadRecorded } from "../../code/index.ts";
import type { Program } from "../../code/types.ts";
import { noSuchTask } from "../../engine/calls.ts";
import { taskAtom } from "../../expr/task-atom.ts";
import { fileAtoms } from "../../files/index.ts";
import { Codec } from "../../kernel/index.ts";
import { ownerOf } from "../../project/owner.ts";
import { differences } from "../../record/explain/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import { ENDPOINT_PREFIX } from "../../store/endpoint-task.ts";
import type { JobRow, RunRow } from "../../store/types.ts";
import { findByIdOrTask } from "../find.ts";
import { readTags } from "../options.ts";
import { changesLines } from "../reports/changes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { configOf, recordedLine } from "./config.ts";
import { logsWanted } from "./options.ts";
import { executeRun } from "./execute.ts";
import { loadWorkflow } from "./load-workflow.ts";
import type { RerunOptions } from "./rerun-options.ts";
import { type RunView, runView } from "./view.ts";

/** The tag of a run that ran a job again: the job. */
const TAG = "rerun";

/** What `ligase rerun` was told. */
export interface RerunRequest {
  /** The job, or a task. */
  readonly word: string;
  readonly options: RerunOptions;
  /** The whole command line. */
  readonly argv: readonly string[];
}

/** What is recorded of the job. */
interface Recorded {
  readonly root: string;
  readonly storeDir: string;
  readonly job: JobRow;
  readonly run: RunRow | undefined;
  /** The workflow file, relative to the project. */
  readonly entry: string | undefined;
  readonly args: string;
  /** What it gave, if it did. */
  readonly result: string | undefined;
}

/**
 * Runs one recorded job again by hand: its task with the recorded arguments, in a run of its own. What it gives is
 * compared with what it gave.
 *
 * @returns the exit status
 */
export async function rerunJob({ word, options, argv }: RerunRequest, terminal: Terminal): Promise<number> {
  const view = runView(terminal, options.quiet);
  try {
    const recorded = await withRecord(options.store, (record) => lookUp(record, word));
    const { root, storeDir, job } = recorded;
    const program = await programOf(recorded, options);
    const task = program.tasks.get(job.task);
    if (!task) throw gone(job, program);
    const codec = new Codec([...fileAtoms({ storeDir, root }), taskAtom((name) => program.tasks.get(name))]);
    const args = codec.decode(recorded.args) as readonly unknown[]; // arguments are a list
    const config = configOf(options, options.store === undefined ? undefined : resolve(options.store));
    const status = await executeRun(
      {
        root,
        program,
        task,
        args,
        argv: recordedLine(argv, options),
        tags: { [TAG]: job.id, ...readTags(options.tag) },
        json: options.json,
        logs: logsWanted(options),
        config,
        profile: options.profile,
        settings: {
          noCache: options["no-cache"],
          force: new Set([task.name]),
          failFast: options["fail-fast"],
          sample: undefined,
          stub: false,
        },
      },
      view,
      terminal,
    );
    if (status === 0 && recorded.result !== undefined) await compare(recorded, options.store, view, terminal);
    return status;
  } finally {
    view.close();
  }
}

async function lookUp(record: ProjectRecord, word: string): Promise<Recorded> {
  const { store, root, storeDir } = record;
  const found = await findByIdOrTask(store, word, "job or task");
  if (found.kind === "run") {
    const mend = `ligase log ${word} lists its jobs; ${found.run.argv.join(" ")} runs it again`;
    throw usageError("LIGASE_E_ID", `${word} is a run, and one job is run again`, mend, { id: word });
  }
  const job = await ownerOf(store, found.job);
  if (job.task.startsWith(ENDPOINT_PREFIX)) {
    const name = job.task.slice(ENDPOINT_PREFIX.length);
    throw usageError(
      "LIGASE_E_ID",
      `${word} is a job of the endpoint ${name}: its handler runs in a worker`,
      `call ${name} again, or run a job that it called`,
      { id: word },
    );
  }
  const [run, call] = await Promise.all([store.getRun(job.run), store.getCall(job.call)]);
  const entry = run?.program ? (await store.getProgram(run.program))?.entry : undefined;
  const isThere = job.state === "done" || job.state === "cached";
  const hash = (isThere ? call?.resultValue : undefined) ?? undefined;
  const values = await store.findValues(hash === undefined ? [job.argsValue] : [job.argsValue, hash]);
  const result = hash === undefined ? undefined : values.get(hash);
  return { root, storeDir, job, run, entry, args: values.get(job.argsValue) ?? "[]", result };
}

async function programOf(
  { root, storeDir, run, entry }: Recorded,
  { recorded, file, store }: RerunRequest["options"],
): Promise<Program> {
  const own = store === undefined ? join(root, ".ligase", "code") : join(storeDir, "code");
  if (recorded) {
    const program = run?.program ? await loadRecorded(run.program, { root, cacheDir: own }) : undefined;
    if (program) return program;
    throw usageError(
      "LIGASE_E_NO_BUNDLE",
      `the code of run ${run ? short(run.id) : ""} is not kept any more`,
      "without --recorded the job runs with the code of today",
    );
  }
  if (file !== undefined) return loadWorkflow(file, root, own);
  if (entry === undefined) {
    throw usageError(
      "LIGASE_E_NO_FILE",
      "it is not recorded which workflow file the job came from",
      "name it: --file workflow.ts",
    );
  }
  const path = join(root, entry);
  if (!existsSync(path)) {
    throw usageError(
      "LIGASE_E_NO_FILE",
      `${pathFrom(path, process.cwd())}, which the job came from, is gone`,
      "name the file that it is now: --file <file>; or --recorded runs it with the code of then",
      { path },
    );
  }
  return loadWorkflow(path, root, own);
}

function gone({ task }: JobRow, program: Program) {
  const { code, message, facts } = noSuchTask(task, program.tasks.keys());
  return usageError(code, `${message} in ${program.entry} any more`, "--recorded runs it with the code of then", facts);
}

/** Says whether the job gave what it gave before. */
async function compare(before: Recorded, folder: string | undefined, view: RunView, terminal: Terminal): Promise<void> {
  await withRecord(folder, async ({ store }) => {
    const [run] = await store.listRuns({ tags: { [TAG]: before.job.id }, limit: 1 });
    const hash = run?.resultValue;
    const now = hash ? (await store.findValues([hash])).get(hash) : undefined;
    if (now === undefined || before.result === undefined) return;
    const found = differences(before.result, now);
    const then = `run ${short(before.job.run)}`;
    view.info(found.length === 0 ? `the same result as in ${then}` : `another result than in ${then}:`);
    const changes = found.map((each) => ({ part: "argument" as const, ...each }));
    for (const line of changesLines(changes, terminal.style, "result")) view.info(line);
  });
}
