import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

// That nothing waits for the slowest is shown without a clock: the slow one does not go on until
// what must not wait for it has run.

describe("map of a map", () => {
  const SLOW = `
    const first = task(async (name: string) => { if (name === "slow") await until("second fast"); note("first " + name); return name; });
    const second = task((name: string) => { note("second " + name); return name.toUpperCase(); });
    const names = task(() => ["slow", "fast"]);
    const inner = task(() => map(names(), first));
  `;
  const ran = ["first fast", "second fast", "first slow", "second slow"];

  it.each([
    ["of a list that is there", `map(map(["slow", "fast"], first), second)`],
    ["of a list that a task gives", `map(map(names(), first), second)`],
    ["of what a task made of a map", `map(inner(), second)`],
    ["of a list with lazy items", `map([first("slow"), first("fast")], second)`],
    ["through all", `map(all([first("slow"), first("fast")]), second)`],
    ["through flatten", `map(flatten([map(["slow"], first), map(["fast"], first)]), second)`],
    [
      "with a callback of several calls",
      `map(map(names(), (name) => ({ name: first(name) })), (made) => second(made.name))`,
    ],
  ])("never waits for the slowest sibling, %s", async (_, expression) => {
    const p = project(`${SLOW} export const main = task(() => ${expression});`);
    expect(await p.run("main")).toMatchObject({ value: ["SLOW", "FAST"], ran });
    expect(await p.run("main")).toMatchObject({ value: ["SLOW", "FAST"], ran: [] });
  });

  it("never waits for a slow list inside a flattened one", async () => {
    const p = project(`
      const lanes = task(async (sample: string) => { if (sample === "slow") await until("align fast.2"); return [sample + ".1", sample + ".2"]; });
      const align = task((lane: string) => { note("align " + lane); return lane; });
      export const main = task(() => map(flatten(map(["slow", "fast"], lanes)), align));
    `);
    const { value, ran } = await p.run("main");
    expect(value).toEqual(["slow.1", "slow.2", "fast.1", "fast.2"]);
    expect(ran).toEqual(["align fast.1", "align fast.2", "align slow.1", "align slow.2"]);
  });

  it("gives the index of the list's order", async () => {
    const p = project(`
      const names = task(() => ["a", "b", "c"]);
      const number = task((name: string, i: number) => name + i);
      export const main = task(() => map(names(), (name, i) => number(name, i)));
    `);
    expect(await p.run("main")).toMatchObject({ value: ["a0", "b1", "c2"] });
  });
});

describe("groupBy", () => {
  const LANES = `
    const lanes = task(() => [
      { sample: "slow", lane: 1, of: 2 }, { sample: "fast", lane: 1, of: 2 }, { sample: "slow", lane: 2, of: 2 }, { sample: "fast", lane: 2, of: 2 },
    ]);
    const align = task(async (lane: { sample: string; lane: number; of: number }) => {
      if (lane.sample === "slow" && lane.lane === 2) await until("merge fast 1,2");
      return lane;
    });
    const merge = task((sample: string, items: { lane: number }[]) => {
      note("merge " + sample + " " + items.map((item) => item.lane).join());
      return sample;
    });
  `;
  const ran = ["merge fast 1,2", "merge slow 1,2"];

  it.each([
    ["a number", "2"],
    ["a function of an item", "(lane) => lane.of"],
  ])("hands on a group as soon as it is complete, its size %s", async (_, size) => {
    const p = project(`${LANES}
      export const main = task(() =>
        map(groupBy(map(lanes(), align), (lane) => lane.sample, { size: ${size} }), ({ key, items }) => merge(key, items)));
    `);
    expect(await p.run("main")).toMatchObject({ value: ["slow", "fast"], ran });
    expect(await p.run("main")).toMatchObject({ value: ["slow", "fast"], ran: [] });
  });

  it("without a size gives the groups in the order of their keys, when the list has ended", async () => {
    const p = project(`${LANES.replace("merge fast 1,2", "all but one")}
      const last = task((lanes: unknown[]) => lanes);
      export const main = task(() => map(groupBy(map(lanes(), align), (lane) => lane.sample), ({ key, items }) => merge(key, items)));
    `);
    const started = p.start("main");
    p.note("all but one");
    const { value, ran } = await started.outcome;
    expect(value).toEqual(["slow", "fast"]);
    expect(ran).toEqual(["all but one", "merge slow 1,2", "merge fast 1,2"]);
  });

  it("refuses a size that the group outgrows", async () => {
    const p = project(`${LANES.replace("merge fast 1,2", "merge fast 1")}
      export const main = task(() =>
        map(groupBy(map(lanes(), align), (lane) => lane.sample, { size: 1 }), ({ key, items }) => merge(key, items)));
    `);
    expect(await p.run("main")).toMatchObject({ error: { code: "LIGASE_E_GROUP_SIZE" } });
  });

  it("takes an edit of one lane's work to its own group alone", async () => {
    const p =
      project(`${LANES.replace(`if (lane.sample === "slow" && lane.lane === 2) await until("merge fast 1,2");`, `note("align " + lane.sample + lane.lane);`)}
      export const main = task(() =>
        map(groupBy(map(lanes(), align), (lane) => lane.sample, { size: 2 }), ({ key, items }) => merge(key, items)));
    `);
    await p.run("main");
    p.edit("workflow.ts", `{ sample: "fast", lane: 2, of: 2 }`, `{ sample: "fast", lane: 3, of: 2 }`);
    expect(await p.run("main")).toMatchObject({ ran: ["align fast3", "merge fast 1,3"] });
  });
});
