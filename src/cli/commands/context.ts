import {
  addContext,
  checkContext,
  contextsFile,
  findContext,
  isLoopback,
  LOCAL,
  readContexts,
  Remote,
  removeContext,
  selectContext,
  type ServerView,
} from "../../remote/index.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

const OPTIONS = {
  use: { type: "boolean", doc: "add: make it the current one" },
  "no-key": { type: "boolean", doc: "add: the server asks for none, or LIGASE_API_KEY has it" },
  "no-check": { type: "boolean", doc: "add: keep it without asking the server" },
  ...JSON_OUT,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const VERBS = ["add", "ls", "use", "show", "rm"] as const;
/** How long a server may take to answer, in milliseconds. */
const PATIENCE_MS = 10_000;

/** `ligase context` */
export const context = defineCommand(
  {
    usage: "context <add|ls|use|show|rm> [name] [url]",
    about: [
      "A context is a server that commands speak to, by a name, with the key that opens it: deploy, endpoint, worker, job, key and run take --context <name>. add keeps one, ls lists them, use says which one counts where none is named (local: the server of the project around here), show tells which that is, rm forgets one with its key.",
      "The key is asked for without showing it, or read from stdin; it is never a word of the command, which a shell would remember. It lies in a file that only you can read.",
      "LIGASE_CONTEXT in the environment stands before the current context, and may be an address; LIGASE_API_KEY stands before the key of a context.",
    ],
    examples: [
      "ligase context add team https://ligase.example.org",
      "pass show ligase | ligase context add team https://ligase.example.org --use",
      "ligase context ls",
      "ligase context use local",
      "ligase context rm team",
    ],
    options: OPTIONS,
  },
  { least: 1, most: 3 },
  async ({ options, words: [verb = "", name, url, ...more] }, terminal) => {
    const known = verbOf("context", VERBS, verb);
    const words = known === "add" ? 2 : known === "use" || known === "rm" ? 1 : 0;
    const given = [name, url, ...more].filter((word) => word !== undefined);
    if (given.length !== words) {
      const wanted = words === 2 ? "<name> <url>" : words === 1 ? "<name>" : "no words";
      throw usageError("LIGASE_E_FLAG", `ligase context ${known} takes ${wanted}`, "ligase context --help explains it");
    }
    switch (known) {
      case "add":
        return add(name ?? "", url ?? "", options, terminal);
      case "ls":
        return list(options, terminal);
      case "show":
        return show(options, terminal);
      case "use":
        selectContext(name ?? "");
        if (!printJson(options, { current: name }, terminal)) {
          terminal.out(name === LOCAL ? "the server of the project around here counts now" : `${name} counts now`);
        }
        return 0;
      default:
        removeContext(name ?? "");
        if (!printJson(options, [name], terminal)) terminal.out(`context ${name} is removed`);
        return 0;
    }
  },
);

async function add(name: string, given: string, options: Options, terminal: Terminal): Promise<number> {
  const url = given.replace(/\/+$/, "");
  // Before anybody is asked for a key: what is wrong with the words.
  checkContext({ name, url });
  const isNew = readContexts().contexts.every((each) => each.name !== name);
  const key = options["no-key"] ? undefined : await readKey(name);
  if (key === null) return 130;
  if (!options["no-check"]) await check({ url, key: key ?? process.env["LIGASE_API_KEY"] });
  addContext({ name, url, ...(key !== undefined && { key }) });
  if (options.use) selectContext(name);
  if (new URL(url).protocol === "http:" && !isLoopback(url)) {
    terminal.note(
      `${terminal.style("warn", "warning")} ${url} is not encrypted: whoever is on the way reads the key; put it behind https`,
    );
  }
  const isCurrent = readContexts().current === name;
  if (!printJson(options, { name, url, current: isCurrent }, terminal)) {
    if (!isCurrent)
      terminal.note(
        terminal.style("dim", `--context ${name} names it; ligase context use ${name} makes it the usual one`),
      );
    terminal.out(
      `context ${name} is ${isNew ? "added" : "changed"}${isCurrent ? ", and counts where none is named" : ""}`,
    );
  }
  return 0;
}

/** @returns null when it was broken off, nothing for an empty one */
async function readKey(name: string): Promise<string | undefined | null> {
  let text: string | undefined;
  if (process.stdin.isTTY) {
    const { askHidden } = await import("../terminal/ask-hidden.ts");
    text = await askHidden(`the key for ${name} (it is not shown; none: Enter): `);
    if (text === undefined) return null;
  } else {
    const { text: readAll } = await import("node:stream/consumers");
    text = await readAll(process.stdin);
  }
  const key = text.trim();
  if (/[^\x21-\x7e]/.test(key)) {
    throw usageError("LIGASE_E_CONTEXT", "this is no key: a key is one word", "ligase key create <name> prints one");
  }
  return key === "" ? undefined : key;
}

function check(options: { readonly url: string; readonly key: string | undefined }): Promise<ServerView> {
  return new Remote(options).ask<ServerView>("GET", "/server", undefined, AbortSignal.timeout(PATIENCE_MS));
}

function list(options: Options, terminal: Terminal): number {
  const { current, contexts } = readContexts();
  // The keys stay where they are.
  const rows = contexts.map(({ name, url, key }) => ({ name, url, key: key !== undefined, current: name === current }));
  if (printJson(options, rows, terminal)) return 0;
  if (rows.length === 0) terminal.note("there are no contexts: ligase context add <name> <url> adds one");
  const { styleOut: paint } = terminal;
  const lines = rows.map(({ name, url, key, current: isCurrent }) => [
    isCurrent ? "*" : " ",
    paint("strong", name),
    url,
    key ? "" : paint("dim", "no key"),
  ]);
  for (const line of columns(lines, { width: terminal.widthOut })) terminal.out(line);
  return 0;
}

function show(options: Options, terminal: Terminal): number {
  const found = findContext(undefined);
  const answer = found ? { name: found.name, url: found.url } : { name: LOCAL, url: null };
  if (printJson(options, { ...answer, file: contextsFile() }, terminal)) return 0;
  terminal.out(found ? `${found.name}  ${found.url}` : "local: the server of the project around here");
  return 0;
}
