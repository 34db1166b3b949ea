import { existsSync } from "node:fs";
import type { ErrorFacts } from "../kernel/index.ts";
import { ownerOf } from "../project/owner.ts";
import type { AttemptRow, JobRow, Store } from "../store/types.ts";
import { tailOf } from "../worker/script/tail.ts";
import { type Cause, causesOf, type FirstError } from "./causes/index.ts";
import { errorOf } from "./error.ts";
import type { ProjectRecord } from "./open.ts";
import { parameterNames } from "./parameter-names.ts";
import { argumentsText } from "./stored-value.ts";

/** One call of the chain that led to a failure. */
export interface ChainLink {
  readonly job: string;
  readonly task: string;
  /** Its arguments in a line; nothing in the middle of a very long chain. */
  readonly args: string | undefined;
}

/** What is known of a failed job. */
export interface Failure {
  /** The job in which the error arose. */
  readonly job: string;
  /** The task as people know it: of a script, the one whose body built it. */
  readonly task: string;
  /** The tasks whose calls led there, outermost first, itself included. */
  readonly path: readonly string[];
  /** The same with the arguments of each. */
  readonly chain: readonly ChainLink[];
  /** Its arguments in a line. */
  readonly args: string;
  readonly attempts: number;
  readonly error: ErrorFacts;
  /** What most likely is the cause, the likeliest first. */
  readonly causes: readonly Cause[];
  /** The first line of its stderr that tells of an error. */
  readonly firstError: FirstError | undefined;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
  /** Its work directory, if that is still there. */
  readonly workDir: string | undefined;
}

/** A recursion may be 100,000 deep: of so long a way this is enough. */
const LONGEST_PATH = 500;
/** Of so many calls at either end of a chain the arguments are told. */
const MOST_ARGUMENTS = 12;

/** Gathers what is known of a failed job. Nothing of one that did not fail. */
export async function failureOf(record: ProjectRecord, job: JobRow): Promise<Failure | undefined> {
  const { store } = record;
  const error = await errorOf(store, job);
  if (!error) return undefined;
  const owner = await ownerOf(store, job);
  const chain = await chainTo(record, owner);
  const attempt = (await store.listAttempts(job.id)).at(-1);
  const workDir = attempt?.workDir ?? error.facts?.["workDir"];
  return {
    job: job.id,
    task: owner.task,
    path: chain.map(({ task }) => task),
    chain,
    args: chain.at(-1)?.args ?? "",
    attempts: job.attempts,
    error,
    ...(await causesOf(record, job, error, attempt)),
    stderr: stderrOf(error, attempt),
    workDir: typeof workDir === "string" && existsSync(workDir) ? workDir : undefined,
  };
}

/**
 * The end of its log. Where that is gone, what the error tells: errors with the same message are stored once, so of
 * several jobs it may be another's.
 */
function stderrOf({ facts }: ErrorFacts, attempt: AttemptRow | undefined): readonly string[] {
  if (attempt?.stderr && existsSync(attempt.stderr)) return tailOf(attempt.stderr);
  const told = facts?.["stderrTail"];
  return Array.isArray(told) ? told.map(String) : [];
}

async function chainTo(record: ProjectRecord, job: JobRow): Promise<readonly ChainLink[]> {
  const { store } = record;
  const jobs: JobRow[] = [];
  let at: JobRow | undefined = job;
  while (at && jobs.length < LONGEST_PATH) {
    jobs.push(at);
    at = at.parent === null ? undefined : await store.getJob(at.parent);
  }
  jobs.reverse();
  const told = new Set(
    jobs.length <= 2 * MOST_ARGUMENTS ? jobs : [...jobs.slice(0, MOST_ARGUMENTS), ...jobs.slice(-MOST_ARGUMENTS)],
  );
  const names = new Map<string, readonly string[]>();
  for (const { taskHash } of told) {
    if (!names.has(taskHash)) names.set(taskHash, await parameterNames((await store.getTask(taskHash))?.code ?? ""));
  }
  const values = await store.findValues([...told].map(({ argsValue }) => argsValue));
  const links = jobs.map((each): ChainLink => {
    const text = told.has(each) ? values.get(each.argsValue) : undefined;
    const args = text === undefined ? undefined : argumentsText(text, names.get(each.taskHash) ?? [], record);
    return { job: each.id, task: each.task, args };
  });
  return at ? [{ job: at.id, task: "…", args: undefined }, ...links] : links;
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
