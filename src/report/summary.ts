import type { JobState, RunMode, RunState } from "../store/types.ts";
import type { CachedTask } from "./read/origins.ts";
import type { RunRows } from "./read/rows.ts";

/** What a run was, in a few facts. */
export interface Summary {
  readonly id: string;
  readonly task: string;
  readonly state: RunState;
  readonly mode: RunMode;
  readonly startedAt: number;
  /** When it ended; of a run that goes on when this was read, of one that was interrupted its last sign of life. */
  readonly endedAt: number;
  readonly durationMs: number;
  readonly user: string;
  readonly host: string;
  readonly folder: string;
  /** The command line, quoted so that a shell takes it. */
  readonly command: string;
  /** The workflow file, relative to the project. */
  readonly entry: string | null;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  readonly ligaseVersion: string;
  readonly nodeVersion: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many jobs are in which state; scripts count with the task whose body built them. */
  readonly jobs: Readonly<Record<JobState, number>>;
  /** Processor time of everything that ran outside of the engine's process; `null` where nothing was measured. */
  readonly cpuMs: number | null;
  readonly peakMemory: number | null;
  /** What the cache spared. */
  readonly spared: Spared;
}

/** What the cache spared a run. */
export interface Spared {
  /** Jobs whose bodies did not have to run. */
  readonly jobs: number;
  /** How long they took when they ran; `null` where that is not recorded any more. */
  readonly wallMs: number | null;
  /** True when that was worked out from some of them. */
  readonly estimated: boolean;
}

/** Sums up a run. */
export function readSummary({ run, book, attempts, program, end }: RunRows, cached: readonly CachedTask[]): Summary {
  const jobs: Record<JobState, number> = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 };
  for (const { state } of book.known) jobs[state]++;
  let cpuMs: number | null = null;
  let peakMemory: number | null = null;
  for (const attempt of attempts) {
    if (attempt.cpuMs !== null) cpuMs = (cpuMs ?? 0) + attempt.cpuMs;
    if (attempt.peakMemory !== null) peakMemory = Math.max(peakMemory ?? 0, attempt.peakMemory);
  }
  return {
    id: run.id,
    task: run.task,
    state: run.state,
    mode: run.mode,
    startedAt: run.startedAt,
    endedAt: end,
    durationMs: end - run.startedAt,
    user: run.user,
    host: run.host,
    folder: run.cwd,
    command: run.argv.map(quoted).join(" "),
    entry: program?.entry ?? null,
    gitCommit: run.gitCommit,
    gitDirty: run.gitDirty,
    ligaseVersion: run.ligaseVersion,
    nodeVersion: run.nodeVersion,
    tags: run.tags,
    jobs,
    cpuMs,
    peakMemory,
    spared: sparedBy(jobs.cached, cached),
  };
}

/**
 * How long the cached results took to compute. Only jobs from which no other came count, for a job takes as long as
 * those that it waits for; of many jobs of a task some stand for all.
 *
 * @param jobs - how many were cached in all
 */
export function sparedBy(jobs: number, tasks: readonly CachedTask[]): Spared {
  let sum: number | null = null;
  let estimated = false;
  for (const { jobs: count, wallMs } of tasks) {
    if (wallMs.length < count) estimated = true;
    if (wallMs.length === 0) continue;
    const mean = wallMs.reduce((all, each) => all + each, 0) / wallMs.length;
    sum = (sum ?? 0) + mean * count;
  }
  return { jobs, wallMs: sum, estimated };
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
