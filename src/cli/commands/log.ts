import { jobFacts } from "../../record/job-facts.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { type Page, selectJobs, selectRuns, type Selection } from "../../record/select.ts";
import type { RunRow } from "../../store/types.ts";
import { findById } from "../find.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { JOB_COLUMNS, USUAL_JOB_COLUMNS } from "../reports/job-columns.ts";
import { RUN_COLUMNS, runFacts, USUAL_RUN_COLUMNS } from "../reports/run-columns.ts";
import { cellStyle, type Columns, readColumns, tableLines, tableValues, TIMES } from "../reports/table.ts";
import { checkTask, isSelective, PAGE, pageOf, readPage, readSelection, SELECTION } from "../selection.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";
import { showJob, showRun } from "./show.ts";

const OPTIONS = {
  ...SELECTION,
  endpoint: { type: "text", value: "<name>", doc: "only jobs of this endpoint; without it they are left out" },
  jobs: { type: "boolean", doc: "a table of jobs in place of runs, or of the tree of a run" },
  columns: { type: "text", value: "<names>", doc: "the columns of the table, such as id,task,memory" },
  ...PAGE,
  ...TIMES,
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** So many runs, or jobs, are shown where nothing is said. */
const USUAL = { runs: 20, jobs: 50 };

/** `ligase log` */
export const log = defineCommand(
  {
    usage: "log [run or job]",
    about: [
      "Lists the runs, newest first; shows one run as a tree of its jobs, or one job in full. An id may be shortened; @ is the newest run, @~1 the one before it. With --jobs it is a table of jobs: of one run, or of all. Each job of an endpoint is a run too: --endpoint lists those.",
      `Columns of runs: ${Object.keys(RUN_COLUMNS).join(", ")}.`,
      `Columns of jobs: ${Object.keys(JOB_COLUMNS).join(", ")}.`,
    ],
    examples: [
      "ligase log",
      "ligase log @ --failed",
      "ligase log --task align --failed --since 2d",
      "ligase log --jobs --input SRR1",
      "ligase log @ --columns id,task,duration,memory,memory-asked",
      "ligase log --jobs -n 0 --jsonl",
      "ligase log --endpoint fold --failed",
    ],
    options: OPTIONS,
  },
  { most: 1, paged: true },
  ({ options, words: [id] }, terminal) => {
    const wanted = readSelection(options);
    // There may be a thousand jobs of endpoints between two runs that somebody started.
    const isNarrow = id !== undefined || wanted.task !== undefined || wanted.tags !== undefined;
    const endpoint = options.endpoint ?? (isNarrow ? undefined : null);
    const selection: Selection = { ...wanted, ...(endpoint !== undefined && { endpoint }) };
    return withRecord(options.store, async (record) => {
      const found = id === undefined ? undefined : await findById(record.store, id);
      if (found?.kind === "job") await showJob(record, found.job, options, terminal);
      else if (options.jobs || (found && options.columns !== undefined)) {
        await listJobs(record, found?.run, selection, options, terminal);
      } else if (found) await showRun(record, found.run, selection, options, terminal);
      else await listRuns(record, selection, options, terminal);
      return 0;
    });
  },
);

async function listRuns(
  { store }: ProjectRecord,
  selection: Selection,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  refuseStates(selection);
  const page = readPage(options, USUAL.runs);
  const { rows, more } = await pageOf(page, (each) => selectRuns(store, selection, each));
  const facts = (run: RunRow) => runFacts(store, run);
  const shown = {
    columns: RUN_COLUMNS,
    usual: USUAL_RUN_COLUMNS,
    // The mark says the state.
    dispensable: ["tags", "state", "duration"],
    heads: options.columns !== undefined,
  };
  if (await printTable(rows, facts, shown, options, terminal)) return;
  if (rows.length === 0) await nothing("run", store, selection, options, terminal);
  else if (more) tellMore(page, terminal);
  await tellEndpoints(store, selection, options, terminal);
}

/** Jobs of endpoints would hide the runs that people started: it is said where they are. */
async function tellEndpoints(
  store: ProjectRecord["store"],
  { endpoint }: Selection,
  { json, jsonl }: Options,
  terminal: Terminal,
): Promise<void> {
  if (json || jsonl || endpoint !== null) return;
  const names = (await store.listEndpoints()).map(({ name }) => name);
  if (names.length === 0) return;
  const [first] = names;
  terminal.note(terminal.style("dim", `without the jobs of endpoints (${names.join(", ")}): --endpoint ${first}`));
}

async function listJobs(
  record: ProjectRecord,
  run: RunRow | undefined,
  selection: Selection,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const { store } = record;
  const page = readPage(options, USUAL.jobs);
  const of = run ? { run: run.id } : {};
  const { rows, more } = await pageOf(page, (each) => selectJobs(store, selection, { ...of, ...each }));
  const shown = {
    columns: JOB_COLUMNS,
    usual: USUAL_JOB_COLUMNS,
    dispensable: ["state", "memory", "started"],
    heads: true,
  };
  if (await printTable(rows, jobFacts(record), shown, options, terminal)) return;
  if (rows.length === 0) await nothing("job", store, selection, options, terminal);
  else if (more) tellMore(page, terminal);
}

/** What a table is made with. */
interface Shown<Facts> {
  readonly columns: Columns<Facts>;
  readonly usual: readonly string[];
  /** Of the usual ones those that may be left out. */
  readonly dispensable: readonly string[];
  readonly heads: boolean;
}

/**
 * Prints rows, as they are recorded for a program where no columns were asked for.
 *
 * @returns whether it was for a program
 */
async function printTable<Row, Facts>(
  rows: readonly Row[],
  factsOf: (row: Row) => Facts,
  { columns, usual, dispensable, heads }: Shown<Facts>,
  options: Options,
  terminal: Terminal,
): Promise<boolean> {
  const names = options.columns === undefined ? usual : readColumns(options.columns, columns);
  if (options.json || options.jsonl) {
    const answer = options.columns === undefined ? rows : await tableValues(rows.map(factsOf), names, columns);
    return printJson(options, answer, terminal);
  }
  if (rows.length === 0) return false;
  const style = cellStyle(options, terminal);
  const shape = { width: terminal.widthOut, heads, ...(names === usual && { dispensable }) };
  const lines = await tableLines(rows.map(factsOf), names, columns, style, shape);
  for (const line of lines) terminal.out(line);
  return false;
}

/** Runs are never cached or pending: who asks for that means jobs. */
function refuseStates({ states, task }: Selection): void {
  const ofJobs = states?.find((state) => state === "cached" || state === "pending");
  if (ofJobs === undefined || task !== undefined) return;
  throw usageError(
    "LIGASE_E_FLAG",
    `no run is ${ofJobs}, only a job may be`,
    `ligase log --jobs --state ${ofJobs} lists jobs`,
  );
}

async function nothing(
  what: "run" | "job",
  store: ProjectRecord["store"],
  selection: Selection,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  await checkTask(store, selection);
  const { page = 1 } = options;
  const none = isSelective(selection) ? `no ${what} is like that` : `there are no ${what}s here`;
  terminal.note(page > 1 ? `there is no page ${page}` : none);
}

function tellMore({ limit = 0, offset = 0 }: Page, terminal: Terminal): void {
  const next = offset / limit + 2;
  terminal.note(terminal.style("dim", `more: --page ${next}, or -n 0 for all`));
}
