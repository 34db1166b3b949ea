/**
 * The files of a new project, as `ligase init` writes them: one of the folders in `templates/`, what all of them share
 * (`templates/common`), and a `package.json`.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { VERSION } from "../../kernel/index.ts";

/** A kind of project to start from. */
export interface Template {
  /** What it is, in a line. */
  readonly summary: string;
  /** Programs that its workflow calls. */
  readonly needs: readonly string[];
}

/** The templates by name: each is a folder of `templates/`. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  minimal: { summary: "two steps on a FASTA file, with nothing but awk", needs: ["awk"] },
  sequencing: { summary: "paired-end reads, aligned and counted with bwa and samtools", needs: ["bwa", "samtools"] },
  python: { summary: "plates of an assay, measured with Python", needs: ["python3"] },
};

/** The checkout or the installed package. */
const PACKAGE = resolve(import.meta.dirname, "../../..");
const FOLDER = join(PACKAGE, "templates");

/** npm leaves `.gitignore` out of a package, and a linter takes a nested `.oxlintrc.json` for its own. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: ".gitignore", "oxlintrc.json": ".oxlintrc.json" };

/** What is known of the place of a new project. */
export interface Surroundings {
  /** The name of its folder. */
  readonly folder: string;
  /** Whether the machine's own Node is too old for Ligase: then the project brings one, for `npm test`. */
  readonly bringsNode: boolean;
}

/**
 * The files of a new project by their paths in it.
 *
 * @param template - a name in {@link TEMPLATES}
 */
export function scaffold(template: string, { folder, bringsNode }: Surroundings): ReadonlyMap<string, string | Buffer> {
  const files = new Map<string, string | Buffer>();
  for (const path of listFiles(join(FOLDER, template)))
    files.set(path, readTemplate(join(FOLDER, template, path), folder));
  files.set("package.json", packageJson(folder, bringsNode));
  for (const path of listFiles(join(FOLDER, "common"))) {
    files.set(RENAMED[path] ?? path, readTemplate(join(FOLDER, "common", path), folder));
  }
  return files;
}

/** Paths of the files of a folder, from it, those people read first in front. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const rank = (path: string): number =>
  path === "workflow.ts" ? 0 : path.endsWith(".test.ts") ? 1 : path === "README.md" ? 3 : 2;

function readTemplate(path: string, folder: string): string | Buffer {
  const bytes = readFileSync(path);
  return path.endsWith(".md") ? bytes.toString("utf8").replaceAll("{{name}}", folder) : bytes;
}

function packageJson(folder: string, bringsNode: boolean): string {
  const description = {
    name: packageName(folder),
    private: true,
    type: "module",
    scripts: { start: "ligase run workflow.ts", test: "node --test", check: "tsc && oxlint --type-aware" },
    dependencies: { ligase: whereFrom() },
    devDependencies: {
      "@types/node": "^24.0.0",
      ...(bringsNode && { node: "^24.0.0" }),
      oxlint: "^1.94.0",
      "oxlint-tsgolint": "^7.0.2007",
      typescript: "^7.0.2",
    },
    // Its script fetches the program for this kind of machine; npm asks for such scripts to be named.
    ...(bringsNode && { allowScripts: { node: true } }),
  };
  return `${JSON.stringify(description, undefined, 2)}\n`;
}

/** Where npm gets this Ligase: the registry, or the checkout that runs, which no registry need have. */
function whereFrom(): string {
  return existsSync(join(PACKAGE, "src")) ? `file:${PACKAGE}` : `^${VERSION}`;
}

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "workflow" : name;
}
