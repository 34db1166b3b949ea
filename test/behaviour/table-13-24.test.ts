import { expect, it } from "vitest";
import { answer, durable, engines, eventually, ligase, marked } from "./command.ts";
import { counts, project } from "./project.ts";

// The behaviour table of DESIGN section 3, line by line. What ran is read from the ledger alone.

it("13. attempt(faulty, recover) twice: a replay; recover edited: it runs; faulty edited: the new value", async () => {
  const p = project(`
    const faulty = task((x: number): number => { note("faulty"); throw new RangeError("no " + x); });
    const recover = task((error: Error) => { note("recover"); return "recovered: " + error.message; });
    export const main = task(() => { note("main"); return attempt(faulty(1), recover); });
  `);
  expect(await p.run("main")).toMatchObject({ value: "recovered: no 1", ran: ["main", "faulty", "recover"] });
  expect(await p.run("main")).toMatchObject({ value: "recovered: no 1", ran: [] });
  p.edit("workflow.ts", `"recovered: "`, `"saved: "`);
  expect(await p.run("main")).toMatchObject({ value: "saved: no 1", ran: ["recover"] });
  p.edit("workflow.ts", `throw new RangeError("no " + x);`, "return x + 1;");
  expect(await p.run("main")).toMatchObject({ value: 2, ran: ["faulty"] });
  expect(await p.run("main")).toMatchObject({ value: 2, ran: [] });
});

it("13. what fails below the faulty call edited: the new value", async () => {
  const p = project(`
    const below = task((x: number): number => { note("below"); throw new RangeError("no " + x); });
    const faulty = task((x: number) => { note("faulty"); return below(x); });
    export const main = task(() => attempt(faulty(1), () => "recovered"));
  `);
  expect(await p.run("main")).toMatchObject({ value: "recovered", ran: ["faulty", "below"] });
  expect(await p.run("main")).toMatchObject({ value: "recovered", ran: [] });
  p.edit("workflow.ts", `throw new RangeError("no " + x);`, "return x + 1;");
  expect(await p.run("main")).toMatchObject({ value: 2, ran: ["below"] });
});

it("14. attemptAll([ok, bad, ok]): all finish; recovery sees values and errors in place", async () => {
  const p = project(`
    const ok = task(async (x: number) => { await until("bad"); note("ok " + x); return x; });
    const bad = task((): number => { note("bad"); throw new RangeError("no"); });
    const summary = task((results: unknown[]) => {
      note("summary");
      return results.map((each) => (each instanceof RangeError ? "RangeError: " + each.message : each));
    });
    export const main = task(() => attemptAll([ok(1), bad(), ok(3)], summary));
    export const plain = task(() => attemptAll([ok(1), bad(), ok(3)]));
    export const fine = task(() => attemptAll([ok(1), ok(3)], summary));
  `);
  const { value, ran } = await p.run("main");
  expect(value).toEqual([1, "RangeError: no", 3]);
  expect(counts(ran)).toEqual({ "ok 1": 1, "ok 3": 1, bad: 1, summary: 1 });
  expect(await p.run("main")).toMatchObject({ value: [1, "RangeError: no", 3], ran: [] });
  expect(await p.run("plain")).toMatchObject({ value: [1, { error: "no" }, 3], ran: [] });
  expect(await p.run("fine")).toMatchObject({ value: [1, 3], ran: [] });
});

it("15. cond(true, a, b): b never runs", async () => {
  const p = project(`
    const a = task(() => { note("a"); return "a"; });
    const b = task(() => { note("b"); return "b"; });
    const yes = task((x: boolean) => { note("test"); return x; });
    export const main = task((x: boolean) => cond(yes(x), a(), b()));
  `);
  expect(await p.run("main", [true])).toMatchObject({ value: "a", ran: ["test", "a"] });
  expect(await p.run("main", [false])).toMatchObject({ value: "b", ran: ["test", "b"] });
});

const LIMITED = {
  "ligase.config.ts": `import { defineConfig } from "ligase"; export default defineConfig({ limits: { ncbi: 1 } });`,
  "workflow.ts": `
    const fetchOne = task({ limits: ["ncbi"] }, async (id: number) => {
      note("begin");
      await new Promise((resolve) => setTimeout(resolve, 3));
      note("end");
      return id;
    });
    const after = task((id: number) => { note("after " + id); return id; });
    const holds = task({ limits: ["ncbi"] }, async () => { note("holds"); for (let id = 0; id < 10; id++) await until("after " + id); return "held"; });
    export const main = task(() => map([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], fetchOne));
    export const again = task(() => [holds(), map([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (id) => after(fetchOne(id)))]);
  `,
};

it("16. limit ncbi: 1, ten tasks: never two at once", async () => {
  const p = project(LIMITED);
  const { ran } = await p.run("main");
  expect(ran).toEqual(Array.from({ length: 10 }, () => ["begin", "end"]).flat());
});

