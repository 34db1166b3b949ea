import { readSettings } from "../../record/open.ts";
import { look, moveOne, placeOf, sourcesOf, targetsOf } from "../../volumes/transfer/index.ts";
import { Volumes } from "../../volumes/volumes.ts";
import type { OptionSpecs } from "../options.ts";
import { bytesSoFar } from "../terminal/bytes-so-far.ts";
import { count } from "../terminal/count.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";
import { noVolume } from "./in-volume.ts";

const OPTIONS = {
  "no-clobber": { type: "boolean", short: "n", doc: "leave files alone that are there already" },
  quiet: { type: "boolean", short: "q", doc: "say nothing of what was moved" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

/** As many files as a shell makes of a pattern. */
const MOST_WORDS = 100_000;

/** `ligase mv` */
export const mv = defineCommand(
  {
    usage: "mv <from>... <to>",
    about: [
      "Moves or renames files and folders in a volume; into one, out of one and from one to another, too. Which words are paths in a volume, and what goes where, is as with ligase cp. Within a volume it is one step.",
    ],
    examples: ["ligase mv sequences/puc19.gb sequences/pUC19.gb", "ligase mv 'sequences/*.gb' sequences/plasmids/"],
    options: OPTIONS,
  },
  { least: 2, most: MOST_WORDS },
  async ({ options, words }, terminal) => {
    const { settings } = await readSettings(options.store);
    const volumes = new Volumes(settings.storeDir);
    const [target, from] = [words.at(-1)!, words.slice(0, -1)];
    const to = placeOf(target, volumes);
    const places = from.map((word) => placeOf(word, volumes));
    if (!to.volume && !places.every(({ volume }) => volume)) throw noVolume(words, volumes, "mv");
    const whole = places.find(({ volume, path }) => volume !== undefined && path === "");
    if (whole) {
      throw usageError(
        "LIGASE_E_FLAG",
        `${whole.shown} is a whole volume`,
        "move what is in it, or ligase cp -r and ligase volume rm",
      );
    }
    const targets = await targetsOf(await sourcesOf(places, "move", false), to);
    const progress = bytesSoFar("moving", terminal);
    const moved: { from: string; to: string }[] = [];
    try {
      for (const [source, place] of targets) {
        if (options["no-clobber"] && (await look(place))) continue;
        await moveOne(source, place, { onBytes: progress.add });
        moved.push({ from: source.shown, to: place.shown });
      }
    } finally {
      progress.end();
    }
    if (printJson(options, moved, terminal) || options.quiet) return 0;
    const where = moved.length === 1 ? moved[0]!.to : to.shown;
    terminal.note(
      `${terminal.style("good", "✓")} moved ${moved.length === 1 ? moved[0]!.from : count(moved.length, "file")} to ${where}`,
    );
    return 0;
  },
);
