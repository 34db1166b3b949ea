import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { formatBytes, nearest } from "../../kernel/index.ts";
import {
  type AskedFile,
  type CallOrigin,
  type CallUse,
  filesNamed,
  findFile,
  originOfFile,
  usesOfFile,
} from "../../record/lineage/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { pathFrom } from "../../record/path.ts";
import { originLines } from "../reports/lineage-tree.ts";
import { useLines } from "../reports/use-tree.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { cut } from "../terminal/text.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase lineage` */
export const lineage = defineCommand(
  {
    usage: "lineage <file or folder>",
    about: [
      "Tells from which run, task, code, arguments and inputs a file came, and where those inputs came from, up to the files that nothing recorded here made. It is found by its content: it may have been moved or renamed.",
      "With --down: what was made of it. The exit status is 1 for a file that is not in the record.",
    ],
    examples: [
      "ligase lineage results/variants.vcf.gz",
      "ligase lineage ~/Downloads/old.bam --json",
      "ligase lineage samples.csv --down",
    ],
    options: {
      down: { type: "boolean", doc: "what was made of it, in place of what it was made of" },
      ...JSON_OUT,
      ...STORE,
    },
  },
  { least: 1, most: 1, paged: true },
  ({ options, words }, terminal) =>
    withRecord(options.store, async (record) => {
      const path = resolve(words[0]!);
      if (!existsSync(path)) throw await missing(record, words[0]!, path);
      const file = await findFile(record, path);
      const madeBy = options.down ? undefined : await originOfFile(record, file);
      const uses = options.down ? await usesOfFile(record, file) : [];
      const near = file.by === undefined ? await namesakes(record, path) : [];
      const answer = { ...file, ...(options.down ? { usedBy: uses } : { madeBy: madeBy ?? null }), near };
      if (!printJson(options, answer, terminal)) {
        const lines = options.down ? downLines(file, uses, terminal) : upLines(file, madeBy, terminal);
        for (const line of [...headLines(file, terminal), ...lines, ...nearLines(file, near)]) {
          terminal.out(cut(line, terminal.widthOut));
        }
      }
      return file.by === undefined ? 1 : 0;
    }),
);

/** A file that the record knows by the name that was asked for. */
interface Namesake {
  readonly path: string;
  readonly hash: string;
}

async function namesakes(record: ProjectRecord, path: string): Promise<readonly Namesake[]> {
  const found = await filesNamed(record, basename(path));
  return found.slice(0, 5).map((each) => ({ path: each.path, hash: each.hash }));
}

function headLines({ path, size, isDir, hash, by, known, name, places }: AskedFile, terminal: Terminal): string[] {
  const paint = terminal.styleOut;
  const cwd = process.cwd();
  const head = `${paint("strong", pathFrom(path, cwd))}${isDir ? "/" : ""}  ${formatBytes(size ?? 0)}  ${paint("dim", `sha256 ${hash.slice(0, 12)}`)}`;
  const names = [...new Set(places.map((place) => place.name))];
  if (by === "decompressed") return [head, `  its decompressed content is ${names.join(", ")}`];
  if (by === "folder" && known.path !== path) return [head, `  a part of ${pathFrom(known.path, cwd)}/`];
  return by === undefined || names.includes(name) ? [head] : [head, `  recorded as ${names.join(", ")}`];
}

function upLines({ by }: AskedFile, madeBy: CallOrigin | undefined, terminal: Terminal): string[] {
  if (by === undefined) return [];
  if (madeBy) return originLines(madeBy, terminal.styleOut);
  return ["  a source: nothing recorded here made it (--down tells what was made of it)"];
}

function downLines({ by }: AskedFile, uses: readonly CallUse[], terminal: Terminal): string[] {
  if (by === undefined) return [];
  return uses.length > 0 ? useLines(uses, terminal.styleOut) : ["  nothing recorded here used it"];
}

/** Endings of indices, and what they lie beside. */
const INDEX = /\.(?:bai|csi|tbi|crai|fai|gzi|dict|amb|ann|bwt|pac|sa)$/;

function nearLines({ by, path }: AskedFile, near: readonly Namesake[]): string[] {
  if (by !== undefined) return [];
  const cwd = process.cwd();
  const isChanged = near.some((each) => each.path === path);
  const lines = ["  not in the record: no run here made it, or was given it"];
  if (isChanged) lines.push("  another content was recorded in this place: it was changed since");
  const others = near.filter((each) => each.path !== path);
  if (others.length > 0) lines.push("  of this name are known");
  for (const each of others) lines.push(`    ${pathFrom(each.path, cwd)}  sha256 ${each.hash.slice(0, 12)}`);
  const beside = path.replace(INDEX, "");
  if (beside !== path && existsSync(beside))
    lines.push(`  an index of ${pathFrom(beside, cwd)}? ligase lineage ${pathFrom(beside, cwd)}`);
  return lines;
}

/** The error for a path where nothing is. */
async function missing(record: ProjectRecord, word: string, path: string) {
  const folder = dirname(path);
  const near = existsSync(folder) ? nearest(basename(path), readdirSync(folder)) : undefined;
  const [known] = await namesakes(record, path);
  const mend =
    near !== undefined
      ? `did you mean ${pathFrom(resolve(folder, near), process.cwd())}?`
      : known
        ? `one of that name was recorded: ${pathFrom(known.path, process.cwd())}`
        : "check the path";
  return usageError("LIGASE_E_NO_FILE", `${word} does not exist`, mend, { path });
}
