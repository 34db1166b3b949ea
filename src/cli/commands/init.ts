import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { LigaseError } from "../../kernel/index.ts";
import { scaffold } from "../scaffold/index.ts";
import { defineCommand } from "./command.ts";

/** `ligase init` */
export const init = defineCommand(
  {
    usage: "init [folder]",
    about: [
      "Starts a project that runs at once: a workflow of two steps on a small FASTA file, with the configuration that editors and npm want. Files that are there already are left as they are.",
    ],
    examples: ["ligase init", "ligase init my-project"],
    options: {},
  },
  { most: 1 },
  async ({ words: [folder = "."] }, terminal) => {
    const root = resolve(folder);
    if (statSync(root, { throwIfNoEntry: false })?.isFile()) {
      throw new LigaseError("LIGASE_E_NOT_A_FOLDER", `${folder} is a file`, {
        mend: "name a folder",
        facts: { path: root },
      });
    }
    const paint = terminal.styleOut;
    for (const [path, text] of scaffold(basename(root))) {
      const isNew = create(join(root, path), text);
      terminal.out(
        isNew ? `${paint("good", "created")}  ${path}` : paint("dim", `kept     ${path} (it is there already)`),
      );
    }
    const place = relative(process.cwd(), root);
    terminal.out("");
    terminal.out(paint("strong", "Next"));
    if (place !== "") terminal.out(`  cd ${place}`);
    terminal.out("  ligase run workflow.ts     run it");
    terminal.out("  ligase run workflow.ts     run it again: nothing runs, for nothing changed");
    terminal.out("  ligase why                 what ran, and why");
    terminal.out("  npm install                types for your editor");
    return 0;
  },
);

/** Writes a file unless it is there. */
function create(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fsError(error, path, "write");
  }
}
