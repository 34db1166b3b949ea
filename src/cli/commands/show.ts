import { asTheyAre } from "../../record/liveness.ts";
import { openLinks } from "../../files/links/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { outputsIn } from "../../record/outputs.ts";
import { outline } from "../../record/outline.ts";
import { jobFilter, type Selection } from "../../record/select.ts";
import { storedValue } from "../../record/stored-value.ts";
import type { JobRow, RunRow, TaskRow } from "../../store/types.ts";
import { findSelected } from "../find.ts";
import { runHeader } from "../reports/run-header.ts";
import { runTree } from "../reports/run-tree.ts";
import { isSelective, readSelection, SELECTION } from "../selection.ts";
import type { Paint, Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { defineCommand, JSON_OUT, type JsonWanted, printJson, STORE } from "./command.ts";

/** `ligase show` */
export const show = defineCommand(
  {
    usage: "show [run, job, task, value or error]",
    about: [
      "Prints a run as a tree, a job in full, the recorded code of a task, a value by its hash, or what an error code means. Without a word it is the newest run, or the newest job that is like what the flags say.",
    ],
    examples: [
      "ligase show 7k2m9q",
      "ligase show --task align --failed",
      "ligase show align",
      "ligase show LIGASE_E_OUT_OF_MEMORY",
    ],
    options: { ...SELECTION, ...JSON_OUT, ...STORE },
  },
  { most: 1, paged: true },
  async ({ options, words: [what] }, terminal) => {
    if (what !== undefined && /^LIGASE_[EW]_/i.test(what)) return showError(what.toUpperCase(), options, terminal);
    const selection = readSelection(options);
    return withRecord(options.store, async (record) => {
      const { store } = record;
      const value =
        what !== undefined && /^[0-9a-f]{40}$/.test(what) ? (await store.findValues([what])).get(what) : undefined;
      if (value !== undefined) {
        if (options.json || options.jsonl) terminal.out(value);
        else terminal.out(JSON.stringify(storedValue(value, record), null, 2));
        return 0;
      }
      const versions = isSelective(selection) ? [] : (await store.listTasks()).filter((task) => task.name === what);
      if (versions.length > 0) {
        showTask(versions, options, terminal);
        return 0;
      }
      const found = await findSelected(store, what, selection, "run, job, task or value");
      if (found.kind === "run") await showRun(record, found.run, selection, options, terminal);
      else await showJob(record, found.job, options, terminal);
      return 0;
    });
  },
);

/** Prints a run as a tree; for a program with its jobs, all or those that are wanted. */
export async function showRun(
  record: ProjectRecord,
  recorded: RunRow,
  selection: Selection,
  wanted: JsonWanted,
  terminal: Terminal,
): Promise<void> {
  const { store } = record;
  const run = (await asTheyAre(store, [recorded]))[0]!;
  const filter = isSelective(selection) ? { filter: jobFilter(selection) } : {};
  if (wanted.json || wanted.jsonl) {
    const jobs = await store.listJobs({ ...filter.filter, run: run.id });
    printJson(wanted, { ...run, jobs }, terminal);
    return;
  }
  for (const line of runHeader(run, terminal)) terminal.out(line);
  for (const line of runTree(await outline(store, run.id, filter), terminal.styleOut, terminal.widthOut))
    terminal.out(line);
  for (const line of await outputsOf(record, run, terminal.styleOut)) terminal.out(line);
}

/** What a run's result hands to people, below its tree. */
async function outputsOf(record: ProjectRecord, { resultValue }: RunRow, paint: Paint): Promise<readonly string[]> {
  const text = resultValue === null ? undefined : (await record.store.findValues([resultValue])).get(resultValue);
  const outputs = text === undefined ? [] : outputsIn(text, record);
  if (outputs.length === 0) return [];
  const { outputLines } = await import("../reports/output-lines.ts");
  return outputLines(outputs, openLinks(record.storeDir, record.server), paint, "  ");
}

/** Prints all that is known of a job. */
export async function showJob(
  record: ProjectRecord,
  job: JobRow,
  wanted: JsonWanted,
  terminal: Terminal,
): Promise<void> {
  const { allAttempts, jobReport } = await import("../reports/job-report.ts");
  if (wanted.json || wanted.jsonl) {
    const { environmentOfJob } = await import("../../record/environments/index.ts");
    const [attempts, environment] = await Promise.all([
      allAttempts(record.store, job),
      environmentOfJob(record.store, job),
    ]);
    printJson(wanted, { ...job, attempts, environment: environment ?? null }, terminal);
    return;
  }
  for (const line of await jobReport(record, job, terminal)) terminal.out(line);
}

function showTask(versions: readonly TaskRow[], wanted: JsonWanted, terminal: Terminal): void {
  const newestFirst = versions.toSorted((a, b) => b.createdAt - a.createdAt);
  if (printJson(wanted, newestFirst, terminal)) return;
  for (const line of taskLines(newestFirst, terminal.styleOut)) terminal.out(line);
}

function taskLines(versions: readonly TaskRow[], paint: Paint): string[] {
  const { name, file, line, doc, code } = versions[0]!;
  const place = file === "" ? "part of Ligase" : `${file}:${line}`;
  const count = versions.length === 1 ? "1 version" : `${versions.length} versions`;
  return [`${paint("strong", name)}  ${place}  ${count}`, ...[doc, code].filter((text) => text !== "")];
}

async function showError(code: string, wanted: JsonWanted, terminal: Terminal): Promise<number> {
  const { errorEntry } = await import("../reports/error-codes.ts");
  const entry = errorEntry(code);
  if (printJson(wanted, entry, terminal)) return 0;
  terminal.out(terminal.styleOut("strong", entry.code));
  for (const text of [entry.when, entry.mend]) {
    for (const line of wrap(text, terminal.proseWidth - 2)) if (line !== "") terminal.out(`  ${line}`);
  }
  return 0;
}
