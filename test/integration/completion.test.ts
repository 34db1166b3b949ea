import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../support/needs.ts";

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-completion-"));
  mkdirSync(join(dir, "bin"));
  writeFileSync(join(dir, "bin/ligase"), `#!/bin/sh\nexec ${join(import.meta.dirname, "../../bin/ligase")} "$@"\n`);
  chmodSync(join(dir, "bin/ligase"), 0o755);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(dir, "workflow.ts"),
    'import { task } from "ligase";\n/** Align: one sample. */\nexport const align = task(() => 1);\nexport const main = task(() => 2);\n',
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function shell(program: string, ...args: string[]): string {
  const env = { ...process.env, PATH: `${join(dir, "bin")}:${process.env["PATH"]}`, HOME: dir };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: dir, encoding: "utf8", env, timeout: 30_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

describeWith({ programs: ["fish"] })("completion in fish", () => {
  it("offers commands, tasks with what they do, and files", () => {
    const offer = (line: string) => shell("fish", "-c", `ligase completion fish | source; complete -C "${line}"`);
    expect(offer("ligase comp")).toMatch(/^completion\t/);
    expect(offer("ligase run workflow.ts ")).toBe("align\tAlign: one sample.\nmain\n");
    expect(offer("ligase run work")).toContain("workflow.ts");
    expect(offer("ligase init --template ")).toContain("sequencing");
  });
});

// A shell of zsh in a terminal of its own, at which the keys are pressed.
const ZSH = String.raw`
zmodload zsh/zpty
zpty shell zsh -f -i
press() { zpty -w -n shell "$1"; }
# Reads until a pattern has been printed.
until_printed() {
  local text part
  while zpty -r -t shell part || sleep 0.05; do
    text+="$part"
    [[ "$text" == *$~1* ]] && { print -r -- "$text"; return; }
    (( SECONDS > 25 )) && { print -r -- "$text"; return 1; }
  done
}
press $'PS1="ready "; autoload -U compinit; compinit -u -D; eval "$(ligase completion zsh)"; print -r loa"d"ed\n'
until_printed loaded > /dev/null
press "ligase $1"
press $'\t'
until_printed "$2"
`;

describeWith({ programs: ["zsh"] })("completion in zsh", () => {
  it("offers commands, and tasks with what they do", () => {
    expect(shell("zsh", "-fc", ZSH, "zsh", "comp", "completion")).toContain("completion");
    expect(shell("zsh", "-fc", ZSH, "zsh", "run workflow.ts ", "one sample")).toMatch(/align +-- Align: one sample/);
  });
});
