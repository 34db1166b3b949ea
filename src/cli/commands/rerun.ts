import { RERUN_OPTIONS } from "../run/rerun-options.ts";
import { defineCommand } from "./command.ts";

/** `ligase rerun` */
export const rerun = defineCommand(
  {
    usage: "rerun <job or task>",
    about: [
      "Runs one job again by hand: its task with the arguments that were recorded, in a run of its own, tagged rerun=<job>. Its body runs whatever is cached; what it calls comes from the cache. A task stands for its newest job.",
      "It runs with the code of today; --recorded takes that of then. When the job had given a result, it says whether it is the same again.",
    ],
    examples: ["ligase rerun align", "ligase rerun 7k2m9q --keep-work", "ligase rerun 7k2m9q --recorded"],
    options: RERUN_OPTIONS,
  },
  { least: 1, most: 1 },
  async ({ options, words: [word = ""], argv }, terminal) => {
    const { rerunJob } = await import("../run/rerun.ts");
    return rerunJob({ word, options, argv: ["ligase", "rerun", ...argv] }, terminal);
  },
);
