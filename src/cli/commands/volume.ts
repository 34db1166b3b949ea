import { readSettings } from "../../record/open.ts";
import { formatBytes } from "../../kernel/index.ts";
import type { VolumeInfo } from "../../volumes/index.ts";
import { Volumes } from "../../volumes/volumes.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE, verbOf } from "./command.ts";

const OPTIONS = {
  yes: { type: "boolean", short: "y", doc: "rm: do not ask" },
  force: { type: "boolean", short: "f", doc: "rm: do not ask, and a volume that is not there is no error" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const VERBS = ["create", "ls", "rm"] as const;

/** More volumes than anybody names. */
const MOST_WORDS = 1000;

/** `ligase volume` */
export const volume = defineCommand(
  {
    usage: "volume <create|ls|rm> [volume]...",
    about: [
      "A volume is a named folder that stays, and that tasks share: they name it with volume() in their options. create makes one (a task that mounts it does so, too), ls lists them with what they hold, rm removes them with all that is in them, and asks before.",
      "What lies in volumes is looked at and moved with ligase ls, cp, mv and rm.",
    ],
    examples: ["ligase volume create sequences", "ligase volume ls", "ligase volume rm sequences --yes"],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words: [verb = "", ...names] }, terminal) => {
    const known = verbOf("volume", VERBS, verb);
    if (known !== "ls" && names.length === 0) {
      throw usageError(
        "LIGASE_E_FLAG",
        `ligase volume ${known} needs <volume>`,
        `usage: ligase volume ${known} <volume>...`,
      );
    }
    const { settings } = await readSettings(options.store);
    const volumes = new Volumes(settings.storeDir);
    if (known === "create") return create(volumes, names, options, terminal);
    return known === "ls" ? list(volumes, names, options, terminal) : remove(volumes, names, options, terminal);
  },
);

function create(volumes: Volumes, names: readonly string[], options: Options, terminal: Terminal): number {
  const made = names.map((name) => ({ volume: name, created: volumes.create(name) }));
  if (printJson(options, made, terminal)) return 0;
  for (const { volume: name, created } of made) {
    terminal.out(created ? `volume ${name} is made` : `volume ${name} was there already`);
  }
  return 0;
}

async function list(volumes: Volumes, names: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const found: VolumeInfo[] = [];
  for (const name of names.length > 0 ? names : volumes.names()) found.push(await volumes.info(name));
  const told = found.map(({ name, files, bytes, modifiedAt }) => ({ volume: name, files, bytes, modifiedAt }));
  if (printJson(options, told, terminal)) return 0;
  if (found.length === 0) terminal.note("there are no volumes: ligase volume create <volume> makes one");
  const { styleOut: paint } = terminal;
  const rows = found.map(({ name, files, bytes, modifiedAt }) => [
    paint("strong", name),
    formatBytes(bytes),
    count(files, "file"),
    paint("dim", ago(modifiedAt)),
  ]);
  for (const line of columns(rows, { right: [1, 2], width: terminal.widthOut })) terminal.out(line);
  return 0;
}

async function remove(
  volumes: Volumes,
  names: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<number> {
  const there = options.force ? names.filter((name) => volumes.has(name)) : names;
  const found: VolumeInfo[] = [];
  // All of them are looked at before the first goes.
  for (const name of new Set(there)) found.push(await volumes.info(name));
  const full = found.filter(({ files }) => files > 0);
  if (full.length > 0 && !options.yes && !options.force) {
    const what = full.map(({ name, files, bytes }) => `${name} holds ${count(files, "file")} (${formatBytes(bytes)})`);
    if (options.json || options.jsonl || !canAsk(terminal)) {
      throw usageError("LIGASE_E_CONFIRM", `${what.join(", ")}, and nobody can be asked`, "--yes removes for good");
    }
    if (!(await ask(`${what.join(", ")}. Remove for good?`))) return 1;
  }
  for (const { name } of found) await volumes.remove(name);
  const gone = found.map(({ name, files, bytes }) => ({ volume: name, files, bytes }));
  if (printJson(options, gone, terminal)) return 0;
  for (const { name, bytes } of found)
    terminal.out(`volume ${name} is removed${bytes > 0 ? `, ${formatBytes(bytes)} freed` : ""}`);
  return 0;
}
