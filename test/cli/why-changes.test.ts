/**
 * `ligase why`: each part of a key that may change, with what it was and is.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { File, Image, map, script, task } from "ligase";
import zod from "zed";
import { SETTINGS } from "./lib/settings.ts";
import panel from "./panel.json";

const UNIT = "lines";

export const call = task((samples: { id: string; depth: number }[]) => samples.length * SETTINGS.scale);
export const known = task((gene: string) => panel.genes.includes(gene) + zod.mark);
export const fixed = task({ version: "1" }, (n: number) => n + 1);
export const count = task({ env: { UNIT } }, (reads: File, min: number) => script\`
  awk -v min=\${min} 'length($0) >= min' \${reads} | wc -l
\`);
export const read = task((reads: File) => reads.text());
export const longer = task((text: string) => text.toUpperCase());
export const main = task((reads: File) => longer(read(reads)));
export const risky = task((path: string) => script\`cat \${path}\`);
`,
  "lib/settings.ts": "export const SETTINGS = { scale: 10 };\n",
  "panel.json": '{\n  "genes": ["TP53"]\n}\n',
  "node_modules/zed/package.json": '{ "name": "zed", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  "node_modules/zed/index.js": 'export default { mark: "!" };\n',
  "a.fq": "ACGT\nAC\nGGG\n",
};

const run = (p: Project, ...args: string[]) => p.ok("run", "workflow.ts", ...args, "--quiet");

describe.concurrent("ligase why, of a change of code", () => {
  it("shows constants of other modules, imported files, packages and versions", async () => {
    const p = project(FILES);
    const all = async (): Promise<void> => {
      await run(p, "call", "--samples", '[{"id":"a","depth":1}]');
      await run(p, "known", "--gene", "TP53");
      await run(p, "fixed", "--n", "1");
    };
    await all();
    p.edit("lib/settings.ts", "scale: 10", "scale: 11");
    p.edit("panel.json", '"TP53"', '"TP53", "BRCA1"');
    p.edit("node_modules/zed/package.json", "1.0.0", "1.1.0");
    p.edit("workflow.ts", 'version: "1"', 'version: "2"');
    await all();
    expect(await p.ok("why", "call")).toMatch(
      /code +lib\/settings\.ts#SETTINGS edited\n\n +lib\/settings\.ts:1\n +- export const SETTINGS = \{ scale: 10 \};\n +\+ export const SETTINGS = \{ scale: 11 \};\n/,
    );
    const known = await p.ok("why", "known");
    expect(known).toMatch(/code +asset panel\.json edited\n/);
    expect(known).toMatch(/code +package zed 1\.0\.0 → 1\.1\.0\n/);
    expect(known).toMatch(/panel\.json:1\n +\{\n +- {3}"genes": \["TP53"\]\n +\+ {3}"genes": \["TP53", "BRCA1"\]\n/);
    expect(await p.ok("why", "fixed")).toMatch(/code +version 1 → 2\n/);
    expect(await p.ok("why", "@")).toMatch(/fixed +×1 +code version changed/);
  });

  it("shows declarations that are new, and that are gone", async () => {
    const p = project(FILES);
    await run(p, "longer", "--text", "a");
    p.edit("workflow.ts", "text.toUpperCase()", "shout(text)");
    p.append("workflow.ts", 'function shout(text: string) {\n  return text + "!";\n}\n');
    await run(p, "longer", "--text", "a");
    const why = await p.ok("why", "longer");
    expect(why).toMatch(/code +workflow\.ts#shout added\n/);
    expect(why).toMatch(
      /workflow\.ts:\d+\n +\+ function shout\(text: string\) \{\n +\+ {3}return text \+ "!";\n +\+ \}\n/,
    );
    p.edit("workflow.ts", "shout(text)", "text.toUpperCase()");
    await run(p, "longer", "--text", "b");
    expect(await p.ok("why", "longer")).toMatch(/text\n +- "a"\n +\+ "b"\n/);
  });

  it("shows a script's text, its values, and the options of its task that are no code", async () => {
    const p = project(FILES);
    const count = (...more: string[]) => run(p, "count", "--reads", "a.fq", "--min", "3", ...more);
    await count();
    p.edit("workflow.ts", 'UNIT = "lines"', 'UNIT = "rows"');
    await count();
    const env = await p.ok("why", "count");
    expect(env).toMatch(/its environment changed since the nearest earlier call\n/);
    expect(env).toMatch(/env +its variables \(option env\)\n/);
    expect(env).toMatch(/- const UNIT = "lines";\n +\+ const UNIT = "rows";\n/);
    p.edit("workflow.ts", "| wc -l", "| wc -c");
    await count();
    expect(await p.ok("why", "count")).toMatch(
      /code +workflow\.ts#count edited\n[^]*- +awk .* \| wc -l\n +\+ +awk .* \| wc -c\n/,
    );
  });
});

it("shows an image by its definition", async () => {
  const p = project({
    "ligase.config.ts": 'export default { container: { engine: "host" } };\n',
    "tools.ts": 'import { Image } from "ligase";\nexport const tools = Image.debian("12").apt("bwa");\n',
    "workflow.ts": `
import { script, task } from "ligase";
import { tools } from "./tools.ts";
export const main = task({ image: tools }, (n: number) => script\`echo \${n}\`);
`,
  });
  await p.ok("run", "workflow.ts", "--n", "1", "--quiet");
  p.edit("tools.ts", 'apt("bwa")', 'apt("bwa", "samtools")');
  await p.ok("run", "workflow.ts", "--n", "1", "--quiet");
  const why = await p.ok("why", "main");
  expect(why).toContain("its image changed since the nearest earlier call");
  expect(why).toMatch(/image +[0-9a-f]{12}@host → [0-9a-f]{12}@host\n/);
  expect(why).toMatch(/tools\.ts:2\n +- .*apt\("bwa"\);\n +\+ .*apt\("bwa", "samtools"\);/);
  expect(await p.ok("why")).toMatch(/main +×1 +image changed/);
});

describe.concurrent("ligase why, of a change of arguments", () => {
  it("names the place in a value, and does not make others of what follows an item that was put in", async () => {
    const p = project(FILES);
    const sample = (id: string, depth: number) => ({ id, depth });
    const call = (...samples: object[]) => run(p, "call", "--samples", JSON.stringify(samples));
    await call(sample("a", 1), sample("b", 2), sample("c", 3));
    await call(sample("a", 1), sample("b", 20), sample("c", 3));
    expect(await p.ok("why", "call")).toMatch(/argument samples\[1\]\.depth\n +- 2\n +\+ 20\n$/);
    await call(sample("a", 1), sample("x", 9), sample("b", 20), sample("c", 3));
    expect(await p.ok("why", "call")).toMatch(/argument samples\[1\]\n +- not given\n +\+ \{"depth":9,"id":"x"\}\n$/);
    expect(await p.json("why", "call")).toMatchObject({
      changes: [{ part: "argument", path: "samples[1]", steps: [0, 1], after: '{"depth":9,"id":"x"}' }],
    });
  });

  it("compares files by size and first line, where the old content is still somewhere, and follows them up", async () => {
    const p = project(FILES);
    await run(p, "--reads", "a.fq");
    mkdirSync(p.path("old"));
    p.write("old/a.fq", p.read("a.fq"));
    await run(p, "read", "--reads", "old/a.fq");
    p.edit("a.fq", "AC\n", "ACC\nT\n");
    await run(p, "--reads", "a.fq");
    expect(await p.ok("why", "read")).toMatch(
      /argument reads\n +- .*a\.fq \(12 bytes, sha256 \w+\)\n +\+ .*a\.fq \(15 bytes, sha256 \w+\)\n +3 bytes more; line 2 is the first to differ\n +- AC\n +\+ ACC\n/,
    );
    const longer = await p.ok("why", "longer");
    expect(longer).toMatch(/argument text\n +ACGT\n +- AC\n +\+ ACC\n +\+ T\n +GGG\n/);
    expect(longer).toMatch(/text is the result of read \(\w{8}\): argument reads changed\n/);
    expect(longer).toMatch(/in turn, reads was given to it by main \(\w{8}\): argument reads changed\n/);
    expect(await p.json("why", "longer")).toMatchObject({
      because: [
        { how: "result", task: "read", argument: "text", reason: "argument reads changed" },
        { how: "caller", task: "main" },
      ],
    });
  });

  it("says when the same call failed before, and nothing changed", async () => {
    const p = project(FILES);
    const risky = () => p.run("run", "workflow.ts", "risky", "--path", p.path("later.txt"), "--quiet");
    await risky();
    p.write("later.txt", "now it is there");
    expect(await risky()).toMatchObject({ code: 0, stdout: "now it is there\n" });
    expect(await p.ok("why", "risky")).toMatch(/the same call failed in run \w{8}: failures are not\n? *cached\n/);
    expect(await p.json("why", "risky")).toMatchObject({
      changes: [],
      failedBefore: { state: "failed", task: "script" },
    });
  });
});
