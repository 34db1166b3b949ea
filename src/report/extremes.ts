import { isLift } from "../project/owner.ts";
import { parameterNames } from "../record/parameter-names.ts";
import { argumentsText } from "../record/stored-value.ts";
import type { AttemptRow, JobRow } from "../store/types.ts";
import type { RunRows } from "./read/rows.ts";
import { textOf } from "./read/values.ts";

/** A job that stands out. */
export interface NotedJob {
  readonly job: string;
  readonly task: string;
  /** Its arguments in a line. */
  readonly args: string;
  readonly wallMs: number | null;
  readonly cpuMs: number | null;
  readonly peakMemory: number | null;
  readonly bytesOut: number | null;
}

/** The jobs that took the most, at most ten of each. */
export interface Extremes {
  readonly slowest: readonly NotedJob[];
  readonly mostMemory: readonly NotedJob[];
  readonly mostWritten: readonly NotedJob[];
}

const MOST = 10;
const LONGEST_ARGUMENTS = 300;
/** The folder of a call's outputs, at the beginning of a path. */
const IN_STORE = /(")[^"]*\/outputs\/[0-9a-f]{2}\/[0-9a-f]{40}\//g;

interface Measured {
  readonly job: JobRow;
  readonly wallMs: number | null;
  readonly attempt: AttemptRow | undefined;
}

/** Finds the jobs that took the most time, memory and room on the disk. */
export async function readExtremes(rows: RunRows): Promise<Extremes> {
  const measured = measure(rows);
  const noted = (what: (each: Measured) => number | null): Promise<readonly NotedJob[]> => {
    const most = measured
      .filter((each) => (what(each) ?? 0) > 0)
      .toSorted((a, b) => what(b)! - what(a)!)
      .slice(0, MOST);
    return Promise.all(most.map((each) => note(rows, each)));
  };
  return {
    slowest: await noted((each) => each.wallMs),
    mostMemory: await noted((each) => each.attempt?.peakMemory ?? null),
    mostWritten: await noted((each) => each.attempt?.bytesOut ?? null),
  };
}

/** The last attempt of each job that had one, and the bodies that ran in the engine's process and made no others. */
function measure({ attempts, jobs, book }: RunRows): Measured[] {
  const last = new Map(attempts.map((attempt) => [attempt.job, attempt]));
  const measured: Measured[] = [];
  for (const job of jobs) {
    const attempt = last.get(job.id);
    if (attempt) measured.push({ job, attempt, wallMs: attempt.wallMs });
    else if ((job.state === "done" || job.state === "failed") && book.isLeaf(job) && !isLift(job)) {
      const took = job.startedAt === null || job.endedAt === null ? null : job.endedAt - job.startedAt;
      measured.push({ job, attempt, wallMs: took });
    }
  }
  return measured;
}

async function note({ book, tasks, record }: RunRows, { job, wallMs, attempt }: Measured): Promise<NotedJob> {
  const owner = book.ownerOf(job);
  const args = await textOf(record.store, owner.argsValue);
  const names = await parameterNames(tasks.get(owner.taskHash)?.code ?? "");
  // Where in the store an output lies tells nobody anything.
  const line = args === undefined ? "" : argumentsText(args, names, record).replaceAll(IN_STORE, "$1…/");
  return {
    job: owner.id,
    task: owner.task,
    args: line.length > LONGEST_ARGUMENTS ? `${line.slice(0, LONGEST_ARGUMENTS)}…` : line,
    wallMs,
    cpuMs: attempt?.cpuMs ?? null,
    peakMemory: attempt?.peakMemory ?? null,
    bytesOut: attempt?.bytesOut ?? null,
  };
}
