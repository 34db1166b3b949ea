import type { EndpointView, Remote, WorkerView } from "../../remote/index.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { REMOTE, remoteOf } from "../remote.ts";
import { printLogs } from "../remote-logs.ts";
import { endpointFacts, endpointLines, workerLines } from "../reports/server-lines.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

const OPTIONS = {
  follow: { type: "boolean", short: "f", doc: "logs: go on until Ctrl+C" },
  min: { type: "number", value: "<n>", doc: "scale: so many workers at least" },
  max: { type: "number", value: "<n>", doc: "scale: so many workers at most" },
  yes: { type: "boolean", short: "y", doc: "purge: do not ask" },
  ...JSON_OUT,
  ...REMOTE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** `ligase endpoint` */
export const endpoint = defineCommand(
  {
    usage: "endpoint <ls|show|logs|scale|purge> [endpoint]",
    about: [
      "Looks at what a server serves: ls lists the endpoints with their queues and workers, and says why jobs wait; show tells all of one; logs prints what its workers write. Times are those of the last five minutes: 95 % of jobs were faster.",
      "scale changes how many workers there are at least and at most, until the app is deployed with other numbers; purge removes the jobs that wait, and asks before.",
    ],
    examples: [
      "ligase endpoint ls",
      "ligase endpoint show fold",
      "ligase endpoint logs fold -f",
      "ligase endpoint scale fold --min 1 --max 8",
      "ligase endpoint purge fold --yes",
    ],
    options: OPTIONS,
  },
  { least: 1, most: 2 },
  async ({ options, words: [verb = "", name] }, terminal) => {
    const known = verbOf("endpoint", ["ls", "show", "logs", "scale", "purge"], verb);
    if (known !== "ls" && name === undefined) {
      throw usageError("LIGASE_E_FLAG", `ligase endpoint ${known} needs <endpoint>`, "ligase endpoint ls lists them");
    }
    if (known === "scale") checkScale(options);
    const remote = await remoteOf(options);
    if (known === "ls") return list(remote, name, options, terminal);
    const path = `/endpoints/${encodeURIComponent(name ?? "")}`;
    switch (known) {
      case "show":
        return show(remote, path, options, terminal);
      case "logs":
        await printLogs(remote, `${path}/logs`, { ...options, prefix: true }, terminal);
        return 0;
      case "scale":
        return scale(remote, path, options, terminal);
      default:
        return purge(remote, path, options, terminal);
    }
  },
);

async function list(remote: Remote, name: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  const all =
    name === undefined
      ? await remote.ask<EndpointView[]>("GET", "/endpoints")
      : [await remote.ask<EndpointView>("GET", `/endpoints/${encodeURIComponent(name)}`)];
  if (printJson(options, all, terminal)) return 0;
  if (all.length === 0) terminal.note("there are no endpoints: ligase deploy <file> brings some");
  else for (const line of endpointLines(all, terminal)) terminal.out(line);
  return 0;
}

async function show(remote: Remote, path: string, options: Options, terminal: Terminal): Promise<number> {
  const found = await remote.ask<EndpointView>("GET", path);
  const all = await remote.ask<WorkerView[]>("GET", `/workers?endpoint=${encodeURIComponent(found.name)}`);
  if (printJson(options, { ...found, workerList: all }, terminal)) return 0;
  for (const line of endpointFacts(found, remote.url, terminal)) terminal.out(line);
  const live = all.filter(({ endedAt }) => endedAt === null);
  if (live.length > 0) for (const line of ["", ...workerLines(live, terminal)]) terminal.out(line);
  return 0;
}

function checkScale({ min, max }: Options): void {
  if (min === undefined && max === undefined) {
    throw usageError(
      "LIGASE_E_FLAG",
      "ligase endpoint scale needs --min or --max",
      "ligase endpoint scale fold --max 8",
    );
  }
  for (const [name, value] of Object.entries({ min, max })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0)) {
      throw usageError("LIGASE_E_FLAG", `--${name} ${value} is no number of workers`, "write a whole number");
    }
  }
}

async function scale(remote: Remote, path: string, options: Options, terminal: Terminal): Promise<number> {
  const { min, max } = options;
  const scaled = await remote.ask<EndpointView>("POST", `${path}/scale`, {
    ...(min !== undefined && { minWorkers: min }),
    ...(max !== undefined && { maxWorkers: max }),
  });
  if (printJson(options, scaled, terminal)) return 0;
  terminal.out(`endpoint ${scaled.name} has ${scaled.minWorkers} to ${scaled.maxWorkers} workers from now on`);
  return 0;
}

async function purge(remote: Remote, path: string, options: Options, terminal: Terminal): Promise<number> {
  const { name, jobs } = await remote.ask<EndpointView>("GET", path);
  if (jobs.inQueue > 0 && !options.yes) {
    const what = `${count(jobs.inQueue, "job")} of ${name} would be removed`;
    if (options.json || options.jsonl || !canAsk(terminal)) {
      throw usageError("LIGASE_E_CONFIRM", `${what}, and nobody can be asked`, "--yes removes them");
    }
    if (!(await ask(`${what}. Remove them for good?`))) return 1;
  }
  const answer = await remote.ask<{ removed: number }>("POST", `${path}/purge`);
  if (printJson(options, { endpoint: name, ...answer }, terminal)) return 0;
  terminal.out(`${count(answer.removed, "job")} of ${name} removed`);
  return 0;
}
