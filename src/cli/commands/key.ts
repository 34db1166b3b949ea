import { VERBS } from "../../endpoints/keys/index.ts";
import { nearest, parseDuration } from "../../kernel/index.ts";
import type { KeyView, Remote } from "../../remote/index.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { REMOTE, remoteOf } from "../remote.ts";
import type { Paint, Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago, moment } from "../terminal/when.ts";
import { findId } from "../find-remote.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

const OPTIONS = {
  verbs: { type: "text", value: "<verbs>", doc: "create: what it may do: read, submit, deploy, admin (submit)" },
  endpoint: { type: "list", value: "<endpoint>", doc: "create: only for this endpoint; may stand several times" },
  expires: { type: "text", value: "<duration>", doc: "create: how long it is good, such as 90d (until it is revoked)" },
  all: { type: "boolean", doc: "ls: also those that expired or were revoked" },
  ...JSON_OUT,
  ...REMOTE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** More keys than anybody names. */
const MOST_WORDS = 1000;

/** `ligase key` */
export const key = defineCommand(
  {
    usage: "key <create|ls|revoke> [key]...",
    about: [
      "Keys let others, and programs elsewhere, use a server: create makes one and prints it, this once; ls lists them with when they were last used; revoke takes them back at once. Commands and programs of the server's own user need none.",
      "A key may read (status, results, logs), submit (jobs, and cancel them; it may read, too), deploy, or admin (everything, keys too). With --endpoint it is good for these endpoints alone.",
    ],
    examples: [
      "ligase key create ci --verbs deploy --expires 90d",
      "ligase key create notebook --endpoint fold",
      "ligase key ls",
      "ligase key revoke ci",
    ],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words: [verb = "", ...words] }, terminal) => {
    const known = verbOf("key", ["create", "ls", "revoke"], verb);
    if (known === "ls" ? words.length > 0 : words.length === 0 || (known === "create" && words.length > 1)) {
      throw usageError(
        "LIGASE_E_FLAG",
        known === "ls" ? "ligase key ls takes no names" : `ligase key ${known} needs one name`,
        `usage: ligase key ${known}${known === "ls" ? "" : known === "create" ? " <name>" : " <key>..."}`,
      );
    }
    const wanted = known === "create" ? wantedOf(words[0] ?? "", options) : undefined;
    const remote = await remoteOf(options);
    if (wanted) return create(remote, wanted, options, terminal);
    return known === "ls" ? list(remote, options, terminal) : revoke(remote, words, options, terminal);
  },
);

/** What is asked for, as far as it can be told here whether it is right. */
function wantedOf(name: string, { verbs, endpoint, expires }: Options) {
  const words = (verbs ?? "submit").split(",").flatMap((word) => word.trim() || []);
  for (const word of words) {
    if (VERBS.some((each) => each === word)) continue;
    const near = nearest(word, VERBS);
    const mend = near === undefined ? `there are ${VERBS.join(", ")}` : `did you mean ${near}?`;
    throw usageError("LIGASE_E_FLAG", `--verbs: there is no verb ${word}`, mend);
  }
  return {
    name,
    verbs: words,
    ...(endpoint.length > 0 && { endpoints: endpoint }),
    ...(expires !== undefined && { expiresIn: durationOf(expires) }),
  };
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw usageError("LIGASE_E_FLAG", `--expires ${text} is no duration`, "write it as 12h or 90d");
  }
}

async function create(remote: Remote, wanted: object, options: Options, terminal: Terminal): Promise<number> {
  const made = await remote.ask<KeyView>("POST", "/keys", wanted);
  if (printJson(options, made, terminal)) return 0;
  const { style } = terminal;
  terminal.note(`key ${style("strong", made.name)} may ${scopeText(made)}${endText(made, Date.now())}`);
  terminal.note(style("dim", "it is shown this once: whoever has it may use it"));
  terminal.out(made.key ?? "");
  return 0;
}

async function list(remote: Remote, options: Options, terminal: Terminal): Promise<number> {
  const now = Date.now();
  const all = await remote.ask<KeyView[]>("GET", "/keys");
  const shown = options.all ? all : all.filter((each) => isGood(each, now));
  if (printJson(options, shown, terminal)) return 0;
  if (shown.length === 0) terminal.note("there are no keys: ligase key create <name> makes one");
  const rows = shown.map((each) => row(each, now, terminal.styleOut));
  for (const line of columns(rows, { width: terminal.widthOut })) terminal.out(line);
  return 0;
}

function row(each: KeyView, now: number, paint: Paint): string[] {
  const good = isGood(each, now);
  return [
    paint(good ? "strong" : "dim", each.name),
    paint("dim", each.id),
    paint("dim", each.hint),
    scopeText(each),
    each.usedAt === null ? paint("dim", "never used") : `used ${ago(each.usedAt, now)}`,
    stateText(each, now, paint),
  ];
}

function stateText({ revokedAt, expiresAt }: KeyView, now: number, paint: Paint): string {
  if (revokedAt !== null) return paint("warn", `revoked ${ago(revokedAt, now)}`);
  if (expiresAt === null) return "";
  return expiresAt <= now
    ? paint("warn", `expired ${ago(expiresAt, now)}`)
    : paint("dim", `until ${moment(expiresAt)}`);
}

function scopeText({ verbs, endpoints }: KeyView): string {
  return `${verbs.join(", ")}${endpoints === null ? "" : ` on ${endpoints.join(", ")}`}`;
}

function endText({ expiresAt }: KeyView, now: number): string {
  return expiresAt === null || expiresAt <= now ? "" : ` until ${moment(expiresAt)}`;
}

function isGood({ revokedAt, expiresAt }: KeyView, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

async function revoke(remote: Remote, words: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const now = Date.now();
  const all = await remote.ask<KeyView[]>("GET", "/keys");
  // Of one name there is one that is good.
  const byName = new Map(all.filter((each) => isGood(each, now)).map((each) => [each.name, each.id]));
  const names = new Map(all.map((each) => [each.id, each.name]));
  // All of them are found before the first goes.
  const ids = [...new Set(words.map((word) => byName.get(word) ?? findKey(word, all, byName.keys())))];
  for (const id of ids) await remote.ask("DELETE", `/keys/${encodeURIComponent(id)}`);
  const gone = ids.map((id) => ({ id, name: names.get(id) ?? id }));
  if (printJson(options, gone, terminal)) return 0;
  for (const { name } of gone) terminal.out(`key ${name} is revoked`);
  return 0;
}

function findKey(word: string, all: readonly KeyView[], names: Iterable<string>): string {
  const ids = all.map(({ id }) => id);
  if (ids.some((id) => id.startsWith(word))) return findId(word, ids, "key");
  // A name stands in full: a key that is revoked by mistake cannot be brought back.
  return findId(
    word,
    [...names].filter((name) => !name.startsWith(word)),
    "key",
  );
}
