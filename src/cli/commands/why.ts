import { findByIdOrTask, newestRun } from "../find.ts";
import { short } from "../../record/short.ts";
import { explain } from "../../record/explain/index.ts";
import { failureOf, originOf } from "../../record/failure.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { ownerOf, SCRIPT } from "../../project/owner.ts";
import { runReasons } from "../../record/run-reasons.ts";
import { explanationLines } from "../reports/explanation.ts";
import { failureCard } from "../reports/failure-card.ts";
import { runHeader } from "../reports/run-list.ts";
import { wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import type { JobRow, RunRow } from "../../store/types.ts";
import { defineCommand, STORE } from "./command.ts";

/** `ligase why` */
export const why = defineCommand(
  {
    usage: "why [run, job or task]",
    about: [
      "Explains why a job ran, was cached, or failed, by the nearest earlier call of its task: which declaration of its code, which argument, which package or image is not what it was. A task stands for its newest job. Of a run, what ran is grouped by task and reason; without a word it is the newest run.",
    ],
    examples: ["ligase why", "ligase why align", "ligase why 7k2m9q", "ligase why 7k2m9q --json"],
    options: { json: { type: "boolean", doc: "print JSON" }, ...STORE },
  },
  { most: 1 },
  ({ options: { json, store: folder }, words: [word] }, terminal) =>
    withRecord(folder, async (record) => {
      const found =
        word === undefined
          ? ({ kind: "run", run: await newestRun(record.store) } as const)
          : await findByIdOrTask(record.store, word);
      if (found.kind === "run") await whyRun(record, found.run, json, terminal);
      else await whyJob(record, found.job, json, terminal);
      return 0;
    }),
);

async function whyRun(record: ProjectRecord, run: RunRow, json: boolean, terminal: Terminal): Promise<void> {
  const { ran, cached, failed } = await runReasons(record, run);
  if (json) {
    terminal.out(JSON.stringify({ run: run.id, task: run.task, state: run.state, ran, cached, failed }));
    return;
  }
  const paint = terminal.styleOut;
  for (const line of runHeader(run, terminal)) terminal.out(line);
  const rows = ran.map(({ task, reason, count }) => [
    `  ${paint("strong", task)}`,
    `×${count}`,
    reason ?? paint("dim", "not looked at, there are so many"),
  ]);
  for (const line of columns(rows, { right: [1], width: terminal.widthOut })) terminal.out(line);
  if (ran.length === 0) terminal.out("  nothing ran");
  if (total(cached) > 0) terminal.out(paint("dim", `  ${total(cached)} cached: ${listed(cached)}`));
  if (total(failed) > 0) {
    terminal.out(
      `  ${paint("bad", `${total(failed)} failed`)}: ${listed(failed)}  ${paint("dim", `ligase why ${Object.keys(failed).at(-1)!.split(" ")[0]}`)}`,
    );
  }
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** So many tasks are named. */
const MOST_NAMES = 6;

function listed(counts: Readonly<Record<string, number>>): string {
  const each = Object.entries(counts).map(([task, count]) => (count === 1 ? task : `${task} ×${count}`));
  const rest = each.length - MOST_NAMES;
  return (rest > 0 ? [...each.slice(0, MOST_NAMES), `${rest} other tasks`] : each).join(", ");
}

async function whyJob(record: ProjectRecord, asked: JobRow, json: boolean, terminal: Terminal): Promise<void> {
  const { store } = record;
  // What is said of a script is said of the task that built it; a body that was cached has its say by its script.
  const owner = await ownerOf(store, asked);
  const job = asked.task === SCRIPT && owner.reason === "hit" ? asked : owner;
  const explanation = await explain(record, job);
  const failure = job.state === "failed" ? await failureOf(record, await originOf(store, job)) : undefined;
  if (json) {
    const { previous = null, failedBefore = null } = explanation;
    terminal.out(JSON.stringify({ ...explanation, job, previous, failedBefore, failure: failure ?? null }));
    return;
  }
  const paint = terminal.styleOut;
  terminal.out(`job ${paint("accent", job.id)} ${paint("strong", job.task)}: ${wordOf(job.state, paint)}`);
  for (const line of explanationLines(explanation, { paint, width: terminal.widthOut })) terminal.out(line);
  if (failure) {
    terminal.out("");
    const options = { paint, width: terminal.widthOut, more: `ligase log ${short(failure.job)}`, chain: true };
    for (const line of await failureCard(failure, options)) terminal.out(line);
  }
}
