import { mapStack } from "../code/index.ts";
import { type Failure, failureOf } from "../record/failure.ts";
import { tracebackLines } from "../record/traceback.ts";
import type { JobRow } from "../store/types.ts";
import type { RunRows } from "./read/rows.ts";
import { orMissing, textOf, textsOf } from "./read/values.ts";

/** Failures of one task that say the same, with one of them in full. */
export interface FailureGroup extends Omit<Failure, "error"> {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly mend: string | null;
  /** The frames of the stack in the user's own code; of Ligase's own errors none. */
  readonly frames: readonly string[];
  /** The message of the error behind it. */
  readonly behind: string | null;
  /** How many jobs failed so. */
  readonly jobs: number;
}

/** What failed in a run. */
export interface Failures {
  /** Jobs in which an error arose; those that only waited for one of them do not count. */
  readonly jobs: number;
  /** The run went on: everything that failed was recovered from. */
  readonly recovered: boolean;
  readonly groups: readonly FailureGroup[];
  /** Failed jobs that are in none of the groups. */
  readonly rest: number;
  /** Why the run itself failed, where none of its jobs did. */
  readonly run: string | null;
}

/** So many kinds of failures are told in full. */
const MOST_GROUPS = 20;
const MOST_FRAMES = 8;

/** Gathers what failed, each error once: where it arose, and failures that say the same together. */
export async function readFailures(rows: RunRows): Promise<Failures> {
  const { record, run, book } = rows;
  const failed = origins(rows);
  const messages = await messagesOf(rows, failed);
  // Numbers and names of files differ between jobs that failed for the same reason.
  const kinds = Map.groupBy(
    failed,
    (job) => `${book.ownerOf(job).task}\n${kindOf(messages.get(job.errorValue ?? "") ?? "")}`,
  );
  const largest = [...kinds.values()].toSorted((a, b) => b.length - a.length).slice(0, MOST_GROUPS);
  const groups: FailureGroup[] = [];
  let told = 0;
  for (const jobs of largest) {
    const failure = await orMissing(failureOf(record, jobs[0]!));
    if (!failure) continue;
    groups.push(groupOf(failure, jobs.length));
    told += jobs.length;
  }
  const own = await textOf(record.store, run.errorValue);
  return {
    jobs: failed.length,
    recovered: run.state === "done" && failed.length > 0,
    groups,
    rest: failed.length - told,
    run: failed.length === 0 && own !== undefined ? messageIn(own) : null,
  };
}

/**
 * Failed jobs that did not fail because of another: a job that it made, or one that somebody else had made before, for
 * equal calls run once.
 */
function origins({ jobs, book }: RunRows): JobRow[] {
  const failed = jobs.filter((job) => job.state === "failed");
  const passedOn = new Set(failed.map((job) => `${job.parent} ${job.errorValue}`));
  const atLeaves = new Set(failed.filter((job) => book.isLeaf(job)).map((job) => job.errorValue));
  return failed.filter(
    (job) => !passedOn.has(`${job.id} ${job.errorValue}`) && (book.isLeaf(job) || !atLeaves.has(job.errorValue)),
  );
}

async function messagesOf({ record: { store } }: RunRows, jobs: readonly JobRow[]): Promise<Map<string, string>> {
  const messages = new Map<string, string>();
  for await (const [hash, text] of textsOf(store, new Set(jobs.map((job) => job.errorValue)))) {
    messages.set(hash, messageIn(text));
  }
  return messages;
}

/** The message of a stored error. */
function messageIn(text: string): string {
  const stored: unknown = JSON.parse(text);
  const facts: unknown = typeof stored === "object" && stored !== null && "v" in stored ? stored.v : undefined;
  return typeof facts === "object" && facts !== null && "message" in facts ? String(facts.message) : "";
}

function kindOf(message: string): string {
  return message.split("\n")[0]!.replace(/[\w./-]*\d[\w./-]*/g, "#");
}

function groupOf(failure: Failure, jobs: number): FailureGroup {
  const { error, ...rest } = failure;
  const own = error.code?.startsWith("LIGASE_E_") ?? false;
  return {
    ...rest,
    name: error.name,
    code: error.code ?? null,
    message: error.message,
    mend: error.mend ?? null,
    frames: error.stack === undefined ? [] : (tracebackLines(error.stack) ?? (own ? [] : framesOf(error.stack))),
    behind: error.cause?.message ?? null,
    jobs,
  };
}

function framesOf(stack: string): string[] {
  return mapStack(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !line.includes("(<anonymous>)"))
    .map((line) => line.trim().replace(/^at /, ""))
    .slice(0, MOST_FRAMES);
}
