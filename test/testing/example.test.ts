import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-example-"));
  cpSync(join(ROOT, "examples/germline-variants"), dir, { recursive: true });
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(ROOT, join(dir, "node_modules/ligase"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// test/integration/germline.test.ts runs those that need the tools.
it("the tests of the germline example that need no tools pass", () => {
  const env = { ...process.env, PATH: "/nowhere" };
  const { stdout, status } = spawnSync(process.execPath, ["--test", "--test-name-pattern=wiring"], {
    cwd: dir,
    encoding: "utf8",
    env,
  });
  expect(stdout).toMatch(/pass 2\n.*fail 0/);
  expect(status).toBe(0);
});
