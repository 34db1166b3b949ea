import { spawn } from "node:child_process";
import { LigaseError } from "../../kernel/index.ts";
import { writeAtomically } from "../../files/write.ts";
import { pathFrom } from "../../record/path.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { short } from "../../record/short.ts";
import { checkThere, readReport, reportHtml } from "../../report/index.ts";
import type { RunRow } from "../../store/types.ts";
import { findRun } from "../find-run.ts";
import { outPath } from "../out-path.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase report` */
export const report = defineCommand(
  {
    usage: "report [run or job]",
    about: [
      "Writes what there is to know of a run (the newest, where none is named) into one HTML file: how it went, what ran when, what tasks asked for and used, with advice, what failed and why, inputs and outputs with their checksums, cost, versions, and a methods paragraph. The file needs no network and can be sent to anybody.",
      "Prints the path of the file. With --json the facts are printed instead, and no file is written.",
    ],
    examples: ["ligase report", "ligase report 7k2m9q --open", "ligase report --out results/", "ligase report --json"],
    options: {
      out: {
        type: "text",
        value: "<file>",
        short: "o",
        doc: "where to write it: a file, a folder, or - for stdout (report-<run>.html)",
      },
      open: { type: "boolean", doc: "show it in the browser" },
      ...JSON_OUT,
      ...STORE,
    },
  },
  { most: 1 },
  ({ options, words: [id] }, terminal) =>
    withRecord(options.store, async (record, settings) => {
      const run = await findRun(record.store, id);
      const facts = await readReport(record, run, settings);
      if (printJson(options, facts, terminal)) return 0;
      const text = reportHtml(facts);
      if (options.out === "-") {
        await checkThere(record, run);
        terminal.rawOut(text);
        return 0;
      }
      const path = outPath(options.out, `report-${short(run.id)}.html`);
      try {
        await writeAtomically(path, whileThere(text, record, run));
      } catch (error) {
        throw options.out === undefined ? elsewhere(error) : error;
      }
      terminal.out(pathFrom(path, process.cwd()));
      if (options.open && !(await show(path)))
        terminal.note("there is no browser to be opened here; open the file by hand");
      return 0;
    }),
);

/** The file appears only if the run is still there when all of it is written. */
async function* whileThere(text: string, record: ProjectRecord, run: RunRow): AsyncGenerator<string> {
  yield text;
  await checkThere(record, run);
}

/** Where the file may not be written, and nobody said that it should be there. */
function elsewhere(error: unknown): unknown {
  const refused = ["LIGASE_E_PERMISSION", "LIGASE_E_READ_ONLY"];
  if (!(error instanceof LigaseError) || !refused.includes(error.code)) return error;
  const mend = "--out <file> writes it to another place";
  return new LigaseError(error.code, error.message, { facts: error.facts, mend, cause: error.cause });
}

/** So long a desktop may take to say that it cannot. */
const PATIENCE_MS = 1500;

/** Has the desktop show a file; tells whether it did not say that it cannot. */
function show(path: string): Promise<boolean> {
  const [command, args] =
    process.platform === "darwin"
      ? ["open", [path]]
      : process.platform === "win32"
        ? ["cmd", ["/c", "start", "", path]]
        : ["xdg-open", [path]];
  const { promise, resolve: answer } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, { detached: true, stdio: "ignore" });
  const timer = setTimeout(() => answer(true), PATIENCE_MS);
  child.once("error", () => answer(false));
  child.once("exit", (code) => answer(code === 0));
  child.unref();
  return promise.finally(() => clearTimeout(timer));
}
