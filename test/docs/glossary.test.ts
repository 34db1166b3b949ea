import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

it("what the glossary finds in the code is there", () => {
  const source = globSync("src/**/*.ts", { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");
  const rows = [...readPage("docs/glossary.md").matchAll(/^\| ([^|`]+?) +\| [^|]+ \| (`[^|]+`) +\|$/gm)];
  expect(rows.length).toBeGreaterThan(40);
  const missing = rows.flatMap(([, word, code]) =>
    [...code!.matchAll(/`(\w+)(?:\.(\w+))?`/g)]
      .filter(([, name, member]) => !declares(source, name!) || (member !== undefined && !source.includes(member)))
      .map(([text]) => `${word}: ${text}`),
  );
  expect(missing).toEqual([]);
});

function declares(source: string, name: string): boolean {
  return new RegExp(
    `\\bexport (?:declare )?(?:abstract |async )?(?:const|function|class|interface|type) ${name}\\b`,
  ).test(source);
}

it("a word stands in it once", () => {
  const words = [...readPage("docs/glossary.md").matchAll(/^\| ([a-z ]+?) +\|/gm)]
    .map(([, word]) => word!)
    .filter((word) => word !== "word");
  expect(words).toEqual([...new Set(words)]);
});
