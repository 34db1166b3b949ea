import { describe, expect, it } from "vitest";
import { counts, project } from "./project.ts";

describe("one failure", () => {
  it("does not waste its siblings: what runs finishes and is recorded", async () => {
    const p = project(`
      const bad = task((x: number) => { note("bad"); throw new RangeError("no " + x); });
      const ok = task(async (x: number) => { await until("bad"); note("ok"); return x; });
      const after = task((x: number) => { note("after"); return x; });
      const never = task((x: number) => { note("never"); return x; });
      export const main = task(() => [after(ok(1)), never(bad(2)), ok(3)]);
    `);
    const first = await p.run("main");
    expect(first.error).toMatchObject({ name: "RangeError", message: "no 2" });
    expect(counts(first.ran)).toEqual({ bad: 1, ok: 2, after: 1 });
    expect((await p.run("main")).ran).toEqual(["bad"]);
    p.edit("workflow.ts", `throw new RangeError("no " + x);`, "return x;");
    expect(await p.run("main")).toMatchObject({ value: [1, 2, 3], ran: ["bad", "never"] });
  });

  it("lets a script that runs finish", async () => {
    const p = project(`
      const bad = task(async () => { await until("script begins"); note("bad"); throw new RangeError("no"); });
      const text = task(() => script\`echo "script begins" >> "$LEDGER"; until grep -q bad "$LEDGER"; do sleep 0.01; done; sleep 0.05; echo "script ends" >> "$LEDGER"; echo done\`);
      export const main = task(() => [bad(), text()]);
    `);
    expect(await p.run("main")).toMatchObject({
      error: { message: "no" },
      ran: ["script begins", "bad", "script ends"],
    });
    expect((await p.run("main")).ran).toEqual(["bad"]);
  });

  it("with failFast ends what runs, and starts nothing more; what had finished stays", async () => {
    const p = project(`
      const done = task(() => { note("done"); return 1; });
      const bad = task(async (_: number) => { await until("script"); await until("slow"); note("bad"); throw new RangeError("no"); });
      const slow = task(async () => { note("slow"); await new Promise(() => {}); });
      const text = task(() => script\`echo script >> "$LEDGER"; sleep 60; echo never >> "$LEDGER"\`);
      const inside = task({ memory: "64 MiB" }, async () => { note("inside"); await new Promise((later) => setTimeout(later, 60_000)); note("never"); });
      export const main = task(() => [bad(done()), slow(), text(), inside()]);
    `);
    const { error, ran, jobs } = await p.run("main", [], { settings: { failFast: true } });
    expect(error).toMatchObject({ name: "RangeError", message: "no" });
    expect(ran).not.toContain("never");
    expect(jobs.filter(({ state }) => state === "cancelled").map(({ task }) => task)).toEqual(
      expect.arrayContaining(["slow", "script"]),
    );
    expect(jobs.find(({ task }) => task === "done")).toMatchObject({ state: "done" });
    const again = p.start("main", [], { settings: { failFast: true } });
    expect((await again.outcome).ran).not.toContain("done");
  });

  it("keeps its type, message, fields and causes, from a process too", async () => {
    const p = project(`
      class NoReads extends Error { override name = "NoReads"; sample = "s1"; }
      const inline = task(() => { throw new NoReads("none inline", { cause: new RangeError("below") }); });
      const apart = task({ memory: "64 MiB" }, () => { throw new NoReads("none apart", { cause: new RangeError("below") }); });
      const told = (error: any) => [error instanceof NoReads || error.name, error.message, error.sample, error.cause?.name];
      const tell = task((error: Error) => told(error));
      export const main = task(() => [attempt(inline(), tell), attempt(apart(), tell)]);
    `);
    const { value } = await p.run("main");
    expect(value).toEqual([
      [expect.anything(), "none inline", "s1", "RangeError"],
      [expect.anything(), "none apart", "s1", "RangeError"],
    ]);
  });

  it("of something thrown that is no error is an error that says it", async () => {
    const p = project(`
      const odd = task(() => { throw "just words"; });
      export const main = task(() => odd());
    `);
    expect((await p.run("main")).error?.message).toContain("just words");
  });
});

it.each(["task(", `task({ memory: "1 GiB" }, `])(
  "an async body catches what a call of its own throws: %s",
  async (make) => {
    const p = project(`
    const bad = task((x: number): number => { note("bad " + x); throw new RangeError("no " + x); });
    export const main = ${make}async () => {
      try { return await bad(1); } catch (error: any) { note("caught"); return [error instanceof RangeError, error.message, await bad(2).then(() => "fine", (other: Error) => other.message)]; }
    });
  `);
    expect(await p.run("main")).toMatchObject({ value: [true, "no 1", "no 2"], ran: ["bad 1", "caught", "bad 2"] });
  },
);

