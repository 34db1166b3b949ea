import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { compile, type Snippet } from "./compile.ts";
import { blocksOf, fileOf, pages, ROOT } from "./markdown.ts";

/** Modules of the source whose examples show what people write. */
const PUBLIC = [
  "src/expr/{lazy,options,script,task,types}.ts",
  "src/expr/combinators/*.ts",
  "src/files/{dir,file,script,spec}.ts",
  "src/config/config.ts",
  "src/images/image.ts",
  "src/kernel/errors.ts",
  "src/programs/run.ts",
  "src/testing/{test-workflow,types}.ts",
];

/** The blocks of all pages; files of one page share a folder, and the last of a name is the one. */
function snippetsOfPages(): Snippet[] {
  const snippets = new Map<string, Snippet>();
  for (const page of pages()) {
    for (const block of blocksOf(page)) {
      if (block.language !== "ts") continue;
      const name = fileOf(block);
      const place = `${page}:${block.line}`;
      const file = name === undefined ? undefined : join("pages", page, name);
      snippets.set(file ?? place, { place, text: block.text, ...(file !== undefined && { file }) });
    }
  }
  return [...snippets.values()];
}

/** The `@example`s of doc comments. */
function snippetsOfSource(): Snippet[] {
  return PUBLIC.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    // The stars of the comment become blanks, so that lines stay where they are.
    const plain = text.replaceAll(/^ *\* ?/gm, "");
    return blocksOf(path, plain).flatMap((block): Snippet[] =>
      block.language === "ts" ? [{ place: `${path}:${block.line}`, text: block.text }] : [],
    );
  });
}

it("what the pages and the doc comments show is what the compiler takes", async () => {
  const snippets = [...snippetsOfPages(), ...snippetsOfSource()];
  expect(snippets.length).toBeGreaterThan(50);
  expect(await compile(snippets)).toEqual([]);
});

it("what would not compile is found, at its line", async () => {
  const snippets = [{ place: "docs/language.md:7", text: "const n = 1;\nconst text: string = n;\n" }];
  expect(await compile(snippets)).toEqual([expect.stringMatching(/^docs\/language\.md:8: error TS2322/)]);
});

it("every link between pages leads somewhere", () => {
  const broken: string[] = [];
  for (const page of pages()) {
    const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path, anchor] = target!.split("#") as [string, string?];
      const file = path === "" ? page : join(dirname(page), path);
      const there = globSync(file, { cwd: ROOT }).length > 0;
      if (!there || (anchor !== undefined && !anchorsOf(file).includes(anchor))) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
