import { LigaseError } from "../../kernel/index.ts";
import { compareRuns } from "../../record/compare/index.ts";
import { withRecord } from "../../record/open.ts";
import { short } from "../../record/short.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { findById, newestRun } from "../find.ts";
import { comparisonLines } from "../reports/comparison.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase diff` */
export const diff = defineCommand(
  {
    usage: "diff [run] [run]",
    about: [
      "Says what differs between two runs: code by declaration, arguments and results by place, files by content, what ran and what was cached, how long it took, versions of tools and packages, the environments of tasks, and failures. With one run, that and the one before it of the same task; without, the newest.",
    ],
    examples: ["ligase diff", "ligase diff 7k2m9q", "ligase diff 7k2m9q 9x4tbv", "ligase diff 7k2m9q 9x4tbv --json"],
    options: { ...JSON_OUT, ...STORE },
  },
  { most: 2, paged: true },
  ({ options, words: [first, second] }, terminal) =>
    withRecord(options.store, async (record) => {
      const { store } = record;
      const named = first === undefined ? await newestRun(store) : await runNamed(store, first);
      const [before, after] =
        second === undefined ? [await runBefore(store, named), named] : [named, await runNamed(store, second)];
      const comparison = await compareRuns(record, before, after);
      if (printJson(options, comparison, terminal)) return 0;
      for (const line of comparisonLines(comparison, terminal.styleOut, terminal.widthOut)) terminal.out(line);
      return 0;
    }),
);

async function runNamed(store: Store, word: string): Promise<RunRow> {
  const found = await findById(store, word);
  if (found.kind === "run") return found.run;
  const { job } = found;
  throw usageError(
    "LIGASE_E_ID",
    `${word} is a job, and only runs are compared`,
    `its run is ${short(job.run)}; ligase why ${short(job.id)} compares the job with an earlier one`,
    { id: word },
  );
}

/** The run of the same task that came before. */
async function runBefore(store: Store, { id, task, startedAt }: RunRow): Promise<RunRow> {
  // Those of one millisecond are taken in the order in which they are listed.
  for (let offset = 0; ; offset += PAGE) {
    const page = await store.listRuns({ task, limit: PAGE, offset });
    const at = page.findIndex((run) => run.id === id);
    const next = at === -1 ? page.find((run) => run.startedAt < startedAt) : page[at + 1];
    if (next) return next;
    if (page.length < PAGE) {
      throw new LigaseError("LIGASE_E_NO_RUN", `${short(id)} is the first run of ${task}`, {
        mend: "name two runs: ligase diff <run> <run>; ligase log lists them",
      });
    }
  }
}

const PAGE = 50;
