import { formatDuration } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { RunRow } from "../../store/types.ts";
import { markOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columnsOf, fold } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";

/** What a run is, in a few lines. */
export function runHeader(
  run: RunRow,
  { styleOut: paint, widthOut }: Pick<Terminal, "styleOut" | "widthOut">,
): string[] {
  const took = run.endedAt === null ? "" : `, ${formatDuration(run.endedAt - run.startedAt)}`;
  const mode = run.mode === "normal" ? "" : paint("warn", ` ${run.mode}`);
  const title = `${markOf(run.state, paint)} run ${paint("accent", short(run.id))} ${paint("strong", run.task)}${mode}: ${run.state}`;
  const when = `${moment(run.startedAt)}${took}`;
  // Where there is no room beside it, the time stands below.
  const fits = columnsOf(title) + 2 + when.length <= widthOut;
  const lines = fits ? [`${title}, ${when}`] : [title, `  ${when}`];
  const below = [
    run.argv.join(" "),
    run.gitCommit === null ? "" : `commit ${run.gitCommit.slice(0, 10)}${run.gitDirty ? ", with changes" : ""}`,
  ];
  for (const text of below.filter((each) => each !== "")) {
    for (const line of fold(text, Math.max(16, widthOut - 2))) lines.push(paint("dim", `  ${line}`));
  }
  return lines;
}
