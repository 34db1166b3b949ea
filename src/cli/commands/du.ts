import { formatBytes } from "../../kernel/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import {
  type Inventory,
  type RunUsage,
  takeInventory,
  type TaskUsage,
  usageByKind,
  usageByRun,
  usageByTask,
} from "../../retention/index.ts";
import { findRun } from "../find-run.ts";
import type { OptionSpecs } from "../options.ts";
import { bytesOf, kindLines } from "../reports/space.ts";
import { count } from "../terminal/count.ts";
import { markOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns, cut } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, type JsonWanted, printJson, STORE } from "./command.ts";

const OPTIONS = {
  by: { type: "text", value: "<kind|run|task>", doc: "by kind of what lies there (the default), by run, or by task" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

/** What may be told apart. */
const BY = ["kind", "run", "task"] as const;

/** `ligase du` */
export const du = defineCommand(
  {
    usage: "du [run]",
    about: [
      "Tells what takes space in the store: by kind, by run or by task; of one run, by task. Of a run, what it alone needs is what ligase gc would free with it: what it shares with others stays for these. The values of tasks are in the database, or beside it where they are large.",
    ],
    examples: ["ligase du", "ligase du --by run", "ligase du --by task", "ligase du 7k2m9q"],
    options: OPTIONS,
  },
  { most: 1, paged: true },
  ({ options, words: [id] }, terminal) =>
    withRecord(options.store, async (record) => {
      const by = BY.find((each) => each === (options.by ?? (id === undefined ? "kind" : "task")));
      if (by === undefined)
        throw usageError("LIGASE_E_FLAG", `--by ${options.by} is unknown`, `there are ${BY.join(", ")}`);
      if (id !== undefined && by !== "task") {
        throw usageError(
          "LIGASE_E_FLAG",
          `one run is told apart by task, not by ${by}`,
          `ligase du --by ${by} tells of all`,
        );
      }
      const inventory = takeInventory(record.storeDir);
      if (by === "kind") await byKind(record, inventory, options, terminal);
      else if (by === "run") await byRun(record, inventory, options, terminal);
      else await byTask(record, inventory, id, options, terminal);
      return 0;
    }),
);

async function byKind(
  record: ProjectRecord,
  inventory: Inventory,
  wanted: JsonWanted,
  terminal: Terminal,
): Promise<void> {
  const kinds = await usageByKind(record, inventory);
  if (printJson(wanted, kinds, terminal)) return;
  const where = pathFrom(record.storeDir, process.cwd());
  terminal.out(cut(`${terminal.styleOut("strong", formatBytes(bytesOf(kinds)))} in ${where}`, terminal.widthOut));
  for (const line of kindLines(kinds, terminal.styleOut, terminal.widthOut)) terminal.out(line);
}

async function byRun(
  record: ProjectRecord,
  inventory: Inventory,
  wanted: JsonWanted,
  terminal: Terminal,
): Promise<void> {
  const runs = (await usageByRun(record, inventory)).toSorted((a, b) => b.bytes - a.bytes);
  if (
    printJson(
      wanted,
      runs.map(({ run, ...usage }) => ({ run: run.id, task: run.task, ...usage })),
      terminal,
    )
  )
    return;
  const paint = terminal.styleOut;
  const row = ({ run, bytes, own, outputs, work, logs }: RunUsage): string[] => [
    `${markOf(run.state, paint)} ${paint("accent", short(run.id))}`,
    size(bytes),
    size(own),
    run.task,
    ago(run.startedAt) + (run.pinned ? ", pinned" : ""),
    paint("dim", parts({ files: outputs, work, logs })),
  ];
  const heads = ["run", "needs", "alone", "task", "when", ""].map((head) => paint("dim", head));
  print([heads, ...runs.map(row)], terminal);
}

async function byTask(
  record: ProjectRecord,
  inventory: Inventory,
  id: string | undefined,
  wanted: JsonWanted,
  terminal: Terminal,
): Promise<void> {
  const run = id === undefined ? undefined : await findRun(record.store, id);
  const tasks = await usageByTask(record, inventory, run?.id);
  if (printJson(wanted, tasks, terminal)) return;
  const paint = terminal.styleOut;
  const shown = tasks.filter(({ task, bytes }) => bytes > 0 && !task.startsWith("lift:"));
  const row = ({ task, calls, bytes, outputs, work, logs, values }: TaskUsage): string[] => [
    task === "" ? paint("dim", "of no job that is recorded") : paint("strong", task),
    size(bytes),
    calls > 0 ? count(calls, "call") : "",
    paint("dim", parts({ files: outputs, work, logs, values })),
  ];
  if (shown.length === 0) terminal.note(run ? "it takes nothing" : "nothing is kept");
  print(shown.map(row), terminal);
}

function print(rows: readonly (readonly string[])[], terminal: Terminal): void {
  for (const line of columns(rows, { right: [1, 2], width: terminal.widthOut })) terminal.out(line);
}

const size = (bytes: number): string => (bytes === 0 ? "0" : formatBytes(bytes));

/** `files 12 MiB, logs 3 kB` */
function parts(bytes: Readonly<Record<string, number>>): string {
  return Object.entries(bytes)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${name} ${formatBytes(n)}`)
    .join(", ");
}
