import type { Bundle } from "../../archive/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import { findRun } from "../find-run.ts";
import { outPath } from "../out-path.ts";
import { count } from "../terminal/count.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase bundle` */
export const bundle = defineCommand(
  {
    usage: "bundle [run]",
    about: [
      "Writes a run (the newest, where none is named) as a folder with which anybody can run it again and see whether the same comes out: the code as it was, the configuration, every package with Ligase itself, the inputs, and the checksums of the outputs. Whoever has it needs Node and the tools that the workflow calls, and no network.",
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
        written = await bundleRun(record, run.id, { withoutInputs: options["without-inputs"] }, sink);
      });
      if (!written) return 1;
      const { inputs, outputs, urls, tools } = written;
      if (urls.length > 0) terminal.note(`it reads ${count(urls.length, "URL")}, which will be needed again`);
      if (printJson(options, { path, ...written }, terminal)) return 0;
      const bytes = inputs.reduce((sum, file) => sum + file.bytes, 0);
      const held = [`${count(inputs.length, "input")} (${formatBytes(bytes)})`, count(outputs.length, "output")];
      const needs = Object.keys(tools).length > 0 ? `; it needs ${Object.keys(tools).join(", ")}` : "";
      terminal.note(`${terminal.style("good", "✓")} run ${short(run.id)} of ${run.task}: ${held.join(", ")}${needs}`);
      terminal.out(pathFrom(path, process.cwd()));
      return 0;
    }),
);
