import type { ExportOptions, FileChoice, Manifest } from "../../archive/index.ts";
import { writeAtomically } from "../../files/write.ts";
import { formatBytes } from "../../kernel/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import type { RunRow } from "../../store/types.ts";
import { findRun } from "../find-run.ts";
import { outPath } from "../out-path.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase export` */
export const exportCommand = defineCommand(
  {
    usage: "export [run]",
    about: [
      "Writes a run (the newest, where none is named) as one archive: its call graph with all arguments and results, the code it ran with, and the files that its tasks made. A colleague takes it in with ligase import, and what it computed is found there as if it had run there.",
      "The archive is a tar file with a manifest of checksums, and the same run gives the same bytes. It holds no secrets and no environment; it does name the user, the host, the folder and the command line of the run.",
    ],
    examples: [
      "ligase export",
      "ligase export 7k2m9q --files '*.vcf.gz' --files '*.bam' --out for-ada.ligase.tar.gz",
      "ligase export 7k2m9q --out - | ssh ada@host ligase import -",
    ],
    options: {
      out: {
        type: "text",
        value: "<file>",
        short: "o",
        doc: "where to write it: a file (.tar is not compressed, .tar.gz is), a folder, or - for stdout (<task>-<run>.ligase.tar.gz here, or .tar where most of it is compressed already)",
      },
      files: {
        type: "list",
        value: "<which>",
        doc: "all that tasks made (the default), outputs for those in the result, none, or a pattern for names; may be repeated. Tasks whose files are not in it run again",
      },
      "include-inputs": { type: "boolean", doc: "take the files along that the run was given" },
      ...JSON_OUT,
      ...STORE,
    },
  },
  { most: 1 },
  ({ options, words: [id] }, terminal) =>
    withRecord(options.store, async (record) => {
      const run = await findRun(record.store, id);
      const { path, manifest } = await write(record, run, options.out, {
        files: choiceOf(options.files),
        inputs: options["include-inputs"],
      });
      for (const line of absentLines(manifest)) terminal.note(line);
      if (path === undefined) return 0;
      if (printJson(options, { path, ...manifest }, terminal)) return 0;
      terminal.note(summary(manifest, terminal));
      terminal.out(pathFrom(path, process.cwd()));
      return 0;
    }),
);

/** Writes the archive; answers where, or nothing for stdout. */
async function write(
  record: ProjectRecord,
  run: RunRow,
  out: string | undefined,
  options: ExportOptions,
): Promise<{ readonly path: string | undefined; readonly manifest: Manifest }> {
  const { exportRun } = await import("../../archive/index.ts");
  let path: string | undefined;
  const gzip = /\.t(?:ar\.)?gz$/.test(out ?? "") || (out?.endsWith(".tar") === true ? false : undefined);
  const manifest = await exportRun(record, run.id, { ...options, gzip }, async ({ stream, gzip: compressed }) => {
    if (out !== "-") {
      path = outPath(out, `${fileName(run)}.ligase.tar${compressed ? ".gz" : ""}`);
      await writeAtomically(path, stream);
    } else {
      const { pipeline } = await import("node:stream/promises");
      await pipeline(stream, process.stdout, { end: false });
    }
  });
  return { path, manifest };
}

function choiceOf(given: readonly string[]): FileChoice {
  const words = given.filter((word) => word === "all" || word === "outputs" || word === "none");
  if (words.length === 0) return given.length === 0 ? "all" : given;
  if (given.length === 1) return words[0]!;
  throw usageError("LIGASE_E_FLAG", `--files ${words[0]} says it all: there can be no other --files beside it`);
}

function summary({ run, rows, members }: Manifest, { style }: Terminal): string {
  const files = members.filter((member) => member.path.startsWith("store/"));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const held = `${count(rows["calls"] ?? 0, "call")}, ${count(files.length, "file")} (${formatBytes(bytes)})`;
  return `${style("good", "✓")} run ${short(run.id)} of ${run.task}: ${held}`;
}

/** What whoever imports it will have to know. */
function absentLines({ absent }: Manifest): string[] {
  const lines: string[] = [];
  if (absent.made > 0) lines.push(`without ${count(absent.made, "file")} that tasks made: these tasks will run again`);
  if (absent.given > 0) lines.push(`without ${count(absent.given, "file")} that it was given (--include-inputs)`);
  return lines;
}

/** A run of an ordinary program has an expression for a name. */
function fileName({ task, id }: RunRow): string {
  return `${task.replaceAll(/[^\w.-]+/g, "_").slice(0, 60)}-${short(id)}`;
}
