import { openLinks } from "../../files/links/index.ts";
import { withRecord } from "../../record/open.ts";
import { runOutputs } from "../../record/outputs.ts";
import { short } from "../../record/short.ts";
import { findRun } from "../find-run.ts";
import { outputJson, outputLines } from "../reports/output-lines.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase outputs` */
export const outputs = defineCommand(
  {
    usage: "outputs [run]",
    about: [
      "Lists what the tasks of a run (the newest by default) handed to people with output(…): each with its size, what it holds, who made it, and a link that opens it in a browser.",
      "Links are made anew each time, and end after a day, or what server.links in the configuration says. They lead to ligase serve; while that does not run, the files' paths stand in their place.",
    ],
    examples: ["ligase outputs", "ligase outputs @~1", "ligase outputs @ --jsonl"],
    options: { ...JSON_OUT, ...STORE },
  },
  { most: 1, paged: true },
  ({ options, words: [id] }, terminal) =>
    withRecord(options.store, async (record) => {
      const run = await findRun(record.store, id);
      const found = await runOutputs(record, run.id);
      const links = openLinks(record.storeDir, record.server);
      const answer = found.map((output) => ({
        ...outputJson(output, links),
        at: output.at,
        task: output.task,
        job: output.job,
      }));
      if (printJson(options, answer, terminal)) return 0;
      if (found.length === 0) terminal.note(`run ${short(run.id)} of ${run.task} handed out nothing: output(…) does`);
      const noted = found.map((output) => ({ ...output, note: `${output.task} ${short(output.job)}` }));
      for (const line of outputLines(noted, links, terminal.styleOut)) terminal.out(line);
      return 0;
    }),
);
