import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { file, project } from "./project.ts";

const pathOf = (value: unknown): string => (value as { file: string }).file;

describe("files count by name and content, never by location", () => {
  it("the same file in another folder is the same argument", async () => {
    const p = project({
      "a/reads.txt": "ACGT",
      "b/reads.txt": "ACGT",
      "b/other.txt": "ACGT",
      "workflow.ts": `
        const read = task(async (reads: File) => { note("read"); return (await reads.text()).length; });
        export const main = task((reads: File) => read(reads));
      `,
    });
    expect(await p.run("main", [file("a/reads.txt")])).toMatchObject({ value: 4, ran: ["read"] });
    expect(await p.run("main", [file("b/reads.txt")])).toMatchObject({ value: 4, ran: [] });
    expect(await p.run("main", [file("b/other.txt")])).toMatchObject({ value: 4, ran: ["read"] });
    renameSync(p.path("b/reads.txt"), p.path("reads.txt"));
    expect(await p.run("main", [file("reads.txt")])).toMatchObject({ value: 4, ran: [] });
  });

  it("what bodies left is taken where only the place of what they were given changed", async () => {
    const p = project({
      "a/reads.txt": "ACGT",
      "workflow.ts": `
        const count = task(async (reads: File) => { note("count"); return (await reads.text()).length; });
        const twice = task(async (reads: File) => { note("twice"); return 2 * (await count(reads)); });
        const same = task((reads: File) => { note("same"); return reads; });
        export const main = task((reads: File) => { note("main"); return [twice(reads), count(same(reads))]; });
      `,
    });
    expect((await p.run("main", [file("a/reads.txt")])).value).toEqual([8, 4]);
    for (const [from, to] of [
      ["a", "b"],
      ["b", "c"],
    ] as const) {
      renameSync(p.path(from), p.path(to));
      expect(await p.run("main", [file(`${to}/reads.txt`)])).toMatchObject({ value: [8, 4], ran: [] });
    }
    // Another content is not taken for it.
    writeFileSync(p.path("c/reads.txt"), "ACG");
    expect((await p.run("main", [file("c/reads.txt")])).ran).toHaveLength(4);
  });

  it("a copy that a call makes of what it is given is made again when it is gone", async () => {
    const p = project({
      "reads.txt": "ACGT",
      "workflow.ts": `
        export const main = task(async (reads: File) => { note("main"); return reads.publish("results/"); });
      `,
    });
    await p.run("main", [file("reads.txt")]);
    expect((await p.run("main", [file("reads.txt")])).ran).toEqual([]);
    rmSync(p.path("results"), { recursive: true });
    expect((await p.run("main", [file("reads.txt")])).ran).toEqual(["main"]);
    expect(p.read("results/reads.txt")).toBe("ACGT");
  });

  it("outputs of two names and one content are two files", async () => {
    const p = project(`
      const make = task((name: string) => { note("make " + name); return File.write(name, "same"); });
      const read = task(async (made: File) => { note("read"); return made.name + ":" + (await made.text()); });
      export const main = task(() => [read(make("a.txt")), read(make("b.txt")), make("a.txt"), make("b.txt")]);
    `);
    const { value, ran } = await p.run("main");
    const [a, b, one, two] = value as [string, string, unknown, unknown];
    expect([a, b]).toEqual(["a.txt:same", "b.txt:same"]);
    expect(ran.toSorted()).toEqual(["make a.txt", "make b.txt", "read", "read"]);
    expect([p.read(pathOf(one)), p.read(pathOf(two))]).toEqual(["same", "same"]);
    expect((await p.run("main")).ran).toEqual([]);
  });

  it("an output that a script overwrites in another call does not change the first", async () => {
    const p = project(`
      const make = task((x: number) => script({ outputs: "out.txt" })\`echo make >> "$LEDGER"; echo \${x} > out.txt\`);
      const more = task((made: File) => script({ outputs: "more.txt" })\`echo more >> "$LEDGER"; cat \${made} > more.txt; echo more >> more.txt\`);
      export const main = task(() => { const made = make(1); return [made, more(made)]; });
    `);
    const { value } = await p.run("main");
    const [made, more] = value as [unknown, unknown];
    expect([p.read(pathOf(made)), p.read(pathOf(more))]).toEqual(["1\n", "1\nmore\n"]);
    expect((await p.run("main")).ran).toEqual([]);
  });
});

describe("a folder", () => {
  it("as an argument counts by its files", async () => {
    const p = project({
      "data/a.txt": "a",
      "data/deep/b.txt": "b",
      "workflow.ts": `
        const list = task((data: Dir) => script\`echo list >> "$LEDGER"; cd \${data}; find . -type f | sort\`);
        export const main = task((data: Dir) => list(data));
      `,
    });
    expect(await p.run("main", [file("data/")])).toMatchObject({ value: "./a.txt\n./deep/b.txt\n", ran: ["list"] });
    p.touch("data/a.txt");
    expect((await p.run("main", [file("data/")])).ran).toEqual([]);
    writeFileSync(p.path("data/deep/c.txt"), "c");
    expect(await p.run("main", [file("data/")])).toMatchObject({
      value: "./a.txt\n./deep/b.txt\n./deep/c.txt\n",
      ran: ["list"],
    });
    rmSync(p.path("data/deep/c.txt"));
    expect(await p.run("main", [file("data/")])).toMatchObject({ value: "./a.txt\n./deep/b.txt\n", ran: [] });
  });

  it("as an output is made again when something in it is gone", async () => {
    const p = project(`
      const make = task(() => script({ outputs: "parts/" })\`echo make >> "$LEDGER"; mkdir parts; for i in 1 2 3; do echo $i > parts/$i; done\`);
      export const main = task(() => make());
    `);
    const parts = p.path(pathOf((await p.run("main")).value));
    rmSync(`${parts}/2`);
    expect((await p.run("main")).ran).toEqual(["make"]);
    expect(readdirSync(parts).toSorted()).toEqual(["1", "2", "3"]);
  });
});

describe("a file that is not there", () => {
  it("is an error that names it, before any body runs", async () => {
    const p = project(`
      const read = task(async (reads: File) => { note("read"); return (await reads.text()).length; });
      export const main = task((reads: File) => { note("main"); return read(reads); });
    `);
    const { error, ran } = await p.run("main", [file("missing.txt")]);
    expect(ran).toEqual([]);
    expect(error).toMatchObject({ code: "LIGASE_E_NO_FILE" });
    expect(error?.message).toContain("missing.txt");
  });
});

describe("a producer that no longer gives the same", () => {
  it("when its output was lost takes what depends on it along", async () => {
    const p = project(`
      const make = task(() => { note("make"); return File.write("made.txt", String(noted().filter((line) => line === "make").length)); });
      const read = task(async (made: File) => { note("read"); return made.text(); });
      export const main = task(() => ({ made: make(), text: read(make()) }));
    `);
    const first = await p.run("main");
    expect(first).toMatchObject({ value: { text: "1" }, ran: ["make", "read"] });
    rmSync(p.path(pathOf((first.value as { made: unknown }).made)));
    expect(await p.run("main")).toMatchObject({ value: { text: "2" }, ran: ["make", "read"] });
  });
});
