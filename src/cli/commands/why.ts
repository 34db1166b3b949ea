import { findByIdOrTask, newestRun } from "../find.ts";
import { short } from "../../record/short.ts";
import { explain, isHit } from "../../record/explain/index.ts";
import { type Failure, failureOf, originOf } from "../../record/failure.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { ownerOf, SCRIPT } from "../../project/owner.ts";
import { runReasons } from "../../record/run-reasons.ts";
import { explanationLines } from "../reports/explanation.ts";
import { failureCard } from "../reports/failure-card.ts";
import { reasonLines } from "../reports/reasons.ts";
import { runHeader } from "../reports/run-header.ts";
import { wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { JobRow, RunRow, Store } from "../../store/types.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** How the answer is wanted. */
interface Wanted {
  readonly json: boolean;
  readonly jsonl: boolean;
}

/** `ligase why` */
export const why = defineCommand(
  {
    usage: "why [not] [run, job or task]",
    about: [
      "Explains why a job ran, was cached, or failed, by the nearest earlier call of its task: which declaration of its code, which argument, which package or image is not what it was, line by line and value by value, and the job above it that began it. A task stands for its newest job. Of a run, what ran is grouped by task and reason; without a word it is the newest run.",
      "why not explains the last dry run (ligase run … --dry-run): why the calls of a task, or of all tasks, would not be taken from the cache.",
      "Of a failure it shows the calls that led to it with their arguments, the first error, and the cause where it can be known: a missing program, too little memory, a file that a job above left empty.",
    ],
    examples: [
      "ligase why",
      "ligase why align",
      "ligase why 7k2m9q",
      "ligase why 7k2m9q --json",
      "ligase why not align",
    ],
    options: { ...JSON_OUT, ...STORE },
  },
  { most: 2, paged: true },
  async ({ options, words: [word, task] }, terminal) => {
    if (word === "not") return (await import("./why-not.ts")).whyNot(options, task, terminal);
    if (task !== undefined) throw usageError("LIGASE_E_FLAG", `ligase why takes one word, and there is also: ${task}`);
    return withRecord(options.store, async (record) => {
      const found =
        word === undefined
          ? ({ kind: "run", run: await newestRun(record.store) } as const)
          : await findByIdOrTask(record.store, word);
      if (found.kind === "run") await whyRun(record, found.run, options, terminal);
      else await whyJob(record, found.job, options, terminal);
      return 0;
    });
  },
);

async function whyRun(record: ProjectRecord, run: RunRow, wanted: Wanted, terminal: Terminal): Promise<void> {
  const { id, task, state } = run;
  const reasons = await runReasons(record, run);
  const [root] = await record.store.listJobs({ run: id, parent: null, states: ["failed"], limit: 1 });
  const failure = root && (await failureOf(record, await originOf(record.store, root)));
  if (printJson(wanted, { run: id, task, state, ...reasons, failure: failure ?? null }, terminal)) return;
  for (const line of runHeader(run, terminal)) terminal.out(line);
  for (const line of reasonLines(reasons, terminal.styleOut, terminal.widthOut)) terminal.out(line);
  if (!failure) return;
  await showFailure(failure, `ligase why ${short(failure.job)}`, terminal);
  // Those that only called what failed are told already, if they count: a body that was cached does not.
  const path = failure.path.filter((each) => [each, `${each} (its script)`].some((name) => name in reasons.failed));
  const others = Object.values(reasons.failed).reduce((sum, count) => sum + count, 0) - path.length;
  if (others > 0) {
    terminal.out("");
    terminal.out(`… and ${others} other failed ${others === 1 ? "job" : "jobs"}: ligase log ${short(id)} --failed`);
  }
}

async function whyJob(record: ProjectRecord, asked: JobRow, wanted: Wanted, terminal: Terminal): Promise<void> {
  const { store } = record;
  const owner = await ownerOf(store, asked);
  const job = await tellingJob(store, asked, owner);
  const explanation = await explain(record, job);
  const failure = job.state === "failed" ? await failureOf(record, await originOf(store, job)) : undefined;
  const { previous = null, failedBefore = null } = explanation;
  if (printJson(wanted, { ...explanation, job, previous, failedBefore, failure: failure ?? null }, terminal)) return;
  const paint = terminal.styleOut;
  const what = job.id === owner.id ? "" : ", its script; the body was cached";
  terminal.out(`job ${paint("accent", job.id)} ${paint("strong", owner.task)}: ${wordOf(job.state, paint)}${what}`);
  for (const line of explanationLines(explanation, { paint, width: terminal.widthOut })) terminal.out(line);
  if (failure) await showFailure(failure, `ligase log ${short(failure.job)}`, terminal);
}

/**
 * The job that has something to tell: what is said of a script is said of the task that built it, but a body that was
 * cached has its say by its script, if that ran.
 */
async function tellingJob(store: Store, asked: JobRow, owner: JobRow): Promise<JobRow> {
  if (!isHit(owner)) return owner;
  if (asked.id !== owner.id) return asked;
  const scripts = await store.listJobs({ run: owner.run, parent: owner.id, task: SCRIPT });
  return scripts.find((script) => !isHit(script)) ?? owner;
}

async function showFailure(failure: Failure, more: string, terminal: Terminal): Promise<void> {
  terminal.out("");
  const options = { paint: terminal.styleOut, width: terminal.widthOut, more, chain: true };
  for (const line of await failureCard(failure, options)) terminal.out(line);
}
