import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { file, type Planned, type Project, project } from "./project.ts";

// A dry run says what a run would do, and does nothing.

/** The calls of a plan in short: `cached a`, `run b (new)`, `may c (b)`; with a `~` what is only an estimate. */
function told({ calls }: Planned): string[] {
  return calls.map(({ task, fate, estimate, reason, dependsOn }) => {
    const why = fate === "run" ? ` (${reason})` : fate === "may" ? ` (${dependsOn.join()})` : "";
    return `${estimate ? "~" : ""}${fate} ${task}${why}`;
  });
}

/** Everything in the store but fingerprints, counted. */
function rows(p: Project): Record<string, number> {
  const db = new DatabaseSync(p.path(".ligase/store.db"), { readOnly: true });
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table'").all();
    const names = tables.map(({ name }) => String(name)).filter((name) => name !== "fingerprints");
    return Object.fromEntries(
      names.map((name) => [name, Number(db.prepare(`select count(*) as n from "${name}"`).get()?.["n"])]),
    );
  } finally {
    db.close();
  }
}

const CHAIN = `
  const a = task((x: number) => { note("a"); return x + 1; });
  const b = task((x: number) => { note("b"); return x * 10; });
  const c = task((x: number, y: number) => { note("c"); return x + y; });
  export const main = task((x: number) => { note("main"); return c(b(a(x)), a(7)); });
`;

