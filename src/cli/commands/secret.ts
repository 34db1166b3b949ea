import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { LigaseError } from "../../kernel/index.ts";
import { findProject, openProject, openProjectToRead, type Project } from "../../project/project.ts";
import { checkSecretName, openSecrets } from "../../secrets/index.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE, verbOf } from "./command.ts";

const OPTIONS = {
  "from-file": { type: "text", value: "<file>", doc: "set: the value is what this file holds" },
  force: { type: "boolean", short: "f", doc: "rm: a secret that is not there is no error" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const VERBS = ["set", "ls", "rm"] as const;

/** More secrets than anybody names. */
const MOST_WORDS = 1000;

/** `ligase secret` */
export const secret = defineCommand(
  {
    usage: "secret <set|ls|rm> [secret]...",
    about: [
      'A secret is a value that tasks get as an environment variable when they name it (secrets: ["NCBI_API_KEY"]), and that nobody sees: it is encrypted in the store, and taken out of logs, errors, reports and exports. set keeps one, ls lists their names, rm forgets them.',
      "The value is asked for without showing it, or read from stdin or a file; it is never a word of the command, which a shell would remember. The newline at the end of a single line is no part of it.",
      "The key is a file of yours that the first secret makes, or LIGASE_SECRETS_KEY in the environment. LIGASE_SECRET_<NAME> in the environment stands before what is in the store.",
    ],
    examples: [
      "ligase secret set NCBI_API_KEY",
      "pass show ncbi | ligase secret set NCBI_API_KEY",
      "ligase secret set SSH_KEY --from-file ~/.ssh/deploy",
      "ligase secret ls",
      "ligase secret rm NCBI_API_KEY",
    ],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words: [verb = "", ...names] }, terminal) => {
    const known = verbOf("secret", VERBS, verb);
    if (known === "ls") return list(names, options, terminal);
    if (names.length === 0) {
      throw usageError(
        "LIGASE_E_FLAG",
        `ligase secret ${known} needs <secret>`,
        `usage: ligase secret ${known} <secret>`,
      );
    }
    return known === "set" ? set(names, options, terminal) : remove(names, options, terminal);
  },
);

async function set([name = "", ...more]: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  if (more.length > 0 || name.includes("=")) {
    // Whatever it is, it may be the value.
    throw usageError(
      "LIGASE_E_FLAG",
      "ligase secret set takes a name alone: a value on the command line is seen by others, and kept by your shell",
      "give it when asked, on stdin, or with --from-file; and consider changing the one you typed",
    );
  }
  checkSecretName(name);
  const value = await valueOf(name, options);
  if (value === undefined) return 130;
  return withProject(options, openProject, async ({ store }) => {
    const replaced = await openSecrets(store).set(name, value);
    if (value.length < 4) terminal.note(`${name} is shorter than 4 characters: it is not taken out of logs`);
    if (!printJson(options, { name, replaced }, terminal)) {
      terminal.out(`secret ${name} is ${replaced ? "changed" : "set"}`);
    }
    return 0;
  });
}

/** Nothing when it was broken off. */
async function valueOf(name: string, options: Options): Promise<string | undefined> {
  const path = options["from-file"];
  if (path !== undefined) {
    try {
      return withoutNewline(textOf(readFileSync(path), name));
    } catch (error) {
      throw error instanceof LigaseError ? error : fsError(error, path, "read the secret in");
    }
  }
  if (process.stdin.isTTY) {
    const { askHidden } = await import("../terminal/ask-hidden.ts");
    return askHidden(`${name} (it is not shown): `);
  }
  const { buffer } = await import("node:stream/consumers");
  return withoutNewline(textOf(await buffer(process.stdin), name));
}

function textOf(bytes: Buffer, name: string): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  throw new LigaseError("LIGASE_E_SECRET", `this cannot be the value of the secret ${name}: it is no text in UTF-8`, {
    facts: { secret: name },
    mend: "encode it: base64",
  });
}

/** `echo` and editors end a line; a text of several lines (a private key) needs its last newline. */
function withoutNewline(text: string): string {
  const line = text.replace(/\r?\n$/, "");
  return line.includes("\n") ? text : line;
}

async function list(names: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  if (names.length > 0)
    throw usageError("LIGASE_E_FLAG", `ligase secret ls takes no names, and there is also: ${names.join(" ")}`);
  return withProject(options, openProjectToRead, async ({ store }) => {
    const all = await openSecrets(store).list();
    if (printJson(options, all, terminal)) return 0;
    if (all.length === 0) terminal.note("there are no secrets: ligase secret set <name> sets one");
    const { styleOut: paint } = terminal;
    const rows = all.map(({ name, from, updatedAt }) => [
      paint("strong", name),
      paint("dim", updatedAt === null ? "" : `set ${ago(updatedAt)}`),
      from === "environment" ? paint("warn", `LIGASE_SECRET_${name} in the environment`) : "",
    ]);
    for (const line of columns(rows, { width: terminal.widthOut })) terminal.out(line);
    return 0;
  });
}

async function remove(names: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  return withProject(options, openProject, async ({ store }) => {
    const known = new Set((await store.listSecrets()).map(({ name }) => name));
    const gone = [...new Set(options.force ? names.filter((name) => known.has(name)) : names)];
    await openSecrets(store).remove(gone);
    if (!printJson(options, gone, terminal)) {
      terminal.out(gone.length === 1 ? `secret ${gone[0]} is removed` : `${count(gone.length, "secret")} removed`);
    }
    return 0;
  });
}

async function withProject(
  { store }: Options,
  open: typeof openProject,
  work: (project: Project) => Promise<number>,
): Promise<number> {
  const project = await open(findProject(process.cwd()), store === undefined ? {} : { store: resolve(store) });
  try {
    return await work(project);
  } finally {
    await project.close();
  }
}
