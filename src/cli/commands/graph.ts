import { realpathSync, writeFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import type { Graph } from "../../graph/model.ts";
import type { Runnable } from "../../graph/source/read-source.ts";
import { findProject } from "../../project/project.ts";
import { short } from "../../record/short.ts";
import { asTheyAre } from "../../record/liveness.ts";
import { withRecord } from "../../record/open.ts";
import { nearest } from "../../kernel/index.ts";
import type { RunRow } from "../../store/types.ts";
import { findById, newestRun } from "../find.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { isWorkflowFile, workflowPath } from "../run/workflow-path.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

const FORMATS = ["terminal", "dot", "mermaid", "svg"] as const;
type Format = (typeof FORMATS)[number];

/** What the end of a file's name says of its format. */
const ENDS: Readonly<Record<string, Format>> = {
  ".txt": "terminal",
  ".dot": "dot",
  ".gv": "dot",
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".svg": "svg",
};

const OPTIONS = {
  format: { type: "text", value: `<${FORMATS.join("|")}>`, short: "f", doc: "terminal if nothing is said" },
  out: { type: "text", value: "<file>", short: "o", doc: "write it there; .dot, .mmd, .svg or .txt says the format" },
  expand: { type: "list", value: "<task>", short: "e", doc: "show the jobs of this task; may be repeated" },
  limit: { type: "number", value: "<n>", short: "n", doc: "how many jobs of an expanded task (40)" },
  files: { type: "boolean", doc: "show the files that the run was given, and those in its result" },
  calls: { type: "boolean", doc: "draw who calls whom as dashed edges, in place of boxes within boxes" },
  ...STORE,
  ...JSON_OUT,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** `ligase graph` */
export const graph = defineCommand(
  {
    usage: "graph [run | workflow.ts [task]]",
    about: [
      "Draws a run: its tasks with the states of their jobs, who calls whom, and which results flow into which parameters. A task stands in the one that calls it; scripts and lifts belong to their tasks. Without a word it is the newest run.",
      "Of a workflow file it draws what its source says, and runs nothing: ×N stands for each item of a list, ? for in some case only, and what only a run can know is a node with the words that call it.",
    ],
    examples: [
      "ligase graph",
      "ligase graph 7k2m9q --out run.svg",
      "ligase graph --expand align --limit 100",
      "ligase graph workflow.ts main",
      "ligase graph --format dot | dot -Tpdf > run.pdf",
    ],
    options: OPTIONS,
  },
  { most: 2 },
  async ({ options, words: [word, task] }, terminal) => {
    const format = formatOf(options);
    const isFile = word !== undefined && isWorkflowFile(word);
    if (task !== undefined && !isFile) {
      throw usageError("LIGASE_E_FLAG", "a task goes with a workflow file", `ligase graph workflow.ts ${task}`);
    }
    const drawn = isFile ? await graphOfFile(word, task, options) : await graphOfRun(word, options);
    await print(drawn, format, options, terminal);
    return 0;
  },
);

function graphOfRun(id: string | undefined, options: Options): Promise<Graph> {
  return withRecord(options.store, async ({ store }) => {
    const found = id === undefined ? undefined : await findById(store, id);
    const recorded = found?.kind === "job" ? await store.getRun(found.job.run) : found?.run;
    const [run] = await asTheyAre(store, [recorded ?? (await newestRun(store))]);
    const { readGraph } = await import("../../graph/run/read.ts");
    const { calls, expand, files, limit } = options;
    const jobs = limit === undefined ? {} : { jobs: Math.max(1, Math.floor(limit)) };
    const drawn = await readGraph(store, run!, { calls, expand, files, ...jobs });
    for (const task of expand) checkTask(task, run!, drawn);
    return drawn;
  });
}

function checkTask(task: string, { id }: RunRow, { nodes }: Graph): void {
  const names = nodes.filter(({ kind }) => kind === "task").map(({ label }) => label);
  if (names.includes(task)) return;
  const near = nearest(task, names);
  const mend = near === undefined ? `ligase graph ${short(id)} shows its tasks` : `did you mean ${near}?`;
  throw usageError("LIGASE_E_NO_TASK", `nothing of ${task} is in run ${short(id)}`, mend, { task });
}

async function graphOfFile(file: string, task: string | undefined, options: Options): Promise<Graph> {
  if (options.expand.length > 0 || options.files) {
    throw usageError(
      "LIGASE_E_FLAG",
      "--expand and --files go with a run",
      "a workflow file alone has no jobs and files",
    );
  }
  const path = workflowPath(file);
  const { readWorkflow } = await import("../../graph/source/read-source.ts");
  const workflow = readWorkflow(path, realpathSync(findProject(dirname(path))));
  return workflow.graph(await rootsOf(workflow.tasks, file, task), { calls: options.calls });
}

/** The task that was named, or `main`, or all that the file exports. */
async function rootsOf(tasks: readonly Runnable[], file: string, asked: string | undefined): Promise<string[]> {
  const names = tasks.filter(({ exported }) => exported).map(({ name }) => name);
  if (asked !== undefined && !tasks.some(({ name }) => name === asked)) {
    const { noSuchTask } = await import("../../engine/calls.ts");
    const { code, message, mend, facts } = noSuchTask(asked, names);
    throw usageError(code, `${message} in ${file}`, mend, facts);
  }
  if (names.length === 0 && asked === undefined) {
    throw usageError("LIGASE_E_NO_TASK", `${file} exports no task`, "export one: export const main = task(() => …)");
  }
  return asked !== undefined ? [asked] : names.includes("main") ? ["main"] : names;
}

/** What was asked for, or what the name of the file says. */
function formatOf({ format, out }: Options): Format {
  const known = FORMATS.find((each) => each === format);
  if (known) return known;
  if (format !== undefined) {
    throw usageError("LIGASE_E_FLAG", `--format ${format} is no format`, `there are ${FORMATS.join(", ")}`);
  }
  if (out === undefined) return "terminal";
  const end = ENDS[extname(out).toLowerCase()];
  if (end) return end;
  throw usageError(
    "LIGASE_E_FLAG",
    `the name of ${out} does not say its format`,
    `end it in ${Object.keys(ENDS).join(", ")}, or add --format`,
  );
}

async function print(drawn: Graph, format: Format, options: Options, terminal: Terminal): Promise<void> {
  const { out } = options;
  if (out === undefined && printJson(options, drawn, terminal)) return;
  const text = await write(drawn, format, terminal, out !== undefined);
  if (out === undefined) {
    terminal.rawOut(text);
    return;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw fsError(error, out, "write");
  }
  terminal.note(`wrote ${out}`);
}

async function write(drawn: Graph, format: Format, terminal: Terminal, toFile: boolean): Promise<string> {
  switch (format) {
    case "dot":
      return (await import("../../graph/dot.ts")).graphDot(drawn);
    case "mermaid":
      return (await import("../../graph/mermaid.ts")).graphMermaid(drawn);
    case "svg":
      return (await import("../../graph/svg/svg.ts")).graphSvg(drawn);
    case "terminal": {
      const { graphTree } = await import("../reports/graph-tree.ts");
      const plain = { widthOut: Infinity, styleOut: (_: unknown, text: string) => text };
      const lines = graphTree(drawn, toFile ? plain : terminal);
      return lines.map((line) => `${line}\n`).join("");
    }
  }
}