describe("attempt", () => {
  it("recovers with a value, a task, or a function of the error", async () => {
    const p = project(`
      const bad = task((x: number): number => { throw new RangeError("no " + x); });
      const words = task((error: Error) => error.name + ": " + error.message);
      export const main = task(() => [attempt(bad(1), 0), attempt(bad(2), words), attempt(bad(3), (error) => ({ why: error.message }))]);
    `);
    expect((await p.run("main")).value).toEqual([0, "RangeError: no 2", { why: "no 3" }]);
  });

  it("of a value that is fine never builds the recovery", async () => {
    const p = project(`
      const ok = task(() => 1);
      const recover = task((_: Error) => { note("recover"); return 2; });
      export const main = task(() => attempt(ok(), recover));
    `);
    expect(await p.run("main")).toMatchObject({ value: 1, ran: [] });
  });

  it("does not hide a failure of the recovery, and may stand in another", async () => {
    const p = project(`
      const bad = task((text: string): string => { note("bad " + text); throw new RangeError(text); });
      export const main = task(() => attempt(attempt(bad("one"), () => bad("two")), (error) => error.message));
      export const plain = task(() => attempt(bad("one"), () => bad("two")));
    `);
    expect(await p.run("main")).toMatchObject({ value: "two", ran: ["bad one", "bad two"] });
    expect(await p.run("main")).toMatchObject({ value: "two", ran: [] });
    expect(await p.run("plain")).toMatchObject({ error: { message: "two" }, ran: ["bad two"] });
  });

  it("tries again what failed by chance: a timeout is not believed a second time", async () => {
    const p = project(`
      const slow = task({ timeout: 0.03 }, async () => { note("slow"); await new Promise(() => {}); return "never"; });
      export const main = task(() => attempt(slow(), "recovered"));
    `);
    for (let time = 0; time < 2; time++)
      expect(await p.run("main")).toMatchObject({ value: "recovered", ran: ["slow"] });
  });

  it("tries again what may not be cached", async () => {
    const p = project(`
      const flaky = task({ cache: false }, () => { note("flaky"); if (noted().filter((line) => line === "flaky").length < 2) throw new Error("no"); return "fine"; });
      export const main = task(() => attempt(flaky(), "recovered"));
    `);
    expect(await p.run("main")).toMatchObject({ value: "recovered", ran: ["flaky"] });
    expect(await p.run("main")).toMatchObject({ value: "fine", ran: ["flaky"] });
  });

  it("tries again a failing task whose helper was repaired, and one that is forced", async () => {
    const p = project({
      "lib/parse.ts": `export const parse = (text: string): number => { throw new SyntaxError("bad " + text); };\n`,
      "workflow.ts": `
        import { parse } from "./lib/parse.ts";
        const read = task((text: string) => { note("read"); return parse(text); });
        export const main = task(() => attempt(read("7"), -1));
      `,
    });
    expect(await p.run("main")).toMatchObject({ value: -1, ran: ["read"] });
    expect(await p.run("main", [], { settings: { force: new Set(["read"]) } })).toMatchObject({
      value: -1,
      ran: ["read"],
    });
    expect(await p.run("main")).toMatchObject({ value: -1, ran: [] });
    p.edit("lib/parse.ts", `{ throw new SyntaxError("bad " + text); }`, "Number(text)");
    expect(await p.run("main")).toMatchObject({ value: 7, ran: ["read"] });
  });

  it("in every item of a map", async () => {
    const p = project(`
      const check = task((x: number) => { note("check " + x); if (x % 2) throw new RangeError("odd"); return x; });
      export const main = task((list: number[]) => map(list, (x) => attempt(check(x), null)));
    `);
    expect(await p.run("main", [[1, 2, 3, 4]])).toMatchObject({ value: [null, 2, null, 4] });
    expect(await p.run("main", [[4, 3, 5]])).toMatchObject({ value: [4, null, null], ran: ["check 5"] });
  });

  it("does not catch the cancelling of a run", async () => {
    const p = project(`
      const slow = task(async () => { note("slow"); await new Promise(() => {}); });
      export const main = task(() => attempt(slow(), "recovered"));
    `);
    const started = p.start("main");
    await p.until("slow");
    started.cancel();
    expect(await started.outcome).toMatchObject({ error: { code: "LIGASE_E_CANCELLED" } });
    const again = p.start("main");
    await p.until("slow", 2);
    again.cancel();
    await again.outcome;
  });

  it("sees fail() as any other failure", async () => {
    const p = project(`
      const count = task(() => 0);
      const positive = lift((n: number) => n > 0);
      export const main = task(() => attempt(cond(positive(count()), 1, () => fail("no read maps")), (error) => error.message));
      export const plain = task(() => fail(new RangeError("as it is")));
    `);
    expect((await p.run("main")).value).toBe("no read maps");
    expect((await p.run("plain")).error).toMatchObject({ name: "RangeError", message: "as it is" });
  });
});
