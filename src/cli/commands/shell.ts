import { join } from "node:path";
import type { TaskOptions } from "../../expr/options.ts";
import type { ProjectRecord } from "../../record/open.ts";
import { withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { ARGUMENTS_FILE, type ReopenedJob, reopenJob } from "../../record/reopen/index.ts";
import { short } from "../../record/short.ts";
import { findByIdOrTask } from "../find.ts";
import { runCommand, runShell } from "../shell/index.ts";
import { wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, STORE } from "./command.ts";

/** `ligase shell` */
export const shell = defineCommand(
  {
    usage: "shell <job or task> [-- command]",
    about: [
      "Opens a shell in the work directory of a job, with its inputs, its .command.sh and its variables: of a failed job in the directory it left, otherwise in a new one with the same inputs. A task stands for its newest job. Behind -- one command is run in place of a shell: a single word with spaces is a line for bash.",
      "Of a body in TypeScript the arguments are there as JSON, and the files in them; ligase rerun runs it again. A new directory is removed afterwards unless something was made in it.",
    ],
    examples: [
      "ligase shell align",
      "ligase shell 7k2m9q -- bash .command.sh",
      "ligase shell 7k2m9q -- 'ls -l | head'",
    ],
    options: {
      fresh: { type: "boolean", doc: "a new directory, also where the job's own is still there" },
      ...STORE,
    },
  },
  { least: 1, most: Infinity },
  async ({ options, words: [word = "", ...command] }, terminal) => {
    const reopened = await withRecord(options.store, async (record, settings) => {
      const found = await findByIdOrTask(record.store, word, "job or task");
      if (found.kind === "run") throw noJob(word);
      const taskOptions = (task: string, entry: string | undefined) => optionsOf(record, task, entry, terminal);
      const { imagesDir, stage } = settings;
      const openEngine = async (name: string) => (await import("../shell/enclosed.ts")).openEngine(name, imagesDir);
      const job = await reopenJob(record, found.job, { fresh: options.fresh, stage, taskOptions, openEngine });
      if (!job.enclosure) return { ...job, enter: undefined };
      const { enterFor } = await import("../shell/enclosed.ts");
      return { ...job, enter: await enterFor(job.enclosure, { imagesDir, store: record.store, task: job.task }) };
    });
    // The record is closed: a shell may be open for hours.
    const isOne = command.length > 0;
    for (const line of isOne ? warnings(reopened, terminal) : describe(reopened, terminal)) terminal.note(line);
    const dir = pathFrom(reopened.dir, process.cwd());
    try {
      return isOne
        ? await runCommand(reopened, command)
        : await runShell(reopened, labelOf(reopened), isColoured(terminal));
    } finally {
      if (reopened.kept ? !isOne : !reopened.leave()) terminal.note(`kept: ${dir}`);
      else if (!isOne) terminal.note(`${dir} is removed`);
    }
  },
);

const labelOf = ({ job, task }: ReopenedJob): string => `ligase ${task} ${short(job.id)}`;

const isColoured = ({ style }: Terminal): boolean => style("accent", "x") !== "x";

/** The options of a task, as its workflow file says them today; the record does not hold them. */
async function optionsOf(
  { root, storeDir }: ProjectRecord,
  task: string,
  entry: string | undefined,
  terminal: Terminal,
): Promise<TaskOptions> {
  if (entry === undefined) return {};
  try {
    const { loadWorkflow } = await import("../run/load-workflow.ts");
    const program = await loadWorkflow(join(root, entry), root, join(storeDir, "code"));
    return program.tasks.get(task)?.options ?? {};
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    terminal.note(`the variables and volumes of ${task} are not here, for ${entry} does not load: ${why}`);
    return {};
  }
}

function describe(reopened: ReopenedJob, terminal: Terminal): string[] {
  const { job, task, kind, dir, kept, enclosure } = reopened;
  const { style } = terminal;
  const what =
    kind === "script"
      ? "bash .command.sh runs its script"
      : `a body in TypeScript: its arguments are in ${ARGUMENTS_FILE}; ligase rerun ${short(job.id)} runs it again`;
  return [
    `job ${style("accent", short(job.id))} ${style("strong", task)}: ${wordOf(job.state, style)}`,
    `  ${kept ? "its work directory, as it left it" : "a new directory, with its inputs"}: ${pathFrom(dir, process.cwd())}`,
    style("dim", `  ${what}`),
    ...(enclosure ? [style("dim", `  in its environment (${enclosure.environment.engine})`)] : []),
    ...warnings(reopened, terminal),
  ];
}

function warnings({ changed }: ReopenedJob, { style }: Terminal): string[] {
  return changed.map((name) => `  ${style("warn", `${name} is no longer what the job was given`)}`);
}

function noJob(word: string) {
  return usageError(
    "LIGASE_E_ID",
    `${word} is a run, and a shell is opened for a job`,
    `ligase log ${word} lists its jobs`,
    {
      id: word,
    },
  );
}
