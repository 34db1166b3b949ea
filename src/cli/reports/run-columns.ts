import { formatDuration } from "../../kernel/index.ts";
import { jobCounts } from "../../record/job-counts.ts";
import { short } from "../../record/short.ts";
import type { JobState, RunRow, RunState, Store } from "../../store/types.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import { type Column, type Columns, tagsText } from "./table.ts";

/** A run, and how many jobs it has in each state. */
export interface RunFacts {
  readonly run: RunRow;
  counts(): Promise<Readonly<Record<JobState, number>>>;
}

/** The facts of a run. */
export function runFacts(store: Store, run: RunRow): RunFacts {
  let counted: ReturnType<typeof jobCounts> | undefined;
  return { run, counts: () => (counted ??= jobCounts(store, run.id)) };
}

/** What is shown of runs where nothing is said. */
export const USUAL_RUN_COLUMNS = ["id", "task", "started", "duration", "state", "jobs", "tags"];

const fact = (doc: string, key: "task" | "host" | "user" | "cwd" | "pid" | "program"): Column<RunFacts> => ({
  doc,
  value: ({ run }) => run[key],
});

const time = (doc: string, key: "startedAt" | "endedAt"): Column<RunFacts> => ({
  doc,
  value: ({ run }) => run[key],
  text: ({ run }, style) => (run[key] === null ? "" : style.time(run[key])),
});

const count = (doc: string, ...states: readonly JobState[]): Column<RunFacts> => ({
  doc,
  right: true,
  async value(run) {
    const counts = await run.counts();
    return states.reduce((sum, state) => sum + counts[state], 0);
  },
});

/** What may be shown of runs. Values are ids in full and milliseconds. */
export const RUN_COLUMNS: Columns<RunFacts> = {
  id: {
    doc: "its id",
    value: ({ run }) => run.id,
    text: ({ run }, { paint }) => `${markOf(run.state, paint)} ${paint("accent", short(run.id))}`,
  },
  task: { ...fact("the task that was run", "task"), shrinks: true },
  state: {
    doc: "where it stands",
    value: ({ run }) => run.state,
    text: ({ run }, { paint }) => {
      const more = [...(run.mode === "normal" ? [] : [run.mode]), ...(run.pinned ? ["pinned"] : [])];
      return wordOf(run.state, paint) + (more.length === 0 ? "" : ` (${more.join(", ")})`);
    },
  },
  started: time("when it began", "startedAt"),
  ended: time("when it ended", "endedAt"),
  duration: {
    doc: "how long it took",
    right: true,
    value: ({ run }) => durationOf(run),
    text: ({ run }) => {
      const ms = durationOf(run);
      return ms === null ? "" : formatDuration(ms);
    },
  },
  jobs: {
    doc: "what became of its jobs",
    value: (run) => run.counts(),
    text: async (facts) => countsText(await facts.counts(), facts.run.state),
  },
  done: count("jobs that ran", "done"),
  cached: count("jobs whose results were there", "cached"),
  failed: count("jobs that failed", "failed"),
  tags: {
    doc: "its tags",
    value: ({ run }) => run.tags,
    text: ({ run }, { paint }) => paint("dim", tagsText(run.tags)),
  },
  command: { doc: "the command line", value: ({ run }) => run.argv, text: ({ run }) => run.argv.join(" ") },
  commit: {
    doc: "the git commit of the project, and whether anything differed from it",
    value: ({ run }) => run.gitCommit,
    text: ({ run }) =>
      run.gitCommit === null ? "" : `${run.gitCommit.slice(0, 10)}${run.gitDirty ? ", with changes" : ""}`,
  },
  mode: { doc: "normal, sample or stub", value: ({ run }) => run.mode },
  pinned: {
    doc: "is it kept whatever is collected?",
    value: ({ run }) => run.pinned,
    text: ({ run }) => (run.pinned ? "pinned" : ""),
  },
  user: fact("who ran it", "user"),
  host: fact("the machine", "host"),
  cwd: fact("the folder it was started in", "cwd"),
  pid: fact("its process", "pid"),
  program: fact("the snapshot of the code", "program"),
  version: { doc: "of Ligase", value: ({ run }) => run.ligaseVersion },
  node: { doc: "the version of Node", value: ({ run }) => run.nodeVersion },
};

/** How long a run took; of one that goes on, so far. */
function durationOf({ state, startedAt, endedAt }: RunRow): number | null {
  if (endedAt !== null) return endedAt - startedAt;
  return state === "running" ? Date.now() - startedAt : null;
}

/** Jobs by state, those that matter to people: `4 done, 3 cached`. */
export function countsText(counts: Readonly<Record<JobState, number>>, of?: RunState): string {
  const parts: readonly (readonly [number, string])[] = [
    [counts.done, "done"],
    [counts.cached, "cached"],
    [counts.failed, "failed"],
    [counts.cancelled, "cancelled"],
    [counts.running + counts.pending, of === "interrupted" ? "not finished" : "under way"],
  ];
  return parts
    .filter(([jobs]) => jobs > 0)
    .map((part) => part.join(" "))
    .join(", ");
}
