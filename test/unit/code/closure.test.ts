import { describe, expect, it } from "vitest";
import { EDITS } from "./edits.ts";
import { analysed, changed, hashes } from "./support/project.ts";

describe("closure hash", () => {
  it.each(EDITS)("$what changes $changes", ({ before, after, changes }) => {
    expect(changed(before, after)).toEqual([...changes].sort());
  });

  it("does not depend on where the project lies", () => {
    const [edit] = EDITS;
    expect(hashes(edit!.before)).toEqual(hashes(edit!.before));
  });

  it("does not depend on which of two mutually recursive functions is reached first", () => {
    const even = "function even(n: number): boolean { return n === 0 || odd(n - 1); }";
    const odd = "function odd(n: number): boolean { return n !== 0 && even(n - 1); }";
    const a = `export const a = task((n: number) => even(n));`;
    const b = `export const b = task((n: number) => odd(n));`;
    const files = (...parts: string[]) => ({ "workflow.ts": [`import { task } from "ligase";`, ...parts].join("\n") });
    expect(hashes(files(a, b, even, odd))).toEqual(hashes(files(odd, even, b, a)));
  });

  it("names what it is made of", () => {
    const { definitions } = analysed(EDITS[0]!.before);
    const align = definitions.find((one) => one.name === "align");
    expect(Object.keys(align?.closure ?? {})).toEqual([
      "lib/cut.ts#cut",
      "lib/trim.ts#LIMIT",
      "lib/trim.ts#trim",
      "workflow.ts#align",
    ]);
  });

  it("of a stub stands beside that of its task", () => {
    const head = `import { task } from "ligase";\nimport { fake } from "./fake.ts";\nconst shared = { stub: fake };\n`;
    const files = (options: string, helper = "1") => ({
      "workflow.ts": `${head}export const align = task(${options}(reads: string) => reads.length);`,
      "fake.ts": `export const fake = () => ${helper};`,
    });
    const definition = (options: string, helper?: string) => analysed(files(options, helper)).definitions[0]!;
    const bare = definition("");
    expect(bare.stub).toBeUndefined();
    expect(definition('{ memory: "1 GiB" }, ').stub).toBeUndefined();
    // However it is written, it is found, and what it reaches counts for it alone.
    for (const options of [
      "{ stub: () => fake() }, ",
      "{ stub() { return fake(); } }, ",
      "{ stub: fake }, ",
      "shared, ",
      "{ ...shared }, ",
    ]) {
      const [before, after] = [definition(options), definition(options, "2")];
      const { closureHash, closure, scripted } = before;
      expect({ options, closureHash, closure, scripted }).toEqual({
        options,
        closureHash: bare.closureHash,
        closure: bare.closure,
        scripted: undefined,
      });
      expect({ options, closureHash: after.closureHash }).toEqual({ options, closureHash });
      expect(Object.keys(before.stub?.closure ?? {})).toContain("fake.ts#fake");
      expect(after.stub?.closureHash).not.toBe(before.stub?.closureHash);
    }
    // A golden value: the closure of a task with a stub is what it was before there were stubs.
    expect(definition("{ stub: fake }, ").closureHash).toBe("ca4fba61e4b093fb51be7fc8b2dc41769765c121");
  });

  it("names packages by version and files by content", () => {
    const { definitions } = analysed({
      "workflow.ts": `import { task } from "ligase";\nimport { z } from "zod";\nimport d from "./d.json";\nexport const a = task(() => z(d));`,
      "d.json": "1",
      "node_modules/zod/package.json": `{ "name": "zod", "version": "4.6.7", "exports": "./i.js" }`,
      "node_modules/zod/i.js": "",
    });
    expect(definitions[0]?.closure).toMatchObject({ "npm:zod": "4.6.7", "asset:d.json": expect.any(String) });
  });

  it("takes a sum of 20,000 terms and a module of 5,000 functions", () => {
    const sum = Array.from({ length: 20_000 }, () => "x").join(" + ");
    const chain = Array.from({ length: 5_000 }, (_, i) => `function f${i}(x: number): number { return f${i + 1}(x); }`);
    const text = [
      `import { task } from "ligase";`,
      `const x = 1;\nconst sum = ${sum};`,
      ...chain,
      `function f5000(x: number) { return x; }`,
      `export const a = task(() => f0(sum));`,
    ].join("\n");
    expect(Object.keys(analysed({ "workflow.ts": text }).definitions[0]!.closure)).toHaveLength(5_004);
  });
});
