/**
 * The files of a new project, as `ligase init` writes them: a workflow that needs nothing but awk, and what npm, git
 * and editors want beside it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { VERSION } from "../../kernel/index.ts";
import { FASTA } from "./fasta.ts";
import { WORKFLOW } from "./workflow.ts";

/** The files of a new project by their paths in it. */
export function scaffold(folder: string): ReadonlyMap<string, string> {
  return new Map([
    ["workflow.ts", WORKFLOW],
    ["data/sequences.fa", FASTA],
    ["ligase.config.ts", CONFIG],
    ["package.json", packageJson(folder)],
    ["tsconfig.json", TSCONFIG],
    [".gitignore", "node_modules/\n.ligase/\n"],
    ["README.md", readme(folder)],
  ]);
}

// Its type alone: with `defineConfig` every command would load all of Ligase for it, 30 ms.
const CONFIG = `import type { Config } from "ligase";

export default {
  // How much of this machine local jobs may use; by default nearly all of it.
  // cpus: 8,
  // memory: "16 GiB",
} satisfies Config;
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "types": [],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "exclude": ["node_modules", ".ligase"]
}
`;

function packageJson(folder: string): string {
  const description = {
    name: packageName(folder),
    private: true,
    type: "module",
    scripts: { start: "ligase run workflow.ts", check: "tsc" },
    dependencies: { ligase: whereFrom() },
    devDependencies: { typescript: "^7.0.2" },
  };
  return `${JSON.stringify(description, undefined, 2)}\n`;
}

/** Where npm gets this Ligase: the registry, or the checkout that runs, which no registry need have. */
function whereFrom(): string {
  const root = resolve(import.meta.dirname, "../../..");
  return existsSync(join(root, "src")) ? `file:${root}` : `^${VERSION}`;
}

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "workflow" : name;
}

function readme(folder: string): string {
  return `# ${folder}

A [Ligase](https://www.npmjs.com/package/ligase) workflow: it measures the base composition of the sequences in a FASTA
file.

\`\`\`sh
ligase run workflow.ts                            # run it; a second time nothing runs
ligase run workflow.ts --fasta my.fa --min-length 100   # with your own data: its parameters are flags
ligase why                                        # what ran, and why
\`\`\`

\`workflow.ts\` is plain TypeScript. Change a task and run it again: only what depends on the change runs.
\`npm install\` fetches the types for your editor, \`npm run check\` checks them.
`;
}
