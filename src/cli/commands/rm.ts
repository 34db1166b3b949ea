import { LigaseError } from "../../kernel/index.ts";
import { readSettings } from "../../record/open.ts";
import { placeOf, type Source, sourcesOf } from "../../volumes/transfer/index.ts";
import { Volumes } from "../../volumes/volumes.ts";
import type { OptionSpecs } from "../options.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";
import { inVolume } from "./in-volume.ts";

const OPTIONS = {
  recursive: { type: "boolean", short: "r", doc: "folders with all that is in them, too" },
  force: { type: "boolean", short: "f", doc: "what is not there is no error" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

/** More paths than anybody names. */
const MOST_WORDS = 10_000;

/** Errors that --force passes over. */
const ABSENT = new Set(["LIGASE_E_NO_FILE", "LIGASE_E_NO_MATCH", "LIGASE_E_NO_VOLUME"]);

/** `ligase rm` */
export const rm = defineCommand(
  {
    usage: "rm <volume/path>...",
    about: [
      "Removes files from a volume; folders only with -r, and a whole volume never: that is ligase volume rm. A link is removed itself, never what it leads to. What is removed is gone for good.",
    ],
    examples: ["ligase rm sequences/pUC19.gb", "ligase rm 'sequences/*.tmp'", "ligase rm -r sequences/2025"],
    options: OPTIONS,
  },
  { least: 1, most: MOST_WORDS },
  async ({ options, words }, terminal) => {
    const { settings } = await readSettings(options.store);
    const volumes = new Volumes(settings.storeDir);
    const found: Source[] = [];
    // All are looked at before the first goes.
    for (const word of words) {
      try {
        const { all } = await sourcesOf([inVolume(placeOf(word, volumes), word, volumes)], "remove", false);
        found.push(...all);
      } catch (error) {
        if (!(options.force && error instanceof LigaseError && ABSENT.has(error.code))) throw error;
      }
    }
    const folder = found.find(({ entry, path }) => entry.kind === "dir" && path !== "" && !options.recursive);
    if (folder) {
      throw new LigaseError("LIGASE_E_IS_DIR", `${folder.shown} is a folder`, {
        facts: { path: folder.shown },
        mend: "-r removes it with all that is in it",
      });
    }
    // What goes with its folder need not be removed.
    const folders = found.filter(({ entry }) => entry.kind === "dir").map(({ shown }) => `${shown}/`);
    const gone = found.filter(({ shown }) => !folders.some((path) => shown.startsWith(path)));
    const whole = gone.find(({ path }) => path === "");
    if (whole) await whole.volume!.remove("");
    for (const { volume, path } of gone) await volume!.remove(path);
    printJson(
      options,
      gone.map(({ shown, entry }) => ({ path: shown, kind: entry.kind, size: entry.size })),
      terminal,
    );
    return 0;
  },
);