it("16. cache hits take no slot", async () => {
  const p = project(LIMITED);
  await p.run("main");
  // `holds` has the only slot until everything after the cached fetches has run.
  const { value, ran } = await p.run("again");
  expect(value).toEqual(["held", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  expect(ran).not.toContain("begin");
});

const identity = (ofB: string, ofWords: string): string => `
  const b = task(${ofB}, (x: number) => { note("b"); return x + 1; });
  const words = task(${ofWords}, (text: string) => script\`echo words >> "$LEDGER"; printf %s \${text} | wc -w\`);
  export const main = task((x: number) => [b(x), words("a b c")]);
`;

it("17. memory, executor, and what else is no part of the identity changed: nothing runs", async () => {
  const p = project(identity(`{ memory: "64 MiB" }`, `{ cpu: 1 }`));
  const first = await p.run("main", [1]);
  expect(first.value).toEqual([2, "3\n"]);
  expect(counts(first.ran)).toEqual({ b: 1, words: 1 });
  const changes = [
    [`{ memory: "32 MiB" }`, `{ cpu: 2, memory: "1 GiB" }`],
    [`{ executor: "inline" }`, `{ executor: "process" }`],
    [`{ retries: 2, timeout: "1h", priority: 3 }`, `{ limits: ["x"], tags: { of: "day" } }`],
  ] as const;
  for (const [ofB, ofWords] of changes) {
    p.write({ "workflow.ts": identity(ofB, ofWords) });
    expect(await p.run("main", [1])).toMatchObject({ value: [2, "3\n"], ran: [] });
  }
});

it.each([
  [`{ limits: { ncbi: 3 } }`, /ncbi/],
  [`{ cpu: 4096 }`, /4096/],
  [`{ memory: "900 TiB" }`, /memory/],
  [`{ gpu: 64 }`, /GPU/],
] as const)(
  "18. a demand above capacity, %s: an immediate, clear error, never a silent wait",
  async (options, words) => {
    const p = project({
      "ligase.config.ts": `import { defineConfig } from "ligase"; export default defineConfig({ limits: { ncbi: 2 } });`,
      "workflow.ts": `
      const greedy = task(${options}, () => { note("greedy"); return 1; });
      export const main = task(() => greedy());
    `,
    });
    const { error, ran } = await p.run("main");
    expect(ran).toEqual([]);
    expect(error).toMatchObject({ code: "LIGASE_E_CAPACITY", mend: expect.stringContaining("ask for less") });
    expect(error?.message).toMatch(words);
    expect(error?.message).toContain("greedy");
  },
);

it("19. kill -9 in the middle, run again: finished bodies are not run again; orphaned processes are gone", async () => {
  const p = project(`
    const plain = task((x: number) => { note("plain"); return x + 1; });
    const later = task(async (x: number) => { await plain(7); note("later"); return x + 1; });
    const apart = task({ memory: "64 MiB" }, (x: number) => { note("apart"); return x + 1; });
    const text = task((x: number) => script\`echo script >> "$LEDGER"; echo \${x}\`);
    const stuck = task((x: string) => script\`echo stuck >> "$LEDGER"; until [ -e "$GO" ]; do sleep 0.05; done; echo \${x}\`);
    export const main = task(() => { note("main"); return stuck(text(apart(later(plain(1))))); });
  `);
  const env = { GO: p.path("go") };
  const first = ligase(p, ["run", "workflow.ts"], env);
  await p.until("stuck");
  await eventually("the results are durable", () => durable(p, "script") === 1);
  first.process.kill("SIGKILL");
  await first.ended;
  expect(counts(p.ran())).toEqual({ main: 1, plain: 2, later: 1, apart: 1, script: 1, stuck: 1 });

  const second = ligase(p, ["run", "workflow.ts", "--json"], env);
  await p.until("stuck");
  await eventually("it runs again", () => p.read("ledger.txt").split("stuck").length === 3);
  p.write({ go: "" });
  expect(await answer(second)).toBe(`"4\\n\\n"\n`);
  expect(counts(p.ran())).toEqual({ stuck: 1 });
  await eventually("no process is left", () => marked(p).length === 0);
});

it("20. object key order, equal File objects made twice: the same key", async () => {
  const p = project({
    "reads.txt": "ACGT",
    "workflow.ts": `
      const one = task((sample: { id: string; depth: number }) => { note("one"); return sample.id + sample.depth; });
      const read = task(async (reads: { of: File }) => { note("read"); return (await reads.of.text()).length; });
      export const main = task(() => [
        one({ id: "s", depth: 3 }), one({ depth: 3, id: "s" }),
        read({ of: new File("reads.txt") }), read({ of: new File("./reads.txt") }),
      ]);
      export const whole = task((reads: { depth: number; of: File }) => { note("whole"); return reads.depth; });
    `,
  });
  const { value, ran } = await p.run("main");
  expect(value).toEqual(["s3", "s3", 4, 4]);
  expect(counts(ran)).toEqual({ one: 1, read: 1 });
});

it("21. a helper edited two modules away: exactly the tasks that reach it run", async () => {
  const p = project({
    "lib/adapters.ts": `export const adapter = () => "AGATC";\nexport const other = () => "other";\n`,
    "lib/trim.ts": `import { adapter, other } from "./adapters.ts";\nexport const trim = (s: string) => s.replaceAll(adapter(), "");\nexport const label = () => other();\n`,
    "workflow.ts": `
      import { label, trim } from "./lib/trim.ts";
      const trimmed = task((s: string) => { note("trimmed"); return trim(s); });
      const labelled = task((s: string) => { note("labelled"); return label() + s; });
      const size = task((s: string) => { note("size"); return s.length; });
      export const main = task((s: string) => { note("main"); return [size(trimmed(s)), labelled(s)]; });
    `,
  });
  const first = await p.run("main", ["AGATCAA"]);
  expect(first.value).toEqual([2, "otherAGATCAA"]);
  expect(counts(first.ran)).toEqual({ main: 1, trimmed: 1, labelled: 1, size: 1 });
  p.edit("lib/adapters.ts", "AGATC", "AGAT");
  const second = await p.run("main", ["AGATCAA"]);
  expect(second.value).toEqual([3, "otherAGATCAA"]);
  expect(counts(second.ran)).toEqual({ trimmed: 1, size: 1 });
});

it("22. comments, formatting, types and the order of declarations edited: nothing runs", async () => {
  const p = project(`
    // Adds one.
    const b = task((x: number) => { note("b"); return helper(x); });
    function helper(x: number): number { return x + 1; }
    export const main = task((x: number) => { note("main"); return b(x); });
  `);
  await p.run("main", [1]);
  p.write({
    "workflow.ts": `
      function helper(
        x: number,
      ) {
        return (x as number) + 1 // one
      }
      const b = task((x: number): number => {
        note("b");
        return helper(x!);
      });
      /** Calls b. */
      export const main = task((x: number): unknown => { note('main'); return b(x); });
    `,
  });
  expect(await p.run("main", [1])).toMatchObject({ value: 2, ran: [] });
});

it("23. an image's definition changed: tasks on it run, others do not", async () => {
  const p = project({
    "ligase.config.ts": `import { defineConfig } from "ligase"; export default defineConfig({ container: { engine: "host" } });`,
    "workflow.ts": `
      const tools = Image.debian("12").apt("coreutils");
      const more = Image.debian("12").apt("sed");
      const on = task({ image: tools }, (x: number) => script\`echo on >> "$LEDGER"; echo \${x}\`);
      const inside = task({ image: tools }, (x: number) => { note("inside"); return x; });
      const elsewhere = task({ image: more }, (x: number) => { note("elsewhere"); return x; });
      const without = task((x: number) => { note("without"); return x; });
      export const main = task(() => { note("main"); return [on(1), inside(2), elsewhere(3), without(4)]; });
    `,
  });
  const first = await p.run("main");
  expect(first.value).toEqual(["1\n", 2, 3, 4]);
  expect(counts(first.ran)).toEqual({ main: 1, on: 1, inside: 1, elsewhere: 1, without: 1 });
  expect((await p.run("main")).ran).toEqual([]);
  p.edit("workflow.ts", `apt("coreutils")`, `apt("coreutils", "grep")`);
  const second = await p.run("main");
  expect(second.value).toEqual(["1\n", 2, 3, 4]);
  expect(counts(second.ran)).toEqual({ on: 1, inside: 1 });
});

const SHARED = `
  const slow = task(async (x: number) => { note("slow " + x); await new Promise((done) => setTimeout(done, 5)); return x * x; });
  const apart = task({ memory: "64 MiB" }, (x: number) => { note("apart " + x); return x + 1; });
  const text = task((x: number) => script\`echo text >> "$LEDGER"; sleep 0.05; echo \${x}\`);
  const sum = task((all: number[]) => { note("sum"); return all.reduce((a, b) => a + b, 0); });
  const chain = task((n: number): any => { note("chain " + n); return n === 0 ? 0 : lift((a: number) => a + 1)(chain(n - 1)); });
  const work = () => [sum(map(Array.from({ length: 12 }, (_, i) => i), slow)), apart(1), text(5), chain(50)];
  const start = task(async (who: string) => { note("start " + who); await until("go"); return who; });
  export const main = task(async () => { await start("main"); return work(); });
  export const other = task(async () => { await start("other"); return work(); });
`;
const SHARED_VALUE = `[506,2,"5\\n",50]\n`;

it.each([
  ["the same task", "main", 1],
  ["two tasks that call the same", "other", 2],
])("24. two processes run %s on one store at once: both right, nothing is repeated", async (_, second, starts) => {
  const p = project(SHARED);
  const one = ligase(p, ["run", "workflow.ts", "main", "--json"]);
  await p.until("start main");
  const two = ligase(p, ["run", "workflow.ts", second, "--json"]);
  if (starts === 2) await p.until(`start ${second}`);
  else await eventually("both are there", () => engines(p) === 2);
  p.note("go");
  for (const command of [one, two]) expect(await answer(command)).toBe(SHARED_VALUE);
  const ran = counts(p.ran());
  expect(Object.entries(ran).filter(([, times]) => times > 1)).toEqual([]);
  expect(Object.keys(ran)).toHaveLength(starts + 1 + 12 + 1 + 1 + 1 + 51);
});
