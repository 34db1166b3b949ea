/**
 * Every page does what it says: its files are written, its edits made, its commands typed, and they print what it
 * shows. After a change of what is printed, `LIGASE_DOCS=write npx vitest run test/docs` brings the pages up to date.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Block, blocksOf, pages, readPage, ROOT } from "./markdown.ts";
import { type Told, tell } from "./story.ts";

const WRITE = process.env["LIGASE_DOCS"] === "write";
const told = pages().filter((page) => blocksOf(page).some(({ language }) => language === "console"));

describe.concurrent("what a page shows happens", () => {
  it.each(told)("%s", { timeout: 60_000 }, async (page) => {
    const result = await tell(page);
    if (WRITE) update(page, result);
    else {
      const shown = result.deviations.map(
        ({ line, command, missing, printed }) =>
          `${page}:${line}: ${command}\nthe page shows\n${missing}\nprinted was\n${printed}`,
      );
      expect(shown).toEqual([]);
    }
    expect(result.commands).toBeGreaterThan(0);
  });
});

function update(page: string, { blocks }: Told): void {
  const lines = readPage(page).split("\n");
  const stale = blocksOf(page).filter((block) => block.language === "console" && blocks.get(block.line) !== block.text);
  for (const block of stale.toReversed()) replace(lines, block, blocks.get(block.line) ?? block.text);
  writeFileSync(join(ROOT, page), lines.join("\n"));
}

function replace(lines: string[], { line, text }: Block, by: string): void {
  lines.splice(line - 1, text.split("\n").length - 1, ...by.split("\n").slice(0, -1));
}

it("the pages that tell a story are told", () => {
  expect(told).toEqual(expect.arrayContaining(["README.md", "docs/getting-started.md", "docs/language.md"]));
});
