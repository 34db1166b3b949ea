import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { shellWord } from "../../worker/script/language.ts";

/** How an interactive shell is started so that its prompt says where one is. */
export interface PromptedShell {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Removes the files that were made for it. */
  tidy(): void;
}

/**
 * Prepares a shell with a prompt of its own, before that of the user's configuration: bash, zsh and fish each have their
 * way; others take `PS1`.
 *
 * @param program - of the user: `$SHELL`
 * @param label - what the prompt says: `ligase align 7k2m9qab`
 * @param colour - may the prompt be coloured?
 */
export function promptedShell(program: string, label: string, colour: boolean): PromptedShell {
  const name = basename(program);
  if (name !== "bash" && name !== "zsh" && name !== "fish") {
    return { program, args: ["-i"], env: { PS1: `(${label}) $ ` }, tidy() {} };
  }
  if (name === "fish") {
    const paint = colour ? "set_color cyan; " : "";
    const prompt = `functions -c fish_prompt ligase_before 2>/dev/null; function fish_prompt; ${paint}echo -n ${shellWord(`(${label}) `)}; set_color normal; ligase_before; end`;
    return { program, args: ["-i", "-C", prompt], env: {}, tidy() {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "ligase-shell-"));
  const tidy = (): void => rmSync(folder, { recursive: true, force: true });
  if (name === "bash") {
    const file = join(folder, "bashrc");
    const mark = colour ? `\\[\\e[36m\\](${label})\\[\\e[0m\\]` : `(${label})`;
    writeFileSync(file, `[ -f ~/.bashrc ] && . ~/.bashrc\nPS1=${shellWord(`${mark} \\W \\$ `)}\n`);
    return { program, args: ["--rcfile", file, "-i"], env: {}, tidy };
  }
  const mark = colour ? `%F{cyan}(${label})%f` : `(${label})`;
  const home = "${LIGASE_ZDOTDIR:-$HOME}";
  writeFileSync(join(folder, ".zshenv"), `[ -f ${home}/.zshenv ] && . ${home}/.zshenv\n`);
  writeFileSync(
    join(folder, ".zshrc"),
    `[ -f ${home}/.zshrc ] && . ${home}/.zshrc\nPROMPT=${shellWord(`${mark} %1~ %# `)}\n`,
  );
  const before = process.env["ZDOTDIR"];
  return { program, args: ["-i"], env: { ZDOTDIR: folder, ...(before && { LIGASE_ZDOTDIR: before }) }, tidy };
}
