import { formatDuration, LigaseError, parseDuration } from "../../kernel/index.ts";
import type { JobRow, RunFilter, RunRow, RunState, Store } from "../../store/types.ts";
import { jobReport } from "../terminal/job-report.ts";
import { runTree } from "../terminal/run-tree.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago, moment } from "../terminal/when.ts";
import type { Command } from "./index.ts";
import { commandHelp, type OptionSpec, readWords } from "./options.ts";
import { findById, openForReading, READING, short } from "./reading.ts";

const OPTIONS = {
  limit: { type: "value", value: "<n>", short: "n", doc: "how many runs (20)" },
  state: { type: "value", value: "<state>", doc: "only runs that are running, done, failed, cancelled or interrupted" },
  task: { type: "value", value: "<task>", doc: "only runs of this task; of one run, only its jobs" },
  tag: { type: "list", value: "<key=value>", doc: "only runs with this tag; may be repeated" },
  since: { type: "value", value: "<time>", doc: "only runs of the last 2h, 3d …" },
  failed: { type: "boolean", doc: "of one run, only what failed" },
  json: { type: "boolean", doc: "print JSON" },
  ...READING,
} as const satisfies Record<string, OptionSpec>;

const HELP = {
  usage: "ligase log [run or job]",
  about: ["Lists the runs, newest first; shows one run as a tree of its jobs, or one job in full. An id may be shortened."],
  examples: ["ligase log", "ligase log --state failed --since 2d", "ligase log 7k2m9q", "ligase log 7k2m9q --failed"],
  options: OPTIONS,
};

const STATES: readonly RunState[] = ["running", "done", "failed", "cancelled", "interrupted"];

/** `ligase log` */
export const log: Command = {
  help: (width) => Promise.resolve(commandHelp(HELP, width)),

  async run(argv, terminal) {
    const { options, words } = readWords("log", OPTIONS, argv);
    if (options.help) {
      terminal.out(await this.help(terminal.width));
      return 0;
    }
    const project = await openForReading(options.store);
    try {
      const [id] = words;
      if (id !== undefined) {
        const found = await findById(project.store, id);
        if (found.kind === "run") await showRun(project.store, found.run, options, terminal);
        else await showJob(project.store, found.job, options.json, terminal);
        return 0;
      }
      const filter = filterOf(options);
      const runs = await project.store.listRuns(filter);
      if (options.json) terminal.out(JSON.stringify(runs));
      else if (runs.length === 0) terminal.note("no run is like that");
      else for (const line of await runLines(project.store, runs, terminal)) terminal.out(line);
      return 0;
    } finally {
      await project.close();
    }
  },
};

function filterOf(options: ReturnType<typeof readWords<typeof OPTIONS>>["options"]): RunFilter {
  const { state, since, limit } = options;
  if (state !== undefined && !STATES.some((each) => each === state)) {
    throw new LigaseError("LIGASE_E_FLAG", `--state ${state} is no state of a run`, {
      facts: { exitCode: 2 },
      mend: `there are ${STATES.join(", ")}`,
    });
  }
  return {
    limit: limit === undefined ? 20 : Math.max(1, Number(limit) || 20),
    ...(state !== undefined && { state: state as RunState }),
    ...(options.task !== undefined && { task: options.task }),
    ...(since !== undefined && { since: Date.now() - parseDuration(since) }),
    ...(options.tag.length > 0 && {
      tags: Object.fromEntries(options.tag.map((each) => each.split(/=(.*)/s).slice(0, 2) as [string, string])),
    }),
  };
}

async function runLines(store: Store, runs: readonly RunRow[], terminal: Terminal): Promise<string[]> {
  const paint = terminal.styleOut;
  const rows = await Promise.all(
    runs.map(async (run) => {
      const counts = await store.countJobs(run.id);
      const count = (...states: string[]): number =>
        counts.filter((each) => states.includes(each.state)).reduce((sum, each) => sum + each.jobs, 0);
      const jobs = [
        count("done") > 0 && `${count("done")} done`,
        count("cached") > 0 && `${count("cached")} cached`,
        count("failed") > 0 && `${count("failed")} failed`,
        count("running", "pending") > 0 && `${count("running", "pending")} under way`,
      ].filter(Boolean);
      const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`);
      return [
        `${markOf(run.state, paint)} ${paint("accent", short(run.id))}`,
        run.task,
        ago(run.startedAt),
        run.endedAt === null ? "" : formatDuration(run.endedAt - run.startedAt),
        wordOf(run.state, paint),
        jobs.join(", "),
        paint("dim", tags.join(" ")),
      ];
    }),
  );
  return columns(rows, { width: terminal.width, right: [3] });
}

async function showRun(
  store: Store,
  run: RunRow,
  options: { json: boolean; failed: boolean; task: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const jobs = await store.listJobs({ run: run.id });
  if (options.json) {
    terminal.out(JSON.stringify({ ...run, jobs }));
    return;
  }
  const paint = terminal.styleOut;
  const took = run.endedAt === null ? "" : `, ${formatDuration(run.endedAt - run.startedAt)}`;
  terminal.out(`${markOf(run.state, paint)} run ${paint("accent", short(run.id))} ${paint("strong", run.task)}: ${run.state}, ${moment(run.startedAt)}${took}`);
  if (run.argv.length > 0) terminal.out(paint("dim", `  ${run.argv.join(" ")}`));
  if (run.gitCommit !== null) terminal.out(paint("dim", `  commit ${run.gitCommit.slice(0, 10)}${run.gitDirty ? ", with changes" : ""}`));
  const keep = (job: JobRow): boolean =>
    (!options.failed || job.state === "failed") && (options.task === undefined || job.task === options.task);
  for (const line of runTree(jobs, keep, terminal)) terminal.out(line);
}

async function showJob(store: Store, job: JobRow, json: boolean, terminal: Terminal): Promise<void> {
  if (json) terminal.out(JSON.stringify({ ...job, attempts: await store.listAttempts(job.id) }));
  else for (const line of await jobReport(store, job, terminal)) terminal.out(line);
}
