import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/check-floors.mjs", import.meta.url));
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-floors-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Checks a tree of these modules. */
function check(modules: Record<string, string>): { ok: boolean; output: string } {
  for (const [path, text] of Object.entries(modules)) {
    mkdirSync(dirname(join(root, "src", path)), { recursive: true });
    writeFileSync(join(root, "src", path), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, join(root, "src")], { encoding: "utf8" });
  return { ok: status === 0, output: stdout + stderr };
}

describe("check-floors", () => {
  it("lets imports run downward, within a folder, and to the whole tree from the root", () => {
    const { ok, output } = check({
      "kernel/index.ts": 'export { hash } from "./hash.ts";',
      "kernel/hash.ts": 'import { createHash } from "node:crypto"; export const hash = createHash;',
      "engine/index.ts": 'import { hash } from "../kernel/index.ts"; import z from "zod"; export { hash, z };',
      "index.ts": 'export * from "./engine/index.ts"; export type { T } from "./cli/main.ts";',
      "cli/main.ts": 'export type T = 1; export const e = () => import("../engine/index.ts");',
    });
    expect(output).toBe("5 modules import downward only\n");
    expect(ok).toBe(true);
  });

  it.each([
    ["a value", 'import { a } from "../engine/a.ts"; export { a };'],
    ["a type", 'import type { A } from "../engine/a.ts"; export type B = A;'],
    ["an inline type", 'import { type A } from "../engine/a.ts"; export type B = A;'],
    ["a re-export", 'export * from "../engine/a.ts";'],
    ["a dynamic import", 'export const a = () => import("../engine/a.ts");'],
    ["an import inside a type", 'export type B = import("../engine/a.ts").A;'],
  ])("refuses %s from a floor above", (_, text) => {
    const { ok, output } = check({
      "engine/a.ts": "export const a = 1; export type A = 1;",
      "store/b.ts": `// 1\n${text}`,
    });
    expect(ok).toBe(false);
    expect(output).toContain("src/store/b.ts:2: store (floor 4) imports engine (floor 9), upward: ../engine/a.ts");
  });

  it("refuses folders on one floor to know each other", () => {
    const { output } = check({ "endpoints/a.ts": "export {};", "triggers/b.ts": 'import "../endpoints/a.ts";' });
    expect(output).toMatch(
      /src\/triggers\/b\.ts:1: triggers imports endpoints, which stands on the same floor \(\d+\)/,
    );
  });

  it("refuses what stands at the root, from below", () => {
    const { output } = check({ "index.ts": "export {};", "cli/b.ts": 'import "../index.ts";' });
    expect(output).toMatch(
      /src\/cli\/b\.ts:1: cli \(floor \d+\) imports a module at the root, upward: \.\.\/index\.ts/,
    );
  });

  it("shows circles, also of types alone, by their shortest way round", () => {
    const { ok, output } = check({
      "expr/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
      "expr/b.ts": 'export type B = 1;\nimport type { C } from "./c.ts"; export type D = C;',
      "expr/c.ts": 'import type { A } from "./a.ts"; export type C = A;',
      "expr/d.ts": 'import "./a.ts";',
    });
    expect(ok).toBe(false);
    expect(output).toMatch(
      /a circle of imports: src\/expr\/a\.ts:1 → src\/expr\/b\.ts:2 → src\/expr\/c\.ts:1 → src\/expr\/a\.ts/,
    );
    expect(output).toContain("1 import against");
  });

  it("names folders that have no floor, and modules that are not there", () => {
    const { output } = check({ "utils/a.ts": "export {};", "kernel/b.ts": 'import "./gone.ts";' });
    expect(output).toContain("src/utils/a.ts: the folder utils stands on no floor");
    expect(output).toContain("src/kernel/b.ts:1: ./gone.ts is not there");
  });
});
