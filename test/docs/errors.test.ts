import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

/** Codes that the source raises or compares with; its comments may speak of others. */
function codesOfSource(): string[] {
  const files = globSync(["src/**/*.ts", "python/src/**/*.py"], { cwd: ROOT });
  const codes = files.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|"""[\s\S]*?"""/g, "");
    return text.match(/\bLIGASE_[EW]_[A-Z]+(?:_[A-Z]+)*\b/g) ?? [];
  });
  return [...new Set(codes)].sort();
}

it("the page of errors has every code once, and no other", () => {
  const rows = [...readPage("docs/errors.md").matchAll(/^\| `(LIGASE_[EW]_[A-Z_]+)`/gm)].map(([, code]) => code!);
  rows.sort((a, b) => (a < b ? -1 : 1));
  expect(rows).toEqual(codesOfSource());
});
