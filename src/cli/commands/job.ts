import type { JobView, Remote } from "../../remote/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { findId } from "../find-remote.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { REMOTE, remoteOf } from "../remote.ts";
import { jobFactLines, jobLines } from "../reports/server-lines.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

/** So many are shown where nothing is said. */
const USUAL = 20;
/** An id may be shortened if the job is among so many recent ones. */
const RECENT = 1000;

const OPTIONS = {
  state: { type: "text", value: "<states>", doc: "ls: only in these states, such as failed,timed_out" },
  limit: { type: "number", short: "n", value: "<n>", doc: `ls: so many at most (${USUAL})` },
  ...JSON_OUT,
  ...REMOTE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** More jobs than anybody names. */
const MOST_WORDS = 1000;

/** `ligase job` */
export const job = defineCommand(
  {
    usage: "job <ls|show|cancel|retry> [job]...",
    about: [
      "Looks at the jobs of a server's endpoints: ls lists them, newest first (of one endpoint, if its name follows), and says why those that wait do; show prints one with its input, output and error; cancel ends jobs; retry queues those again that failed or timed out. An id may be shortened.",
    ],
    examples: [
      "ligase job ls",
      "ligase job ls fold --state failed,timed_out -n 100",
      "ligase job show 3f0c",
      "ligase job cancel 3f0c",
      "ligase job retry 3f0c",
    ],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words: [verb = "", ...words] }, terminal) => {
    const known = verbOf("job", ["ls", "show", "cancel", "retry"], verb);
    if (known === "ls" ? words.length > 1 : words.length === 0 || (known === "show" && words.length > 1)) {
      throw usageError(
        "LIGASE_E_FLAG",
        known === "ls" ? "ligase job ls takes one endpoint" : `ligase job ${known} needs <job>`,
        "ligase job ls lists them",
      );
    }
    const remote = await remoteOf(options);
    if (known === "ls") return list(remote, words[0], options, terminal);
    if (known === "show") {
      const found = await findJob(remote, words[0] ?? "");
      if (printJson(options, found, terminal)) return 0;
      for (const line of jobFactLines(found, terminal)) terminal.out(line);
      return 0;
    }
    const ids: string[] = [];
    // All of them are found before the first is touched.
    for (const word of words) ids.push((await findJob(remote, word)).id);
    const told: JobView[] = [];
    for (const id of ids) told.push(await remote.ask<JobView>("POST", `/jobs/${encodeURIComponent(id)}/${known}`));
    if (printJson(options, told, terminal)) return 0;
    for (const { id, status } of told) terminal.out(`job ${id} is ${status}`);
    return 0;
  },
);

async function list(
  remote: Remote,
  endpoint: string | undefined,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  const { state, limit = USUAL } = options;
  // A name that is none is told of, with the nearest.
  if (endpoint !== undefined) await remote.ask("GET", `/endpoints/${encodeURIComponent(endpoint)}`);
  const query = new URLSearchParams({
    limit: String(limit),
    ...(endpoint !== undefined && { endpoint }),
    ...(state !== undefined && { state }),
  });
  const jobs = await remote.ask<JobView[]>("GET", `/jobs?${query.toString()}`);
  if (printJson(options, jobs, terminal)) return 0;
  if (jobs.length === 0) terminal.note("there are no such jobs");
  else for (const line of jobLines(jobs, terminal)) terminal.out(line);
  return 0;
}

async function findJob(remote: Remote, word: string): Promise<JobView> {
  try {
    return await remote.ask<JobView>("GET", `/jobs/${encodeURIComponent(word)}`);
  } catch (error) {
    if (!(error instanceof LigaseError && error.code === "LIGASE_E_ID")) throw error;
    const recent = await remote.ask<JobView[]>("GET", `/jobs?limit=${RECENT}`);
    const id = findId(
      word,
      recent.map((each) => each.id),
      "job",
    );
    return remote.ask<JobView>("GET", `/jobs/${encodeURIComponent(id)}`);
  }
}
