import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fsError } from "../../files/fs-error.ts";
import { nearest } from "../../kernel/index.ts";
import { SHELLS, shellScript } from "../completion/scripts.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand } from "./command.ts";

const NAMES = Object.keys(SHELLS);

/** `ligase completion` */
export const completion = defineCommand(
  {
    usage: "completion [shell]",
    about: [
      "Prints a script that makes bash, zsh or fish complete commands, flags, runs, and the tasks of a workflow file with their flags. Without a word it is the shell you are in ($SHELL). A workflow is read for it, and never run.",
    ],
    examples: [
      'eval "$(ligase completion bash)"',
      "ligase completion fish | source",
      "ligase completion zsh --install",
    ],
    options: { install: { type: "boolean", doc: "write it to where the shell looks for such scripts" } },
  },
  { most: 1 },
  async ({ options, words: [word = basename(process.env["SHELL"] ?? "")] }, terminal) => {
    const shell = Object.hasOwn(SHELLS, word) ? SHELLS[word] : undefined;
    if (!shell) {
      const near = nearest(word, NAMES);
      throw usageError(
        "LIGASE_E_FLAG",
        word === "" ? "which shell is it for?" : `there is no completion for ${word}`,
        near === undefined ? `write ligase completion ${NAMES.join(", or ")}` : `did you mean ${near}?`,
      );
    }
    if (!options.install) {
      terminal.rawOut(shellScript(shell));
      return 0;
    }
    const path = shell.place(process.env);
    if (path === undefined) {
      throw usageError(
        "LIGASE_E_FLAG",
        "there is no home folder to install into (HOME is not set)",
        `ligase completion ${word} prints the script`,
      );
    }
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, shellScript(shell));
    } catch (error) {
      throw fsError(error, path, "write");
    }
    terminal.out(`${terminal.styleOut("good", "wrote")}  ${path}`);
    terminal.note(shell.after);
    return 0;
  },
);
