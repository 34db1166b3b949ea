/**
 * The prompt of `ligase shell` in the shells that people have.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { promptedShell } from "../../src/cli/shell/prompt.ts";
import { describeWith } from "../support/needs.ts";

/** What a shell prints whose user has a configuration of their own. */
function printed(shell: string, config: string, content: string, commands: readonly string[]): string {
  const home = mkdtempSync(join(tmpdir(), "ligase-home-"));
  const { program, args, env, tidy } = promptedShell(shell, "ligase align 7k2m9qab", false);
  try {
    writeFileSync(join(home, config), content);
    const { stdout, stderr } = spawnSync(program, [...args, ...commands], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home, TERM: "dumb", XDG_CONFIG_HOME: home, ...env },
    });
    return stdout + stderr;
  } finally {
    tidy();
    rmSync(home, { recursive: true, force: true });
  }
}

describeWith({ programs: ["bash", "zsh", "fish"] })("the prompt of ligase shell", () => {
  it("stands in bash, below the user's own configuration", () => {
    const text = printed("bash", ".bashrc", "PS1=mine; GREETING=hello\n", ["-c", 'echo "$PS1|$GREETING"']);
    expect(text).toContain("(ligase align 7k2m9qab) \\W \\$ |hello");
  });

  it("stands in zsh", () => {
    const text = printed("zsh", ".zshrc", "PROMPT=mine; GREETING=hello\n", ["-c", 'print -r -- "$PROMPT|$GREETING"']);
    expect(text).toContain("(ligase align 7k2m9qab) %1~ %# |hello");
  });

  it("stands before that of fish", () => {
    expect(printed("fish", "none", "", ["-c", "fish_prompt"])).toMatch(/^\(ligase align 7k2m9qab\) /m);
  });
});
