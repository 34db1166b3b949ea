import { expect, it } from "vitest";
import { answer, engines, eventually, ligase, marked, runs } from "../behaviour/command.ts";
import { counts, project } from "../behaviour/project.ts";

// Two processes on one store: see also line 24 of the behaviour table.

it("one that dies while it holds calls leaves them to the other, which does not repeat what was recorded", async () => {
  const p = project(`
    const before = task((x: number) => { note("before"); return x + 1; });
    const held = task(async (x: number) => { note("held"); await until("go"); note("held ends"); return x * 2; });
    const text = task((x: number) => script\`echo text >> "$LEDGER"; until grep -q go "$LEDGER"; do sleep 0.02; done; echo \${x}\`);
    export const main = task(() => { const x = before(1); return [held(x), text(x)]; });
  `);
  const first = ligase(p, ["run", "workflow.ts", "--json"]);
  for (const line of ["held", "text"]) await p.until(line);
  const second = ligase(p, ["run", "workflow.ts", "--json"]);
  await eventually("both are there", () => engines(p) === 2);
  // The other has looked, and waits: what the first has in flight it does not begin.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(counts(p.ran())).toEqual({ before: 1, held: 1, text: 1 });
  first.process.kill("SIGKILL");
  await first.ended;
  for (const line of ["held", "text"])
    await eventually(`${line} runs again`, () => p.read("ledger.txt").split(`${line}\n`).length === 3);
  p.note("go");
  expect(JSON.parse(await answer(second))).toEqual([4, "2\n"]);
  expect(counts(p.ran())).toEqual({ held: 1, text: 1, go: 1, "held ends": 1 });
  await eventually("no process is left", () => marked(p).length === 0);
});

it("a call that failed in one is tried by the other", async () => {
  const p = project(`
    const flaky = task(async () => { note("flaky " + process.env.WHO); if (process.env.WHO === "one") { await until("go"); throw new Error("no"); } return 1; });
    export const main = task(() => flaky());
  `);
  const one = ligase(p, ["run", "workflow.ts", "--json"], { WHO: "one" });
  await p.until("flaky one");
  const two = ligase(p, ["run", "workflow.ts", "--json"], { WHO: "two" });
  await eventually("both are there", () => engines(p) === 2);
  p.note("go");
  expect((await one.ended).code).toBe(1);
  expect(await answer(two)).toBe("1\n");
  expect(p.ran()).toEqual(["flaky one", "go", "flaky two"]);
});

it("a call that runs in every run does not wait for that of the other", async () => {
  const p = project(`
    const each = task({ cache: false }, async () => {
      note("each " + process.env.WHO);
      await until("each one");
      await until("each two");
      return process.env.WHO;
    });
    export const main = task({ cache: false }, () => each());
  `);
  const both = ["one", "two"].map((WHO) => ligase(p, ["run", "workflow.ts", "--json"], { WHO }));
  expect(await Promise.all(both.map(answer))).toEqual([`"one"\n`, `"two"\n`]);
});

it("many that come and go at once on a new store are all right, and run each body once", async () => {
  const p = project(`
    const work = task(async (x: number) => { note("work " + x); await new Promise((done) => setTimeout(done, 10)); return x * x; });
    export const main = task(() => map(Array.from({ length: 30 }, (_, i) => i), work));
  `);
  const all = await Promise.all(Array.from({ length: 4 }, () => answer(ligase(p, ["run", "workflow.ts", "--json"]))));
  expect(new Set(all)).toEqual(new Set([`[${Array.from({ length: 30 }, (_, i) => i * i).join()}]\n`]));
  expect(Object.values(counts(p.ran()))).toEqual(Array(30).fill(1));
});

it("one that waits for the other may be stopped meanwhile, and the other never hears of it", async () => {
  const p = project(`
    const held = task(async () => { note("held"); await until("go"); return 1; });
    export const main = task(() => held());
  `);
  const one = ligase(p, ["run", "workflow.ts", "--json"]);
  await p.until("held");
  const two = ligase(p, ["run", "workflow.ts", "--json"]);
  await eventually("both are there", () => engines(p) === 2);
  await eventually("the other runs", () => runs(p) === 2);
  two.process.kill("SIGINT");
  expect(await two.ended).toMatchObject({ code: 130, stdout: "" });
  p.note("go");
  expect(await answer(one)).toBe("1\n");
  expect(p.ran()).toEqual(["held", "go"]);
});