describe("a dry run", () => {
  it("of what never ran says that it would run, and makes no store", async () => {
    const p = project(CHAIN);
    const plan = await p.plan("main", [1]);
    expect(told(plan)).toEqual(["run main (new)"]);
    expect(plan.ran).toEqual([]);
    expect(p.exists(".ligase/store.db")).toBe(false);
  });

  it("of what is cached says so, and records nothing", async () => {
    const p = project(CHAIN);
    await p.run("main", [1]);
    const before = rows(p);
    const plan = await p.plan("main", [1]);
    expect(told(plan)).toEqual(["cached main", "cached a", "cached a", "cached b", "cached c"]);
    expect(plan.ran).toEqual([]);
    expect(rows(p)).toEqual(before);
    expect(readdirSync(p.path(".ligase/work"))).toEqual([]);
  });

  it("tells what runs from what may run, if the results it depends on are others", async () => {
    const p = project(CHAIN);
    await p.run("main", [1]);
    p.edit("workflow.ts", "x * 10", "10 * x");
    const plan = await p.plan("main", [1]);
    expect(told(plan)).toEqual(["cached main", "cached a", "cached a", "run b (new)", "may c (b)"]);
    expect(plan.ran).toEqual([]);
    // It gives the same value, so that c does not run.
    expect((await p.run("main", [1])).ran).toEqual(["b"]);
    p.edit("workflow.ts", "10 * x", "11 * x");
    p.edit("workflow.ts", "x + 1", "x + 2");
    expect(told(await p.plan("main", [1]))).toEqual([
      "cached main",
      "run a (new)",
      "run a (new)",
      // Of this version of b nothing is cached, whatever it is given.
      "run b (new)",
      "may c (b,a)",
    ]);
    expect((await p.run("main", [1])).ran.toSorted()).toEqual(["a", "a", "b", "c"]);
  });

  it("guesses what a body that would run will call by what it called last time", async () => {
    const p = project(CHAIN);
    await p.run("main", [1]);
    p.edit("workflow.ts", "a(7)", "a(8)");
    p.edit("workflow.ts", "x + y", "x - y");
    // Its result is what it may be, its calls are what they were.
    expect(told(await p.plan("main", [1]))).toEqual([
      "run main (new)",
      "~cached a",
      "~cached a",
      "~cached b",
      "~run c (new)",
    ]);
    // Of other arguments nothing can be guessed here.
    expect(told(await p.plan("main", [2]))).toEqual(["run main (new)"]);
    expect(told(await p.plan("main", [1], { settings: { noCache: true } }))).toEqual([
      "run main (forced)",
      "~run a (forced)",
      "~run a (forced)",
      "~run b (forced)",
      "~run c (forced)",
    ]);
    expect(told(await p.plan("main", [1], { settings: { force: new Set(["a"]) } }))).toContain("~run a (forced)");
  });

  it("never takes a sample for a run, nor a run for a sample", async () => {
    const p = project(`
      const use = task((n: number) => { note("use"); return n; });
      export const main = task(() => map([1, 2, 3], (n) => use(n)));
    `);
    await p.run("main", [], { settings: { sample: 2 } });
    expect(told(await p.plan("main"))).toEqual(["run main (new)"]);
    expect(told(await p.plan("main", [], { settings: { sample: 2 } }))).toEqual([
      "cached main",
      "cached use",
      "cached use",
    ]);
    await p.run("main");
    expect(told(await p.plan("main"))).toHaveLength(4);
    expect(told(await p.plan("main", [], { settings: { sample: 1, stub: true } }))).toEqual(["run main (new)"]);
  });

  it("calls no schema's nor a script's body, and sees files that changed", async () => {
    const p = project({
      "workflow.ts": `
        const count = task((reads: File) => script\`wc -l < \${reads}; echo count >> \${process.env.LEDGER!}\`);
        const twice = task((text: string) => { note("twice"); return 2 * Number(text); });
        export const main = task((reads: File) => twice(count(reads)));
      `,
      "reads.txt": "a\nb\n",
    });
    const reads = file(p.path("reads.txt"));
    expect(told(await p.plan("main", [reads]))).toEqual(["run main (new)"]);
    await p.run("main", [reads]);
    expect(told(await p.plan("main", [reads]))).toEqual([
      "cached main",
      "cached count",
      "cached count",
      "cached twice",
    ]);
    p.write({ "reads.txt": "a\nb\nc\n" });
    expect(told(await p.plan("main", [reads]))).toEqual(["run main (new)"]);
    p.write({ "reads.txt": "a\nb\n" });
    p.edit("workflow.ts", "wc -l", "cat -n");
    const plan = await p.plan("main", [reads]);
    expect(told(plan)).toEqual(["cached main", "run count (new)", "may twice (count)", "~cached count"]);
    expect(plan.ran).toEqual([]);
  });

  it("sees outputs that were removed", async () => {
    const p = project(`
      const make = task((text: string) => script({ outputs: "out.txt" })\`echo \${text} > out.txt\`);
      const read = task(async (out: File) => { note("read"); return out.text(); });
      export const main = task(() => ({ text: read(make("x")), out: make("x") }));
    `);
    const { value } = await p.run("main");
    const { out } = value as { out: { file: string } };
    p.write({ [out.file]: "tampered" });
    expect(told(await p.plan("main"))).toEqual(
      ["cached main", "cached make", "run make (files)", "may read (make)", "~run make (files)"].slice(0, 4),
    );
  });

  it("guesses nothing from what a body left when a file that it names is another one", async () => {
    const p = project({
      "workflow.ts": `
        const read = task(async (input: File) => { note("read"); return input.text(); });
        export const main = task(() => read(new File("data.txt")));
      `,
      "data.txt": "1",
    });
    await p.run("main");
    p.write({ "data.txt": "2" });
    expect(told(await p.plan("main"))).toEqual(["run main (files)"]);
    p.edit("workflow.ts", "return input", "return await input");
    p.edit("workflow.ts", "() => read", "async () => read");
    expect(told(await p.plan("main"))).toEqual(["run main (new)"]);
  });

  it("says what a missing input would fail with", async () => {
    const p = project(`
      const slow = task((n: number) => n);
      export const main = task((input: File) => [slow(1), input.name]);
    `);
    const { error, calls } = await p.plan("main", [file(p.path("gone.txt"))]);
    expect(error?.message).toContain("gone.txt");
    expect(calls).toEqual([]);
  });
});

