import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Imported, Manifest } from "../../archive/index.ts";
import { formatBytes, LigaseError } from "../../kernel/index.ts";
import { findProject, openProject } from "../../project/project.ts";
import { short } from "../../record/short.ts";
import { bytesSoFar } from "../terminal/bytes-so-far.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { defineCommand, JSON_OUT, printJson } from "./command.ts";

/** `ligase import` */
export const importCommand = defineCommand(
  {
    usage: "import <archive>",
    about: [
      "Takes a run from an archive that ligase export wrote into the store of the project around here. From then on its calls are found here: the same workflow on the same inputs runs nothing that the archive holds, wherever the inputs lie, and its outputs come from the archive.",
      "Every checksum is compared before anything is recorded. What the store has already is kept, and importing again changes nothing. Import only what comes from people you trust: results are taken on their word, as from a colleague's store.",
    ],
    examples: [
      "ligase import main-7k2m9qa0.ligase.tar.gz",
      "ligase import --list main-7k2m9qa0.ligase.tar.gz",
      "ssh ada@host ligase export 7k2m9q --out - | ligase import -",
    ],
    options: {
      list: { type: "boolean", short: "l", doc: "show what is in it, and import nothing" },
      ...JSON_OUT,
      store: { type: "text", value: "<folder>", doc: "the store to take it into (that of the project around here)" },
    },
  },
  { least: 1, most: 1 },
  async ({ options, words }, terminal) => {
    const name = words[0]!;
    const source = open(name);
    const shown = name === "-" ? "the archive" : name;
    if (options.list) {
      const { openArchive } = await import("../../archive/index.ts");
      const { manifest } = await openArchive(source, shown);
      source.destroy();
      if (!printJson(options, manifest, terminal)) for (const line of listing(manifest, terminal)) terminal.out(line);
      return 0;
    }
    const progress = bytesSoFar("unpacking", terminal);
    const imported = await take(source, shown, options.store, progress.add).finally(progress.end);
    if (printJson(options, imported, terminal)) return 0;
    for (const line of told(imported, terminal)) terminal.note(line);
    terminal.out(imported.manifest.run.id);
    return 0;
  },
);

/** Opens the archive itself here: that it is not there is said plainly. */
function open(name: string): Readable {
  if (name === "-") return process.stdin;
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) return createReadStream(name);
  throw new LigaseError("LIGASE_E_NO_FILE", `there is no archive ${name}${stats ? ": it is a folder" : ""}`, {
    facts: { path: name },
    mend: "give the path of what ligase export wrote",
  });
}

async function take(
  source: Readable,
  name: string,
  store: string | undefined,
  onBytes: (bytes: number) => void,
): Promise<Imported> {
  const { importArchive } = await import("../../archive/index.ts");
  const project = await openProject(findProject(process.cwd()), store === undefined ? {} : { store });
  try {
    return await importArchive({ ...project, storeDir: project.settings.storeDir }, source, name, { onBytes });
  } finally {
    await project.close();
  }
}

function headline({ run, rows }: Manifest): string {
  return `run ${short(run.id)} of ${run.task} (${run.state}, by ${run.user} on ${run.host}, ${ago(run.startedAt)}): ${count(rows["calls"] ?? 0, "call")}`;
}

function told({ manifest, files, kept, different }: Imported, { style }: Terminal): string[] {
  const { absent } = manifest;
  const lines = [`${style("good", "✓")} ${headline(manifest)}, ${count(files, "new file")}`];
  if (different > 0) {
    lines.push(
      `  ${count(different, "call")} had another result here already, which was kept: what follows from it may run again`,
    );
  } else if (kept > 0) lines.push(`  ${count(kept, "call")} were here already`);
  if (absent.made > 0)
    lines.push(`  ${count(absent.made, "file")} that tasks made are not in it: these tasks will run again`);
  lines.push(`  ligase log ${short(manifest.run.id)} shows it`);
  return lines;
}

function listing(manifest: Manifest, { styleOut: paint, widthOut: width }: Terminal): string[] {
  const { run, members, absent, ligase } = manifest;
  const rows = members.map(({ path, bytes, sha256 }) => [formatBytes(bytes), sha256.slice(0, 12), path]);
  return [
    headline(manifest),
    `command  ${run.argv.join(" ")}`,
    `written  by ligase ${ligase}`,
    ...(absent.given + absent.made > 0
      ? [`without  ${count(absent.given, "file")} that it was given, ${absent.made} that its tasks made`]
      : []),
    "",
    ...columns([["size", "sha-256", "member"].map((word) => paint("dim", word)), ...rows], { right: [0], width }),
  ];
}
