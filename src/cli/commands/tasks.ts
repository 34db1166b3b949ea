import { existsSync } from "node:fs";
import { withRecord } from "../../record/open.ts";
import { jobFilter } from "../../record/select.ts";
import { taskSummaries } from "../../record/task-summaries.ts";
import { findRun } from "../find-run.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { cellStyle, readColumns, tableLines, tableValues } from "../reports/table.ts";
import { TASK_COLUMNS, USUAL_TASK_COLUMNS } from "../reports/task-columns.ts";
import { checkTask, isSelective, readSelection, SELECTION } from "../selection.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

const OPTIONS = {
  ...SELECTION,
  columns: { type: "text", value: "<names>", doc: "the columns of the table of what ran" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** `ligase tasks` */
export const tasks = defineCommand(
  {
    usage: "tasks [workflow file or run]",
    about: [
      "Lists the tasks of a workflow file and of what it imports: parameters, the first line of the doc comment, the image, volumes and secrets it names, and where each stands. Those that the file exports can be run by name. With --json each has the JSON Schema (2020-12) of its input.",
      "Of a run, or without a word of all that ran here: what became of the jobs of each task, and how long one takes. The flags choose which jobs count.",
      `Columns of what ran: ${Object.keys(TASK_COLUMNS).join(", ")}.`,
    ],
    examples: [
      "ligase tasks workflow.ts",
      "ligase tasks workflow.ts --json",
      "ligase tasks",
      "ligase tasks @ --columns task,done,mean,total",
      "ligase tasks --failed --since 7d",
    ],
    options: OPTIONS,
  },
  { most: 1, paged: true },
  ({ options, words: [word] }, terminal) =>
    word !== undefined && isFile(word) ? tasksOfFile(word, options, terminal) : tasksThatRan(word, options, terminal),
);

/** A file that is not there is told so by its ending. */
const isFile = (word: string): boolean => /\.(?:[cm]?[jt]sx?|py)$/.test(word) || existsSync(word);

async function tasksThatRan(word: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  const selection = readSelection(options);
  return withRecord(options.store, async ({ store }) => {
    const run = word === undefined ? undefined : await findRun(store, word);
    const found = await taskSummaries(store, { ...jobFilter(selection), ...(run && { run: run.id }) });
    const names = options.columns === undefined ? USUAL_TASK_COLUMNS : readColumns(options.columns, TASK_COLUMNS);
    if (options.json || options.jsonl) {
      printJson(
        options,
        options.columns === undefined ? found : await tableValues(found, names, TASK_COLUMNS),
        terminal,
      );
    } else if (found.length === 0) {
      await checkTask(store, selection);
      terminal.note(isSelective(selection) ? "no job is like that" : "nothing has run here yet");
    } else {
      const style = cellStyle({ iso: false, utc: false }, terminal);
      const shape = { width: terminal.widthOut, heads: true, dispensable: ["code"] };
      for (const line of await tableLines(found, names, TASK_COLUMNS, style, shape)) terminal.out(line);
    }
    return 0;
  });
}

async function tasksOfFile(file: string, options: Options, terminal: Terminal): Promise<number> {
  if (isSelective(readSelection(options)) || options.columns !== undefined) {
    throw usageError(
      "LIGASE_E_FLAG",
      "these flags are about what ran, not about a file",
      "ligase tasks, without a file, lists the tasks that ran",
    );
  }
  // Loads the workflow, and what that takes.
  const { describeTask, taskLines, tasksIn } = await import("../reports/workflow-tasks.ts");
  const found = await tasksIn(file);
  if (printJson(options, found.map(describeTask), terminal)) return 0;
  if (found.length === 0) terminal.note(`${file} has no tasks`);
  else for (const task of found) for (const line of taskLines(task, terminal)) terminal.out(line);
  return 0;
}
