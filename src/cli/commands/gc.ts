import { formatBytes, parseDuration } from "../../kernel/index.ts";
import { withRecord } from "../../record/open.ts";
import { selectRuns } from "../../record/select.ts";
import { short } from "../../record/short.ts";
import { collect, type Collected, type Plan, plan, type PlanOptions, takeInventory } from "../../retention/index.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { findRun } from "../find-run.ts";
import { type OptionSpecs, type OptionValues, readTags } from "../options.ts";
import { bytesOf, callsText, kindLines } from "../reports/space.ts";
import { checkTask, isSelective, readSelection, SELECTION } from "../selection.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { cut, wrap } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

const { failed, state, task, tag, input } = SELECTION;

const OPTIONS = {
  "older-than": { type: "text", value: "<time>", doc: "forget runs that ended longer ago: 30d, 12h" },
  "keep-last": { type: "number", value: "<n>", doc: "forget runs, but not the newest n of those that are meant" },
  failed: { ...failed, doc: "forget only runs that failed" },
  state: { ...state, doc: "forget only runs that are failed, cancelled, interrupted or done; may be repeated" },
  task: { ...task, doc: "forget only runs with a job of this task" },
  tag: { ...tag, doc: "forget only runs with this tag; may be repeated" },
  input: { ...input, doc: "forget only runs that were given this: a sample's name, a file's path, or a part of it" },
  endpoint: { type: "text", value: "<name>", doc: "forget only runs of jobs of this endpoint" },
  keep: { type: "list", value: "<key=value>", doc: "runs with this tag stay; may be repeated" },
  all: { type: "boolean", doc: "forget every run" },
  work: { type: "boolean", doc: "remove the work directories of runs that stay, too" },
  "dry-run": { type: "boolean", short: "n", doc: "only say what would go" },
  yes: { type: "boolean", short: "y", doc: "do not ask" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** More runs than anybody names. */
const MOST_WORDS = 1000;
/** So many runs are listed one by one. */
const MOST_RUNS = 5;

/** `ligase gc` */
export const gc = defineCommand(
  {
    usage: "gc [run]...",
    about: [
      "Frees what no recorded run needs: what a crash left, code and downloads that were replaced, and the results of runs that are forgotten. Which runs are forgotten you say, by name or by the flags; of several all must hold. Without any, all runs stay. Each job of an endpoint is a run too; --keep-last does not count those, unless --endpoint names one.",
      "Runs that are pinned (ligase pin) or go on always stay, with all that they need. A result that goes is computed again when it is asked for: before it goes you are told which tasks that means, and asked.",
      "It may be called while runs go on: what one of them needs is left alone.",
    ],
    examples: [
      "ligase gc",
      "ligase gc --older-than 30d --dry-run",
      "ligase gc --keep-last 10 --keep release=yes",
      "ligase gc --failed --older-than 2d --yes",
      "ligase gc --endpoint fold --older-than 7d --yes",
      "ligase gc 7k2m9q",
    ],
    options: OPTIONS,
  },
  { most: MOST_WORDS },
  ({ options, words }, terminal) =>
    withRecord(options.store, async (record) => {
      const chosen: PlanOptions = { runs: await chooseRuns(record.store, options, words), work: options.work };
      const planned = await plan(record, takeInventory(record.storeDir), chosen);
      const isSafe = planned.runs.length === 0 && planned.calls.length === 0 && !options.work;
      if (options["dry-run"]) {
        if (!printJson(options, factsOf(planned), terminal)) printPlan(planned, terminal);
        return 0;
      }
      if (!isSafe && !options.yes) {
        if (!options.json && !options.jsonl) printPlan(planned, terminal);
        if (!canAsk(terminal)) {
          throw usageError("LIGASE_E_CONFIRM", "results may go, and nobody can be asked", "say --yes, or --dry-run");
        }
        if (!(await ask("Go on?"))) return 1;
      }
      const collected = await collect(record, chosen, {
        onWait: ({ pid }) =>
          terminal.note(`waiting for another run on this store (process ${pid}) to say what it is at`),
      });
      if (!printJson(options, collected, terminal)) printCollected(collected, terminal);
      return 0;
    }),
);

async function chooseRuns(store: Store, options: Options, words: readonly string[]): Promise<readonly RunRow[]> {
  const olderThan = options["older-than"];
  const last = options["keep-last"];
  // Of all runs together the newest would be those of endpoints: the ones that people started would all go.
  const endpoint = options.endpoint ?? (last === undefined ? undefined : null);
  const selection = { ...readSelection({ ...options, since: undefined }), ...(endpoint !== undefined && { endpoint }) };
  const keep = options.keep.flatMap((word) => Object.entries(readTags([word])));
  const bySelection = options.all || olderThan !== undefined || last !== undefined || isSelective(selection);
  if (words.length > 0) {
    if (bySelection) {
      throw usageError("LIGASE_E_FLAG", "runs are named, or described by flags, not both", "leave one of them out");
    }
    return Promise.all(words.map((word) => findRun(store, word)));
  }
  if (!bySelection) {
    if (keep.length === 0) return [];
    throw usageError(
      "LIGASE_E_FLAG",
      "--keep says which runs stay, and none is to be forgotten",
      "with --all all others are",
    );
  }
  if (last !== undefined && (!Number.isInteger(last) || last < 0)) {
    throw usageError("LIGASE_E_FLAG", `--keep-last ${last} is no number of runs`);
  }
  await checkTask(store, selection);
  const before = olderThan === undefined ? Infinity : Date.now() - readAge(olderThan);
  const meant = (await selectRuns(store, selection)).filter(
    ({ startedAt, endedAt, tags }) =>
      (endedAt ?? startedAt) < before && !keep.some(([name, value]) => tags[name] === value),
  );
  return meant.slice(last ?? 0);
}

function readAge(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw usageError("LIGASE_E_FLAG", `--older-than ${text} is no duration`, "write 30d, 12h, 90m");
  }
}

/** A plan for a program. */
function factsOf({ runs, stay, calls, frees }: Plan): object {
  const ids = (list: readonly RunRow[]): string[] => list.map(({ id }) => id);
  return { runs: ids(runs), stay: ids(stay), calls, frees };
}

function printPlan({ runs, stay, calls, frees }: Plan, terminal: Terminal): void {
  const { styleOut: paint, widthOut, proseWidth } = terminal;
  if (frees.length === 0 && runs.length === 0 && calls.length === 0) terminal.out("nothing to free");
  if (runs.length > 0) {
    terminal.out(`${count(runs.length, "run")} would be forgotten`);
    for (const run of runs.slice(0, MOST_RUNS)) {
      terminal.out(
        cut(`  ${paint("accent", short(run.id))}  ${run.task}, ${run.state}, ${ago(run.startedAt)}`, widthOut),
      );
    }
    if (runs.length > MOST_RUNS) terminal.out(paint("dim", `  … and ${runs.length - MOST_RUNS} more`));
  }
  if (frees.length > 0) {
    terminal.out(`${paint("strong", formatBytes(bytesOf(frees)))} would be freed`);
    for (const line of kindLines(frees, paint, widthOut)) terminal.out(line);
  }
  if (calls.length > 0) {
    for (const line of wrap(`will run again when asked for: ${callsText(calls)}`, proseWidth)) terminal.out(line);
  }
  if (stay.length > 0) terminal.out(paint("dim", `kept: ${count(stay.length, "run")}, pinned or going on`));
}

function printCollected({ runs, calls, frees, beside }: Collected, terminal: Terminal): void {
  const { styleOut: paint, widthOut, proseWidth } = terminal;
  if (frees.length === 0 && runs.length === 0) terminal.out("nothing to free");
  else {
    const forgot = runs.length === 0 ? "" : `, ${count(runs.length, "run")} forgotten`;
    terminal.out(`${paint("strong", formatBytes(bytesOf(frees)))} freed${forgot}`);
    for (const line of kindLines(frees, paint, widthOut)) terminal.out(line);
  }
  if (calls.length > 0) {
    for (const line of wrap(`will run again when asked for: ${callsText(calls)}`, proseWidth)) terminal.out(line);
  }
  if (beside) {
    terminal.note("a run goes on: code, downloads and values were left for a time when none does");
  }
}
