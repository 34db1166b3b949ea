import { LigaseError } from "../../../kernel/index.ts";
import type { NewRun } from "../../../remote/index.ts";

/** What makes a folder a project: `ligase run` takes the nearest one, which must not be that of the server. */
const MARKS = ["package.json", "pyproject.toml", "ligase.config.ts", "ligase.config.json"];

/**
 * Checks what somebody hands in, before anything is done for it.
 *
 * @throws LigaseError `LIGASE_E_RUN` naming the field
 */
export function checkNewRun(run: NewRun): void {
  const { code, entry, command, expression, tags = {}, name } = run;
  if (!Array.isArray(code) || code.length === 0) refuse("code", "names no files");
  // What else must hold of files is seen to where they are put into a folder.
  const paths = new Set(run.code.map(({ path }) => path));
  if (!paths.has(entry)) refuse("entry", `is none of the files: ${entry}`);
  if ((command === undefined) === (expression === undefined)) refuse("command", "or expression: one of them is needed");
  if (expression !== undefined && typeof expression !== "string") refuse("expression", "is no text");
  if (name !== undefined && typeof name !== "string") refuse("name", "is no text");
  if (command !== undefined) {
    const { task, argv } = command;
    if (typeof task !== "string" || !/^\w[\w.-]*$/.test(task)) refuse("command.task", "is no name of a task");
    if (!Array.isArray(argv) || argv.some((word) => typeof word !== "string"))
      refuse("command.argv", "is no list of words");
    // Behind it ours would be words of the task.
    if (argv.includes("--")) refuse("command.argv", "has a --");
    if (!MARKS.some((mark) => paths.has(mark)))
      refuse("code", `has none of ${MARKS.join(", ")}, which says where the project is`);
  }
  for (const value of Object.values(tags)) if (typeof value !== "string") refuse("tags", "are no texts");
}

function refuse(field: string, why: string): never {
  throw new LigaseError("LIGASE_E_RUN", `this run cannot be taken: ${field} ${why}`, { facts: { field } });
}
