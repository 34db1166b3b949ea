import { existsSync } from "node:fs";
import type { ErrorFacts } from "../kernel/index.ts";
import type { AttemptRow, JobRow, Store } from "../store/types.ts";
import { tailOf } from "../worker/script/tail.ts";
import { ownerOf } from "../project/owner.ts";
import { errorOf } from "./error.ts";
import { parameterNames } from "./parameter-names.ts";
import { argumentsText } from "./stored-value.ts";
import type { ProjectRecord } from "./open.ts";

/** What is known of a failed job. */
export interface Failure {
  /** The job in which the error arose. */
  readonly job: string;
  /** The task as people know it: of a script, the one whose body built it. */
  readonly task: string;
  /** The tasks whose calls led there, outermost first, itself included. */
  readonly path: readonly string[];
  /** Its arguments in a line. */
  readonly args: string;
  readonly attempts: number;
  readonly error: ErrorFacts;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
  /** Its work directory, if that is still there. */
  readonly workDir: string | undefined;
}

/** A recursion may be 100,000 deep: of so long a way this is enough. */
const LONGEST_PATH = 500;

/** Gathers what is known of a failed job. Nothing of one that did not fail. */
export async function failureOf(record: ProjectRecord, job: JobRow): Promise<Failure | undefined> {
  const { store } = record;
  const error = await errorOf(store, job);
  if (!error) return undefined;
  const owner = await ownerOf(store, job);
  const names = await parameterNames((await store.getTask(owner.taskHash))?.code ?? "");
  const args = (await store.findValues([owner.argsValue])).get(owner.argsValue);
  const attempt = (await store.listAttempts(job.id)).at(-1);
  const workDir = attempt?.workDir ?? error.facts?.["workDir"];
  return {
    job: job.id,
    task: owner.task,
    path: await pathTo(store, owner),
    args: args === undefined ? "" : argumentsText(args, names, record),
    attempts: job.attempts,
    error,
    stderr: stderrOf(error, attempt),
    workDir: typeof workDir === "string" && existsSync(workDir) ? workDir : undefined,
  };
}

/** What the error itself tells, for a log may be gone; otherwise the end of the log. */
function stderrOf({ facts }: ErrorFacts, attempt: AttemptRow | undefined): readonly string[] {
  const told = facts?.["stderrTail"];
  if (Array.isArray(told)) return told.map(String);
  return attempt?.stderr ? tailOf(attempt.stderr) : [];
}

async function pathTo(store: Store, job: JobRow): Promise<string[]> {
  const path: string[] = [];
  for (let at: JobRow | undefined = job; at; at = at.parent === null ? undefined : await store.getJob(at.parent)) {
    path.push(at.task);
    if (path.length === LONGEST_PATH) {
      path.push("…");
      break;
    }
  }
  return path.toReversed();
}

/** The job in which the error of a failed job arose: itself, or one below it. */
export async function originOf(store: Store, job: JobRow): Promise<JobRow> {
  for (let at = job; ;) {
    const failed = await store.listJobs({ run: at.run, parent: at.id, states: ["failed"] });
    const next = failed.find((child) => child.errorValue === at.errorValue);
    if (!next) return at;
    at = next;
  }
}
