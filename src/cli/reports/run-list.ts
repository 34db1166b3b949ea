import { formatDuration } from "../../kernel/index.ts";
import type { JobState, RunRow, Store } from "../../store/types.ts";
import { short } from "../../record/short.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago, moment } from "../terminal/when.ts";

/** Runs, a line each. */
export async function runList(
  store: Store,
  runs: readonly RunRow[],
  terminal: Pick<Terminal, "styleOut" | "widthOut">,
): Promise<string[]> {
  const paint = terminal.styleOut;
  const rows: string[][] = [];
  for (const run of runs) {
    rows.push([
      `${markOf(run.state, paint)} ${paint("accent", short(run.id))}`,
      run.mode === "normal" ? run.task : `${run.task} ${paint("warn", run.mode)}`,
      ago(run.startedAt),
      run.endedAt === null ? "" : formatDuration(run.endedAt - run.startedAt),
      wordOf(run.state, paint),
      await jobCounts(store, run.id),
      paint(
        "dim",
        Object.entries(run.tags)
          .map((tag) => tag.join("="))
          .join(" "),
      ),
    ]);
  }
  return columns(rows, { width: terminal.widthOut, right: [3] });
}

async function jobCounts(store: Store, run: string): Promise<string> {
  const counts = await store.countJobs(run);
  const count = (...states: JobState[]): number =>
    counts.filter((each) => states.includes(each.state)).reduce((sum, each) => sum + each.jobs, 0);
  const parts: [number, string][] = [
    [count("done"), "done"],
    [count("cached"), "cached"],
    [count("failed"), "failed"],
    [count("running", "pending"), "under way"],
  ];
  return parts
    .filter(([jobs]) => jobs > 0)
    .map((part) => part.join(" "))
    .join(", ");
}

/** What a run is, in a few lines. */
export function runHeader(run: RunRow, terminal: Pick<Terminal, "styleOut">): string[] {
  const paint = terminal.styleOut;
  const took = run.endedAt === null ? "" : `, ${formatDuration(run.endedAt - run.startedAt)}`;
  const lines = [
    `${markOf(run.state, paint)} run ${paint("accent", short(run.id))} ${paint("strong", run.task)}${run.mode === "normal" ? "" : paint("warn", ` ${run.mode}`)}: ${run.state}, ${moment(run.startedAt)}${took}`,
  ];
  if (run.argv.length > 0) lines.push(paint("dim", `  ${run.argv.join(" ")}`));
  if (run.gitCommit !== null) {
    lines.push(paint("dim", `  commit ${run.gitCommit.slice(0, 10)}${run.gitDirty ? ", with changes" : ""}`));
  }
  return lines;
}
