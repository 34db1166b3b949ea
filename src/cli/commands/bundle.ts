import { join } from "node:path";
import type { Bundle } from "../../archive/index.ts";
import type { TaskOptions } from "../../expr/options.ts";
import { formatBytes } from "../../kernel/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import { findRun } from "../find-run.ts";
import { outPath } from "../out-path.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase bundle` */
export const bundle = defineCommand(
  {
    usage: "bundle [run]",
    about: [
      "Writes a run (the newest, where none is named) as a folder with which anybody can run it again and see whether the same comes out: the code as it was, the configuration, every package with Ligase itself, the inputs, and the checksums of the outputs. Whoever has it needs Node and the tools that the workflow calls, and no network but for the environments of tasks, which are made anew. Volumes and secrets are named, and are not in it.",
      "In the folder, node verify.mjs runs the workflow in a store of its own, compares every output, and says OK or which differ.",
    ],
    examples: ["ligase bundle", "ligase bundle 7k2m9q --out paper-bundle/run", "ligase bundle --without-inputs --json"],
    options: {
      out: { type: "text", value: "<folder>", short: "o", doc: "the folder to write (<task>-<run>.bundle here)" },
      "without-inputs": { type: "boolean", doc: "leave the inputs out: only their names and checksums go along" },
      ...JSON_OUT,
      ...STORE,
    },
  },
  { most: 1 },
  ({ options, words: [id] }, terminal) =>
    withRecord(options.store, async (record) => {
      const run = await findRun(record.store, id);
      const { bundleRun, writeFolder } = await import("../../archive/index.ts");
      const path = outPath(options.out, `${run.task}-${short(run.id)}.bundle`);
      let written: Bundle | undefined;
      await writeFolder(path, async (sink) => {
        const withoutInputs = options["without-inputs"];
        const taskOptions = (entry: string) => optionsIn(record, entry, terminal);
        written = await bundleRun(record, run.id, { withoutInputs, taskOptions }, sink);
      });
      if (!written) return 1;
      const { inputs, outputs, urls, tools, environments, volumes, secrets, left } = written;
      if (urls.length > 0) terminal.note(`it reads ${count(urls.length, "URL")}, which will be needed again`);
      if (volumes.length > 0) terminal.note(`volumes are not in it: ${namesOf(volumes)}`);
      if (secrets.length > 0) terminal.note(`it needs secrets, which are not in it: ${namesOf(secrets)}`);
      if (left.length > 0) terminal.note(`left out: ${left.join(", ")}`);
      if (printJson(options, { path, ...written }, terminal)) return 0;
      const bytes = inputs.reduce((sum, file) => sum + file.bytes, 0);
      const held = [`${count(inputs.length, "input")} (${formatBytes(bytes)})`, count(outputs.length, "output")];
      const needed = [...Object.keys(tools), ...environments.map(({ title, engine }) => `${title} (${engine})`)];
      const needs = needed.length > 0 ? `; it needs ${needed.join(", ")}` : "";
      terminal.note(`${terminal.style("good", "✓")} run ${short(run.id)} of ${run.task}: ${held.join(", ")}${needs}`);
      terminal.out(pathFrom(path, process.cwd()));
      return 0;
    }),
);

const namesOf = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(", ");

/** The options of the tasks of a workflow file, as it says them today. */
async function optionsIn(
  { root, storeDir }: ProjectRecord,
  entry: string,
  terminal: Terminal,
): Promise<ReadonlyMap<string, TaskOptions>> {
  try {
    const { loadWorkflow } = await import("../run/load-workflow.ts");
    const { tasks } = await loadWorkflow(join(root, entry), root, join(storeDir, "code"));
    return new Map(Array.from(tasks, ([name, { options }]) => [name, options]));
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    terminal.note(`which volumes and secrets it needs is not said in it, for ${entry} does not load: ${why}`);
    return new Map();
  }
}
