import { withRecord } from "../../record/open.ts";
import { short } from "../../record/short.ts";
import { findRun } from "../find-run.ts";
import type { Command } from "./command.ts";
import { defineCommand, STORE } from "./command.ts";

/** More runs than anybody names. */
const MOST_WORDS = 1000;

/** `ligase pin` */
export const pin = pinning(true, {
  usage: "pin <run>...",
  about: [
    "Keeps runs, with all that they need, whatever ligase gc collects: a pinned run can be looked at, exported and run again from the cache for as long as it is pinned.",
  ],
  examples: ["ligase pin 7k2m9q", "ligase pin @"],
});

/** `ligase unpin` */
export const unpin = pinning(false, {
  usage: "unpin <run>...",
  about: ["Takes back ligase pin: ligase gc may forget these runs again."],
  examples: ["ligase unpin 7k2m9q"],
});

function pinning(
  pinned: boolean,
  help: { readonly usage: string; readonly about: readonly string[]; readonly examples: readonly string[] },
): Command {
  return defineCommand({ ...help, options: STORE }, { least: 1, most: MOST_WORDS }, ({ options, words }, terminal) =>
    withRecord(options.store, async ({ store }) => {
      const runs = await Promise.all(words.map((word) => findRun(store, word)));
      for (const { id, task } of runs) {
        await store.pinRun(id, pinned);
        terminal.out(`run ${short(id)} of ${task} is ${pinned ? "pinned" : "no longer pinned"}`);
      }
      return 0;
    }),
  );
}
