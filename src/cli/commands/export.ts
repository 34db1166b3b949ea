import type { Crate, FileChoice, Manifest } from "../../archive/index.ts";
import { writeAtomically } from "../../files/write.ts";
import { formatBytes } from "../../kernel/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import type { RunRow } from "../../store/types.ts";
import { findRun } from "../find-run.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { outPath } from "../out-path.ts";
import { bytesSoFar } from "../terminal/bytes-so-far.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

const OPTIONS = {
  out: {
    type: "text",
    value: "<file>",
    short: "o",
    doc: "where to write it: a file (.tar is not compressed, .tar.gz is), a folder, or - for stdout (<task>-<run>.ligase.tar.gz here, or .tar where most of it is compressed already)",
  },
  files: {
    type: "list",
    value: "<which>",
    doc: "all that tasks made (of an archive the default), outputs for those in the result (of a crate the default), none, or a pattern for names; may be repeated",
  },
  "include-inputs": { type: "boolean", doc: "take the files along that the run was given" },
  format: {
    type: "text",
    value: "<archive|ro-crate>",
    doc: "an archive (the default), or a crate: a folder, or a file that ends in .zip",
  },
  license: { type: "text", value: "<licence>", doc: "of a crate: an SPDX identifier or a URL (that in package.json)" },
  "max-actions": {
    type: "number",
    value: "<n>",
    doc: "of a crate: describe at most so many executions of a task (all)",
  },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

/** `ligase export` */
export const exportCommand = defineCommand(
  {
    usage: "export [run]",
    about: [
      "Writes a run (the newest, where none is named) as one archive: its call graph with all arguments and results, the code it ran with, and the files that its tasks made. A colleague takes it in with ligase import, and what it computed is found there as if it had run there. Tasks whose files are not in it run again.",
      "The archive is a tar file with a manifest of checksums, and the same run gives the same bytes. It holds no secrets and no environment; it does name the user, the host, the folder and the command line of the run.",
      "With --format ro-crate it is an RO-Crate for repositories and for other tools: the code, the files, and a description of every task's execution after the profiles of Workflow Run RO-Crate.",
    ],
    examples: [
      "ligase export",
      "ligase export 7k2m9q --files '*.vcf.gz' --files '*.bam' --out for-ada.ligase.tar.gz",
      "ligase export 7k2m9q --out - | ssh ada@host ligase import -",
      "ligase export 7k2m9q --format ro-crate --include-inputs --license CC-BY-4.0 --out variants.crate.zip",
    ],
    options: OPTIONS,
  },
  { most: 1 },
  ({ options, words: [id] }, terminal) => {
    const format = formatOf(options);
    return withRecord(options.store, async (record) => {
      const run = await findRun(record.store, id);
      return format === "ro-crate"
        ? writeCrate(record, run, options, terminal)
        : writeArchive(record, run, options, terminal);
    });
  },
);

function formatOf({ format = "archive", license, "max-actions": most }: Options): string {
  if (format !== "archive" && format !== "ro-crate") {
    throw usageError("LIGASE_E_FLAG", `--format ${format} is none of archive and ro-crate`);
  }
  const crateOnly = license !== undefined ? "--license" : most !== undefined ? "--max-actions" : undefined;
  if (format === "archive" && crateOnly !== undefined) {
    throw usageError("LIGASE_E_FLAG", `${crateOnly} belongs to --format ro-crate`);
  }
  return format;
}

function choiceOf(given: readonly string[]): { readonly files?: FileChoice } {
  const words = given.filter((word) => word === "all" || word === "outputs" || word === "none");
  if (given.length === 0) return {};
  if (words.length === 0) return { files: given };
  if (given.length === 1) return { files: words[0]! };
  throw usageError("LIGASE_E_FLAG", `--files ${words[0]} says it all: there can be no other --files beside it`);
}

async function writeArchive(record: ProjectRecord, run: RunRow, options: Options, terminal: Terminal): Promise<number> {
  const { exportRun } = await import("../../archive/index.ts");
  const { out } = options;
  const gzip = /\.t(?:ar\.)?gz$/.test(out ?? "") || (out?.endsWith(".tar") === true ? false : undefined);
  const progress = bytesSoFar("packing", terminal);
  const chosen = { ...choiceOf(options.files), inputs: options["include-inputs"], gzip, onBytes: progress.add };
  let path: string | undefined;
  const manifest = await exportRun(record, run.id, chosen, async ({ stream, gzip: compressed }) => {
    if (out !== "-") {
      path = outPath(out, `${fileName(run)}.ligase.tar${compressed ? ".gz" : ""}`);
      await writeAtomically(path, stream);
    } else {
      const { pipeline } = await import("node:stream/promises");
      await pipeline(stream, process.stdout, { end: false });
    }
  }).finally(progress.end);
  for (const line of absentLines(manifest)) terminal.note(line);
  if (path === undefined || printJson(options, { path, ...manifest }, terminal)) return 0;
  const files = manifest.members.filter((member) => member.path.startsWith("store/"));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  terminal.note(done(run, [count(manifest.rows["calls"] ?? 0, "call"), filesText(files.length, bytes)], terminal));
  terminal.out(pathFrom(path, process.cwd()));
  return 0;
}

/** What whoever imports it will have to know. */
function absentLines({ absent }: Manifest): string[] {
  const lines: string[] = [];
  if (absent.made > 0) lines.push(`without ${count(absent.made, "file")} that tasks made: these tasks will run again`);
  if (absent.given > 0) lines.push(`without ${count(absent.given, "file")} that it was given (--include-inputs)`);
  return lines;
}

async function writeCrate(record: ProjectRecord, run: RunRow, options: Options, terminal: Terminal): Promise<number> {
  const { exportCrate, writeFolder, writeZip } = await import("../../archive/index.ts");
  if (options.out === "-")
    throw usageError("LIGASE_E_FLAG", "a crate is a folder or a zip file: it cannot go to stdout");
  const path = outPath(options.out, `${fileName(run)}.crate`);
  const chosen = {
    ...choiceOf(options.files),
    inputs: options["include-inputs"],
    license: options.license,
    most: options["max-actions"],
  };
  let crate: Crate | undefined;
  await (path.endsWith(".zip") ? writeZip : writeFolder)(path, async (sink) => {
    crate = await exportCrate(record, run.id, chosen, sink);
  });
  if (!crate) return 1;
  const { files, bytes, actions, left, unlicensed } = crate;
  const undescribed = Object.values(left).reduce((sum, n) => sum + n, 0);
  if (undescribed > 0) terminal.note(`without ${count(undescribed, "execution")} (--max-actions)`);
  if (unlicensed) terminal.note("no licence is stated, here or in package.json: --license CC-BY-4.0, for example");
  if (printJson(options, { path, run: run.id, files, bytes, actions, left }, terminal)) return 0;
  terminal.note(done(run, [count(actions, "action"), filesText(files, bytes)], terminal));
  terminal.out(pathFrom(path, process.cwd()));
  return 0;
}

function done(run: RunRow, held: readonly string[], { style }: Terminal): string {
  return `${style("good", "✓")} run ${short(run.id)} of ${run.task}: ${held.join(", ")}`;
}

const filesText = (n: number, bytes: number): string => `${count(n, "file")} (${formatBytes(bytes)})`;

/** A run of an ordinary program has an expression for a name. */
function fileName({ task, id }: RunRow): string {
  return `${task.replaceAll(/[^\w.-]+/g, "_").slice(0, 60)}-${short(id)}`;
}
