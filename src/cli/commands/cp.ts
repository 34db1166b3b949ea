import { pipeline } from "node:stream/promises";
import { formatBytes, LigaseError } from "../../kernel/index.ts";
import { readSettings } from "../../record/open.ts";
import {
  below,
  copyAll,
  type CopyPlan,
  type Place,
  placeOf,
  planCopy,
  sourcesOf,
} from "../../volumes/transfer/index.ts";
import { Volumes } from "../../volumes/volumes.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { bytesSoFar } from "../terminal/bytes-so-far.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";
import { inVolume, noVolume } from "./in-volume.ts";

const OPTIONS = {
  recursive: { type: "boolean", short: "r", doc: "folders with all that is in them, too" },
  "no-clobber": { type: "boolean", short: "n", doc: "leave files alone that are there already" },
  quiet: { type: "boolean", short: "q", doc: "say nothing of what was copied" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** As many files as a shell makes of a pattern. */
const MOST_WORDS = 100_000;

/** `ligase cp` */
export const cp = defineCommand(
  {
    usage: "cp <from>... <to>",
    about: [
      "Copies files into a volume, out of one, or from one to another. A word is a path in a volume when it begins with the name of one (sequences/a.gb); else, and always when it begins with ./, ../ or /, it is a path of this machine. - stands for stdin and stdout.",
      "As with cp, several go into a folder; one goes into a folder that is there or is written with a slash at its end, which is made where it is missing. Files appear whole: who reads them sees the old content or the new. Times and executable bits are kept.",
    ],
    examples: [
      "ligase cp pUC19.gb sequences/",
      "ligase cp 'sequences/plasmids/*.gb' ./out/",
      "ligase cp -r ./records sequences/2026",
      "ligase cp sequences/pUC19.gb - | head",
    ],
    options: OPTIONS,
  },
  { least: 2, most: MOST_WORDS },
  async ({ options, words }, terminal) => {
    const { settings } = await readSettings(options.store);
    const volumes = new Volumes(settings.storeDir);
    const [target, from] = [words.at(-1)!, words.slice(0, -1)];
    if (target === "-") return toStdout(from, volumes, terminal);
    const to = placeOf(target, volumes);
    if (from.includes("-")) return fromStdin(from, inVolume(to, target, volumes), options, terminal);
    const places = from.map((word) => placeOf(word, volumes));
    if (!to.volume && !places.every(({ volume }) => volume)) throw noVolume(words, volumes, "cp");
    const sources = await sourcesOf(places, "copy");
    const plan = await planCopy(sources, to, { recursive: options.recursive, keep: options["no-clobber"] });
    const progress = bytesSoFar("copying", terminal);
    await copyAll(plan, { onBytes: progress.add }).finally(progress.end);
    return tell(plan, to, options, terminal);
  },
);

function tell({ files, left }: CopyPlan, to: Place, options: Options, terminal: Terminal): number {
  for (const { place, why } of left) terminal.note(`left out ${place.shown}: ${why}`);
  const status = left.length > 0 ? 1 : 0;
  const told = files.map(({ from, to: each, bytes }) => ({ from: from.shown, to: each.shown, bytes }));
  if (printJson(options, told, terminal) || options.quiet) return status;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const where = files.length === 1 ? files[0]!.to.shown : to.shown;
  terminal.note(`${terminal.style("good", "✓")} ${count(files.length, "file")} (${formatBytes(bytes)}) to ${where}`);
  return status;
}

async function toStdout(words: readonly string[], volumes: Volumes, terminal: Terminal): Promise<number> {
  const places = words.map((word) => inVolume(placeOf(word, volumes), word, volumes));
  const { all } = await sourcesOf(places, "copy");
  for (const { volume, path } of all) {
    await pipeline(await volume!.read(path), process.stdout, { end: false });
    await terminal.drained();
  }
  return 0;
}

async function fromStdin(words: readonly string[], to: Place, options: Options, terminal: Terminal): Promise<number> {
  if (words.length > 1) throw usageError("LIGASE_E_FLAG", "stdin (-) is one file: there can be no other beside it");
  if (to.asFolder || to.path === "" || (await to.volume!.stat(to.path))?.kind === "dir") {
    throw new LigaseError("LIGASE_E_IS_DIR", `${to.shown} is a folder, and stdin has no name`, {
      facts: { path: to.shown, exitCode: 2 },
      mend: `name the file: ${below(to, "name").shown}`,
    });
  }
  if (options["no-clobber"] && (await to.volume!.stat(to.path))) return 0;
  let bytes = 0;
  const progress = bytesSoFar("copying", terminal);
  const onBytes = (more: number): void => {
    bytes += more;
    progress.add(more);
  };
  await to.volume!.write(to.path, process.stdin, { onBytes }).finally(progress.end);
  const plan = { files: [{ from: { ...to, shown: "-" }, to, bytes }], folders: [], left: [] };
  return tell(plan, to, options, terminal);
}
