import type { ShellCommand } from "../../endpoints/pool/types.ts";
import type { Remote, WorkerView } from "../../remote/index.ts";
import { findId } from "../find-remote.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { REMOTE, remoteOf } from "../remote.ts";
import { printLogs } from "../remote-logs.ts";
import { workerLines } from "../reports/server-lines.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

const OPTIONS = {
  follow: { type: "boolean", short: "f", doc: "logs: go on until it ends, or Ctrl+C" },
  all: { type: "boolean", doc: "ls: also those that ended of late" },
  ...JSON_OUT,
  ...REMOTE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** More workers than anybody names. */
const MOST_WORDS = 1000;

/** `ligase worker` */
export const worker = defineCommand(
  {
    usage: "worker <ls|logs|shell|stop> [worker]...",
    about: [
      "Looks at the workers of a server: ls lists them (of one endpoint, if its name follows); logs prints what one wrote; shell opens a shell in what a live one sees, for the user of the server on its machine; stop ends workers, whose jobs go back into the queue. An id may be shortened.",
    ],
    examples: [
      "ligase worker ls",
      "ligase worker ls fold --all",
      "ligase worker logs 7k2m9q -f",
      "ligase worker shell 7k2m9q",
      "ligase worker stop 7k2m9q",
    ],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words: [verb = "", ...words] }, terminal) => {
    const known = verbOf("worker", ["ls", "logs", "shell", "stop"], verb);
    const one = known === "logs" || known === "shell";
    if ((known !== "ls" && words.length === 0) || (words.length > 1 && (one || known === "ls"))) {
      throw usageError(
        "LIGASE_E_FLAG",
        known === "ls"
          ? "ligase worker ls takes one endpoint"
          : `ligase worker ${known} needs ${one ? "one " : ""}<worker>`,
        "ligase worker ls lists them",
      );
    }
    const remote = await remoteOf(options);
    if (known === "ls") return list(remote, words[0], options, terminal);
    const all = await remote.ask<WorkerView[]>("GET", "/workers");
    const ids = await Promise.all(words.map((word) => idOf(remote, word, all)));
    const [id = ""] = ids;
    if (known === "logs") {
      await printLogs(remote, `/workers/${id}/logs`, { ...options, prefix: false }, terminal);
      return 0;
    }
    if (known === "shell") return shell(remote, id, all, terminal);
    for (const each of ids) await remote.ask("DELETE", `/workers/${each}`);
    if (printJson(options, ids, terminal)) return 0;
    for (const each of ids) terminal.out(`worker ${each} ends; what it had goes back into the queue`);
    return 0;
  },
);

/** One of those that are listed by its first letters; one of long ago in full. */
async function idOf(remote: Remote, word: string, all: readonly WorkerView[]): Promise<string> {
  if (all.some(({ id }) => id.startsWith(word))) {
    return findId(
      word,
      all.map(({ id }) => id),
      "worker",
    );
  }
  return (await remote.ask<WorkerView>("GET", `/workers/${encodeURIComponent(word)}`)).id;
}

async function list(
  remote: Remote,
  endpoint: string | undefined,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  // A name that is none is told of, with the nearest.
  if (endpoint !== undefined) await remote.ask("GET", `/endpoints/${encodeURIComponent(endpoint)}`);
  const query = endpoint === undefined ? "" : `?endpoint=${encodeURIComponent(endpoint)}`;
  const all = await remote.ask<WorkerView[]>("GET", `/workers${query}`);
  const shown = options.all ? all : all.filter(({ endedAt }) => endedAt === null);
  if (printJson(options, shown, terminal)) return 0;
  if (shown.length > 0) for (const line of workerLines(shown, terminal)) terminal.out(line);
  else terminal.note(all.length === 0 ? "there are no workers" : "no worker is alive: --all shows those that ended");
  return 0;
}

async function shell(remote: Remote, id: string, all: readonly WorkerView[], terminal: Terminal): Promise<number> {
  const { command, env, cwd } = await remote.ask<ShellCommand>("GET", `/workers/${id}/shell`);
  const of = all.find((each) => each.id === id);
  terminal.note(terminal.style("dim", `inside worker ${id}${of ? ` of ${of.endpoint}` : ""}; exit leaves it as it is`));
  const { runProgram } = await import("../shell/index.ts");
  return runProgram(command, cwd, { ...process.env, ...env });
}
