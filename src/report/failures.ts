import { mapStack } from "../code/index.ts";
import { type Failure, failureOf } from "../record/failure.ts";
import type { JobRow } from "../store/types.ts";
import type { RunRows } from "./read/rows.ts";

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
  const failed = origins(rows.jobs);
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
    const failure = await failureOf(record, jobs[0]!);
    if (!failure) continue;
    groups.push(groupOf(failure, jobs.length));
    told += jobs.length;
  }
  const own =
    run.errorValue === null ? undefined : (await record.store.findValues([run.errorValue])).get(run.errorValue);
  return {
    jobs: failed.length,
    recovered: run.state === "done" && failed.length > 0,
    groups,
    rest: failed.length - told,
    run: failed.length === 0 && own !== undefined ? messageIn(own) : null,
  };
}

/** Failed jobs that made no job which failed by the same error. */
function origins(jobs: readonly JobRow[]): JobRow[] {
  const failed = jobs.filter((job) => job.state === "failed");
  const passedOn = new Set(failed.map((job) => `${job.parent} ${job.errorValue}`));
  return failed.filter((job) => !passedOn.has(`${job.id} ${job.errorValue}`));
}

async function messagesOf({ record: { store } }: RunRows, jobs: readonly JobRow[]): Promise<Map<string, string>> {
  const hashes = [...new Set(jobs.flatMap((job) => job.errorValue ?? []))];
  const texts = await store.findValues(hashes);
  return new Map([...texts].map(([hash, text]) => [hash, messageIn(text)]));
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
    frames: own || error.stack === undefined ? [] : framesOf(error.stack),
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
