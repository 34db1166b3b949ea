import { parseDuration } from "../../kernel/index.ts";
import type { JobFilter, JobRow, RunFilter, RunRow, RunState } from "../../store/types.ts";
import { findById } from "../find.ts";
import { asTheyAre } from "../../record/liveness.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { outline } from "../../record/outline.ts";
import { runHeader, runList } from "../reports/run-list.ts";
import { runTree } from "../reports/run-tree.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, STORE } from "./command.ts";
import { type OptionSpecs, type OptionValues, readTags } from "../options.ts";

const OPTIONS = {
  limit: { type: "number", value: "<n>", short: "n", doc: "how many runs (20)" },
  state: { type: "text", value: "<state>", doc: "only runs that are running, done, failed, cancelled or interrupted" },
  task: { type: "text", value: "<task>", doc: "only runs of this task; of one run, only its jobs" },
  tag: { type: "list", value: "<key=value>", doc: "only runs with this tag; may be repeated" },
  since: { type: "text", value: "<time>", doc: "only runs of the last 2h, 3d …" },
  failed: { type: "boolean", doc: "of one run, only what failed" },
  json: { type: "boolean", doc: "print JSON" },
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const STATES: readonly RunState[] = ["running", "done", "failed", "cancelled", "interrupted"];

/** `ligase log` */
export const log = defineCommand(
  {
    usage: "log [run or job]",
    about: [
      "Lists the runs, newest first; shows one run as a tree of its jobs, or one job in full. An id may be shortened.",
    ],
    examples: ["ligase log", "ligase log --state failed --since 2d", "ligase log 7k2m9q", "ligase log 7k2m9q --failed"],
    options: OPTIONS,
  },
  { most: 1 },
  ({ options, words: [id] }, terminal) => {
    const filter = filterOf(options);
    return withRecord(options.store, async (record) => {
      if (id === undefined) await showRuns(record, filter, options.json, terminal);
      else {
        const found = await findById(record.store, id);
        if (found.kind === "run") await showRun(record, found.run, options, terminal);
        else await showJob(record, found.job, options.json, terminal);
      }
      return 0;
    });
  },
);

function filterOf({ state, since, limit, task, tag }: Options): RunFilter {
  const wanted = STATES.find((each) => each === state);
  if (state !== undefined && wanted === undefined) {
    throw usageError("LIGASE_E_FLAG", `--state ${state} is no state of a run`, `there are ${STATES.join(", ")}`);
  }
  return {
    limit: limit === undefined ? 20 : Math.max(1, Math.floor(limit)),
    ...(wanted !== undefined && { states: [wanted] }),
    ...(task !== undefined && { task }),
    ...(since !== undefined && { since: Date.now() - parseDuration(since) }),
    ...(tag.length > 0 && { tags: readTags(tag) }),
  };
}

async function showRuns({ store }: ProjectRecord, filter: RunFilter, json: boolean, terminal: Terminal): Promise<void> {
  const runs = await asTheyAre(store, await store.listRuns(filter));
  if (json) terminal.out(JSON.stringify(runs));
  else if (runs.length === 0) terminal.note("no run is like that");
  else for (const line of await runList(store, runs, terminal)) terminal.out(line);
}

/** Prints a run as a tree. */
export async function showRun(
  { store }: ProjectRecord,
  recorded: RunRow,
  { json, failed, task }: { readonly json: boolean; readonly failed?: boolean; readonly task?: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const run = (await asTheyAre(store, [recorded]))[0]!;
  const filter: JobFilter = { ...(failed && { states: ["failed"] }), ...(task !== undefined && { task }) };
  if (json) {
    terminal.out(JSON.stringify({ ...run, jobs: await store.listJobs({ run: run.id }) }));
    return;
  }
  for (const line of runHeader(run, terminal)) terminal.out(line);
  const groups = await outline(store, run.id, Object.keys(filter).length > 0 ? { filter } : {});
  for (const line of runTree(groups, terminal.styleOut)) terminal.out(line);
}

/** Prints all that is known of a job. */
export async function showJob(record: ProjectRecord, job: JobRow, json: boolean, terminal: Terminal): Promise<void> {
  if (json) {
    terminal.out(JSON.stringify({ ...job, attempts: await record.store.listAttempts(job.id) }));
    return;
  }
  const { jobReport } = await import("../reports/job-report.ts");
  for (const line of await jobReport(record, job, terminal.styleOut)) terminal.out(line);
}