describe("a dry run goes on where the run might", () => {
  it("into both branches of a condition that is not known, and says what they depend on", async () => {
    const p = project(`
      const big = task((n: number) => { note("big"); return n > 10; });
      const trim = task((n: number) => { note("trim"); return n - 1; });
      const keep = task((n: number) => { note("keep"); return n; });
      const end = task((n: number) => { note("end"); return n; });
      export const main = task((n: number) => end(cond(big(n), trim(n), keep(n))));
    `);
    await p.run("main", [5]);
    p.edit("workflow.ts", "n > 10", "n > 4");
    const plan = await p.plan("main", [5]);
    expect(told(plan)).toEqual(["cached main", "run big (new)", "may end (big)", "may trim (big)", "cached keep"]);
    expect((await p.run("main", [5])).ran).toEqual(["big", "trim", "end"]);
  });

  it("into the callback of a list that is not known", async () => {
    const p = project(`
      const list = task((n: number) => { note("list"); return Array.from({ length: n }, (_, i) => i); });
      const fixed = task(() => { note("fixed"); return 1; });
      const use = task((i: number, k: number) => { note("use"); return i + k; });
      const sum = task((all: number[]) => { note("sum"); return all.length; });
      export const main = task((n: number) => sum(map(list(n), (i) => use(i, fixed()))));
      export const folded = task((n: number) => reduce(list(n), (a, i) => use(a, i), 0));
      export const grouped = task((n: number) => map(groupBy(list(n), (i) => use(i, 1)), ({ items }) => sum(items)));
    `);
    await p.run("main", [3]);
    await p.run("folded", [3]);
    await p.run("grouped", [3]);
    p.edit("workflow.ts", "length: n", "length: n + 1");
    expect(told(await p.plan("main", [3]))).toEqual([
      "cached main",
      "run list (new)",
      "may sum (list)",
      "~cached fixed",
      // As often as the list had items last time.
      ...Array.from({ length: 3 }, () => "~may use (list)"),
    ]);
    expect(told(await p.plan("folded", [3]))).toEqual([
      "cached folded",
      "run list (new)",
      ...Array.from({ length: 3 }, () => "~may use (list)"),
    ]);
    expect(told(await p.plan("grouped", [3]))).toEqual([
      "cached grouped",
      "run list (new)",
      ...Array.from({ length: 3 }, () => "~may use (list)"),
      "~may sum (list)",
    ]);
  });

  it("knows the items that are known, when others are not", async () => {
    const p = project(`
      const list = task((name: string) => { note("list " + name); return [name + 1, name + 2]; });
      const use = task((name: string) => { note("use " + name); return name; });
      export const main = task(() => map(flatten([list("a"), list("b")]), (name) => use(name)));
      export const ordered = task(() => seq([use(get(list("a"), 0)), use("c"), use("d")]));
      export const zipped = task(() => zip(list("a"), list("b")));
    `);
    await p.run("main");
    await p.run("ordered");
    await p.run("zipped");
    p.edit("workflow.ts", "export const main", "const other = task(() => 1);\nexport const main");
    expect((await p.plan("main")).calls.filter(({ fate }) => fate !== "cached")).toEqual([]);
    const force = new Set(["use"]);
    expect(told(await p.plan("main", [], { settings: { force } }))).toEqual([
      "cached main",
      "cached list",
      "cached list",
      ...Array.from({ length: 4 }, () => "run use (forced)"),
    ]);
    // In a run the second waits for the first; whether it runs does not depend on it.
    expect(told(await p.plan("ordered", [], { settings: { force } })).toSorted()).toEqual([
      "cached list",
      "cached ordered",
      ...Array.from({ length: 3 }, () => "run use (forced)"),
    ]);
    expect(told(await p.plan("zipped", [], { settings: { force: new Set(["list"]) } }))).toEqual([
      "cached zipped",
      "run list (forced)",
      "run list (forced)",
    ]);
  });

  it("into recoveries, which it tells from failures that are cached", async () => {
    const p = project(`
      const risky = task((n: number) => { note("risky " + n); if (n === 1) throw new Error("bad"); return n; });
      const rescue = task((message: string) => { note("rescue"); return message; });
      export const main = task(() => [1, 2].map((n) => attempt(risky(n), (error) => rescue(error.message))));
      export const all = task(() => attemptAll([risky(1), risky(2)], () => rescue("x")));
    `);
    await p.run("main");
    await p.run("all");
    const cached = told(await p.plan("main"));
    expect(cached.toSorted()).toEqual(["cached main", "cached rescue", "cached risky"]);
    expect((await p.run("main")).ran).toEqual([]);
    p.edit("workflow.ts", "n === 1", "n === 2");
    expect(told(await p.plan("main"))).toEqual([
      "cached main",
      "run risky (new)",
      "run risky (new)",
      "may rescue (risky)",
      "may rescue (risky)",
    ]);
    expect(told(await p.plan("all"))).toEqual([
      "cached all",
      "run risky (new)",
      "run risky (new)",
      "may a lift (risky)",
      "cached rescue",
    ]);
  });

  it("through the traces of async bodies", async () => {
    const p = project(`
      const a = task((x: number) => { note("a"); return x + 1; });
      const b = task((x: number) => { note("b"); return x * 10; });
      const c = task((x: number) => { note("c"); return x; });
      export const main = task(async (x: number) => {
        note("main");
        const first = await a(x);
        const second = await b(first);
        return c(second);
      });
    `);
    await p.run("main", [1]);
    expect(told(await p.plan("main", [1])).toSorted()).toEqual(["cached a", "cached b", "cached c", "cached main"]);
    p.edit("workflow.ts", "x + 1", "1 + x");
    // Whether the body runs depends on a; if it does, it will call what it called, as far as one can tell.
    expect(told(await p.plan("main", [1])).toSorted()).toEqual([
      "may main (a)",
      "run a (new)",
      "~cached b",
      "~cached c",
    ]);
    expect((await p.run("main", [1])).ran).toEqual(["a"]);
    p.edit("workflow.ts", "return c(second)", "return c(second + 0)");
    expect(told(await p.plan("main", [1])).toSorted()).toEqual([
      "run main (new)",
      "~cached a",
      "~cached b",
      "~cached c",
    ]);
  });

  it("trusts what a shallow check trusts", async () => {
    const p = project(`
      const leaf = task((n: number) => { note("leaf"); return n; });
      const branch = task({ check: "shallow" }, (n: number) => leaf(n));
      export const main = task((n: number) => branch(n));
    `);
    await p.run("main", [1]);
    expect(told(await p.plan("main", [1]))).toEqual(["cached main", "cached branch"]);
    p.edit("workflow.ts", "return n; }", "return n + 0; }");
    expect(told(await p.plan("main", [1]))).toEqual(["cached main", "cached branch", "run leaf (new)"]);
  });

  it("says that a task which is never cached runs, and what it called last time", async () => {
    const p = project(`
      const leaf = task((n: number) => { note("leaf"); return n; });
      export const main = task({ cache: false }, (n: number) => leaf(n));
    `);
    await p.run("main", [1]);
    expect(told(await p.plan("main", [1]))).toEqual(["run main (uncached)", "~cached leaf"]);
  });

  it("ends where a call waits for itself, and in a recursion", async () => {
    const p = project(`
      const loop = task((n: number): unknown => loop(n));
      const fib = task((n: number): unknown => (n < 2 ? n : add(fib(n - 1), fib(n - 2))));
      const add = task((a: number, b: number) => { note("add"); return a + b; });
      export const main = task((n: number) => attempt(loop(n), -1));
      export const sum = task((n: number) => fib(n));
    `);
    await p.run("main", [1]);
    expect((await p.plan("main", [1])).ran).toEqual([]);
    await p.run("sum", [20]);
    expect((await p.plan("sum", [20])).calls.every(({ fate }) => fate === "cached")).toBe(true);
    p.edit("workflow.ts", "n < 2", "n <= 1");
    const { calls, ran } = await p.plan("sum", [20]);
    expect(ran).toEqual([]);
    expect(calls.filter(({ task, fate }) => task === "fib" && fate === "run")).toHaveLength(21);
  });

  it("follows a recursion of bodies that would run a thousand calls deep, and says that there are more", async () => {
    const p = project(`
      const down = task((n: number): unknown => { note("down"); return n === 0 ? 0 : down(n - 1); });
      export const main = task((n: number) => down(n));
    `);
    await p.run("main", [1200]);
    expect((await p.plan("main", [1200])).cut).toBe(false);
    p.edit("workflow.ts", "n === 0", "n < 1");
    const { calls, cut, ran } = await p.plan("main", [1200]);
    expect({ cut, ran }).toEqual({ cut: true, ran: [] });
    expect(calls.filter(({ fate }) => fate === "run")).toHaveLength(1001);
  });
});
