import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TEMPLATES } from "../../src/cli/scaffold/index.ts";
import { describeWith } from "../support/needs.ts";

const ROOT = join(import.meta.dirname, "../..");
let dir: string;

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ligase-template-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, encoding: "utf8" });
  return { status, stdout, stderr };
}

for (const [template, { needs }] of Object.entries(TEMPLATES)) {
  describeWith({ programs: needs })(`the template ${template}`, () => {
    it("runs, runs nothing a second time, and passes its own tests", () => {
      const ligase = join(ROOT, "bin/ligase");
      expect(run(ligase, "init", "--template", template).status).toBe(0);
      const first = run(ligase, "run", "workflow.ts", "--json");
      expect(first).toMatchObject({ status: 0 });
      const again = run(ligase, "run", "workflow.ts", "--json");
      expect(again.stdout).toBe(first.stdout);
      // What must look at places rather than contents says `cache: false`, and is cheap.
      const free = /cache: false/.test(readFileSync(join(dir, "workflow.ts"), "utf8")) ? "1 done" : "0 done";
      expect(again.stderr).toMatch(free === "1 done" ? /total.* 1 done/ : /total +\d+\/\d+ +\d+ cached/);

      mkdirSync(join(dir, "node_modules"));
      symlinkSync(ROOT, join(dir, "node_modules/ligase"));
      const tested = run(process.execPath, "--test");
      expect(tested.stdout).toMatch(/fail 0/);
      expect(tested.status).toBe(0);
    });
  });
}
