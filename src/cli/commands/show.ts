import { LigaseError } from "../../kernel/index.ts";
import { jobReport } from "../terminal/job-report.ts";
import type { Command } from "./index.ts";
import { log } from "./log.ts";
import { commandHelp, type OptionSpec, readWords } from "./options.ts";
import { findById, openForReading, READING } from "./reading.ts";

const OPTIONS = {
  json: { type: "boolean", doc: "print JSON" },
  ...READING,
} as const satisfies Record<string, OptionSpec>;

const HELP = {
  usage: "ligase show <run, job, task or value>",
  about: ["Prints a run as a tree, a job in full, the recorded code of a task, or a value by its hash."],
  examples: ["ligase show 7k2m9q", "ligase show align", "ligase show 4f1c…"],
  options: OPTIONS,
};

/** `ligase show` */
export const show: Command = {
  help: (width) => Promise.resolve(commandHelp(HELP, width)),

  async run(argv, terminal) {
    const { options, words } = readWords("show", OPTIONS, argv);
    const [what] = words;
    if (options.help || what === undefined) {
      terminal.out(await this.help(terminal.width));
      return options.help ? 0 : 2;
    }
    const project = await openForReading(options.store);
    try {
      const { store } = project;
      if (/^[0-9a-f]{40}$/.test(what)) {
        const text = (await store.findValues([what])).get(what);
        if (text !== undefined) {
          terminal.out(text);
          return 0;
        }
      }
      const versions = (await store.listTasks()).filter((task) => task.name === what);
      const newest = versions.toSorted((a, b) => b.createdAt - a.createdAt)[0];
      if (newest) {
        if (options.json) terminal.out(JSON.stringify(versions));
        else {
          terminal.out(`${terminal.styleOut("strong", newest.name)}  ${newest.file}:${newest.line}  ${versions.length} versions`);
          if (newest.doc) terminal.out(newest.doc);
          terminal.out(newest.code);
        }
        return 0;
      }
      const found = await findById(store, what).catch((error: unknown) => {
        if (error instanceof LigaseError && error.message.startsWith("there is no")) {
          throw new LigaseError("LIGASE_E_ID", `there is no run, job, task or value ${what}`, {
            facts: { exitCode: 2 },
            ...(error.mend !== undefined && { mend: error.mend }),
          });
        }
        throw error;
      });
      if (found.kind === "run") return await log.run([found.run.id, ...(options.json ? ["--json"] : []), ...(options.store === undefined ? [] : ["--store", options.store])], terminal);
      if (options.json) terminal.out(JSON.stringify({ ...found.job, attempts: await store.listAttempts(found.job.id) }));
      else for (const line of await jobReport(store, found.job, terminal)) terminal.out(line);
      return 0;
    } finally {
      await project.close();
    }
  },
};
