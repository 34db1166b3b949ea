import { formatBytes } from "../../kernel/index.ts";
import { readSettings } from "../../record/open.ts";
import { baseOf, joined } from "../../volumes/path.ts";
import { type Place, placeOf, type Source, sourcesOf } from "../../volumes/transfer/index.ts";
import type { VolumeEntry } from "../../volumes/types.ts";
import { Volumes } from "../../volumes/volumes.ts";
import { walkVolume } from "../../volumes/walk.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { TIMES } from "../reports/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { isoTime, moment } from "../terminal/when.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";
import { inVolume } from "./in-volume.ts";

const OPTIONS = {
  long: { type: "boolean", short: "l", doc: "with sizes and times" },
  bytes: { type: "boolean", short: "b", doc: "with -l: sizes in bytes" },
  all: { type: "boolean", short: "a", doc: "names that begin with a dot, too" },
  recursive: { type: "boolean", short: "R", doc: "what is in folders, too" },
  ...TIMES,
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** More paths than anybody names. */
const MOST_WORDS = 10_000;

/** `ligase ls` */
export const ls = defineCommand(
  {
    usage: "ls [volume/path]...",
    about: [
      "Lists what is in a volume, or in a folder of it; without any path, the volumes. Patterns are looked up in the volume: quote them, so that the shell leaves them alone.",
    ],
    examples: [
      "ligase ls",
      "ligase ls sequences",
      "ligase ls -l 'sequences/plasmids/*.gb'",
      "ligase ls -R sequences --json",
    ],
    options: OPTIONS,
  },
  { most: MOST_WORDS, paged: true },
  async ({ options, words }, terminal) => {
    const { settings } = await readSettings(options.store);
    const volumes = new Volumes(settings.storeDir);
    const places = words.map((word) => inVolume(placeOf(word, volumes), word, volumes));
    const found = await sourcesOf(places, "list", false);
    const all = await Promise.all(found.all.map(followed));
    // A pattern may match folders: what is in them is not asked for then.
    const literal = new Set(places.map(({ shown }) => shown));
    const groups = words.length === 0 ? [volumeGroup(volumes)] : await groupsOf(all, literal, options);
    const told = groups.flatMap(({ entries }) => entries.map((each) => each.told));
    if (printJson(options, told, terminal)) return 0;
    print(groups, options, terminal);
    if (words.length === 0 && told.length === 0) {
      terminal.note("there are no volumes: ligase volume create <volume> makes one");
    }
    return 0;
  },
);

/** A link to a folder is listed as the folder; one that leads nowhere, or out of the volume, is only a link. */
async function followed(source: Source): Promise<Source> {
  if (source.entry.kind !== "link") return source;
  const entry = await source.volume?.stat(source.path).catch(() => undefined);
  return entry?.kind === "dir" ? { ...source, entry } : source;
}

interface Shown {
  readonly name: string;
  readonly entry: VolumeEntry;
  readonly told: Readonly<Record<string, unknown>>;
}

/** What stands together, below its folder's name where there are several. */
interface Group {
  readonly head: string | undefined;
  readonly entries: readonly Shown[];
}

function volumeGroup(volumes: Volumes): Group {
  const entries = volumes.names().map((name) => {
    const entry: VolumeEntry = { path: "", kind: "dir", size: 0, modifiedAt: 0, executable: false };
    return { name, entry, told: { path: name, kind: "volume" } };
  });
  return { head: undefined, entries };
}

async function groupsOf(all: readonly Source[], literal: ReadonlySet<string>, options: Options): Promise<Group[]> {
  const isListed = (source: Source): boolean =>
    source.entry.kind === "dir" && (literal.has(source.shown) || options.recursive);
  const single = all.filter((source) => !isListed(source)).map((source) => shown(source, source.entry, source.shown));
  const groups: Group[] = single.length > 0 ? [{ head: undefined, entries: single }] : [];
  for (const source of all.filter(isListed)) groups.push(await folderGroup(source, options, all.length > 1));
  return groups;
}

async function folderGroup({ volume, path, shown: head }: Source, options: Options, several: boolean): Promise<Group> {
  const entries: VolumeEntry[] = [];
  const isSeen = (each: string): boolean => options.all || !baseOf(each).startsWith(".");
  if (options.recursive) for await (const entry of walkVolume(volume!, path, isSeen)) entries.push(entry);
  else entries.push(...(await volume!.list(path)));
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const seen = entries.filter((entry) => isSeen(entry.path));
  const place = { volume };
  return {
    head: several ? head : undefined,
    entries: seen.map((entry) => shown(place, entry, path === "" ? entry.path : entry.path.slice(path.length + 1))),
  };
}

function shown({ volume }: Pick<Place, "volume">, entry: VolumeEntry, name: string): Shown {
  const { path, kind, size, modifiedAt, target } = entry;
  const told = {
    path: joined(volume?.name ?? "", path),
    kind,
    size,
    modifiedAt,
    ...(target !== undefined && { target }),
  };
  return { name, entry, told };
}

function print(groups: readonly Group[], options: Options, terminal: Terminal): void {
  const { styleOut: paint } = terminal;
  const time = (at: number): string =>
    options.iso || options.utc ? isoTime(at, options.utc) : moment(at).slice(0, 16);
  for (const [i, { head, entries }] of groups.entries()) {
    if (i > 0) terminal.out("");
    if (head !== undefined) terminal.out(`${head}:`);
    const rows = entries.map(({ name, entry: { kind, size, modifiedAt, target, executable } }) => {
      const label =
        kind === "dir"
          ? paint("accent", `${name}/`)
          : `${executable ? paint("good", name) : name}${target === undefined ? "" : paint("dim", ` → ${target}`)}`;
      if (!options.long) return [label];
      if (modifiedAt === 0) return ["", "", label];
      const amount = kind !== "file" ? "-" : options.bytes ? String(size) : formatBytes(size);
      return [amount, paint("dim", time(modifiedAt)), label];
    });
    for (const line of columns(rows, { right: options.long ? [0] : [], width: terminal.widthOut })) terminal.out(line);
  }
}
