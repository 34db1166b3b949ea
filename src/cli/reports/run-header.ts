import { formatDuration } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { RunRow } from "../../store/types.ts";
import { markOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { moment } from "../terminal/when.ts";

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
