import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { LigaseError, nearest } from "../../kernel/index.ts";
import { scaffold, TEMPLATES } from "../scaffold/index.ts";
import { onPath } from "../terminal/on-path.ts";
import { columns } from "../terminal/text.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand } from "./command.ts";

const NAMES = Object.keys(TEMPLATES);

/** `ligase init` */
export const init = defineCommand(
  {
    usage: "init [folder]",
    about: [
      "Starts a project that runs at once: a workflow with a little data and a test, and the configuration that editors and npm want. Files that are there already are left as they are.",
      `The templates are ${NAMES.map((name) => `${name} (${TEMPLATES[name]!.summary})`).join(", ")}.`,
    ],
    examples: ["ligase init", "ligase init my-project --template sequencing", "ligase init --list"],
    options: {
      template: {
        type: "text",
        value: "<template>",
        short: "t",
        doc: `${NAMES.join(", ")}; minimal if nothing is said`,
      },
      list: { type: "boolean", doc: "list the templates" },
    },
  },
  { most: 1 },
  async ({ options: { template = "minimal", list }, words: [folder = "."] }, terminal) => {
    const paint = terminal.styleOut;
    if (list) {
      const rows = NAMES.map((name) => [paint("strong", name), TEMPLATES[name]!.summary]);
      for (const line of columns(rows, { width: terminal.widthOut })) terminal.out(line);
      return 0;
    }
    if (!Object.hasOwn(TEMPLATES, template)) throw noTemplate(template);
    const root = resolve(folder);
    if (statSync(root, { throwIfNoEntry: false })?.isFile()) {
      throw new LigaseError("LIGASE_E_NOT_A_FOLDER", `${folder} is a file`, {
        mend: "name a folder",
        facts: { path: root },
      });
    }
    for (const [path, content] of scaffold(template, { folder: basename(root), bringsNode: isOldNode() })) {
      const isNew = create(join(root, path), content);
      terminal.out(
        isNew ? `${paint("good", "created")}  ${path}` : paint("dim", `kept     ${path} (it is there already)`),
      );
    }
    const missing = TEMPLATES[template]!.needs.filter((program) => !onPath(program));
    const place = relative(process.cwd(), root);
    terminal.out("");
    terminal.out(paint("strong", "Next"));
    if (place !== "") terminal.out(`  cd ${/\s/.test(place) ? `"${place}"` : place}`);
    if (missing.length > 0)
      terminal.out(
        `  install ${missing.join(" and ").padEnd(18)} the workflow calls ${missing.length > 1 ? "them" : "it"}; the README says how`,
      );
    terminal.out("  ligase run workflow.ts     run it");
    terminal.out("  ligase run workflow.ts     run it again: nothing runs, for nothing changed");
    terminal.out("  ligase why                 what ran, and why");
    terminal.out("  npm install                types for your editor, and for npm test");
    return 0;
  },
);

/** The major version of Node from which TypeScript runs as it is, and which Ligase itself needs. */
const NODE = 24;

/** Is the `node` that npm will use older, or not there? This process may have been started with another one. */
function isOldNode(): boolean {
  const { status, stdout } = spawnSync("node", ["-p", "process.versions.node"], { encoding: "utf8", timeout: 5000 });
  return status !== 0 || Number.parseInt(stdout, 10) < NODE;
}

function noTemplate(name: string): LigaseError {
  const near = nearest(name, NAMES);
  const mend = near === undefined ? `there are ${NAMES.join(", ")}` : `did you mean ${near}?`;
  return usageError("LIGASE_E_FLAG", `there is no template ${name}`, mend);
}

/** Writes a file unless it is there. */
function create(path: string, content: string | Buffer): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fsError(error, path, "write");
  }
}
