import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { answer, durable, ligase } from "../behaviour/command.ts";
import { counts, project } from "../behaviour/project.ts";

// Every point at which a process can be made to die in the middle of a commit, at the first and at later times.

const WORKFLOW = `
  const text = "ACGT".repeat(30_000);
  const inline = task((name: string) => { note("inline"); return File.write(name, text); });
  const large = task((n: number) => { note("large"); return Array.from({ length: n }, (_, i) => "value " + i); });
  const apart = task({ memory: "64 MiB" }, async (made: File) => { note("apart"); return File.write("apart.txt", await made.text()); });
  const shell = task((made: File) => script({ outputs: { one: "one.txt", two: "two.txt" } })\`echo shell >> "$LEDGER"; cp \${made} one.txt; cp \${made} two.txt\`);
  const length = task(async (made: File) => { note("length"); return (await made.text()).length; });
  const first = task(async () => { note("first"); await new Promise((done) => setTimeout(done, 30)); return "made.txt"; });
  export const main = task(() => {
    const made = inline(first());
    const shelled = shell(apart(made));
    return { made, shelled, lengths: [length(made), length(shelled.one), length(shelled.two)], large: large(20_000).length };
  });
`;
const BODIES = { first: 1, inline: 1, large: 1, apart: 1, shell: 1, length: 3 };

it.each([
  ["store.commit.before", 1],
  ["store.commit.before", 2],
  ["store.commit.before", 4],
  ["store.commit.after", 1],
  ["store.commit.after", 3],
  ["store.commit.after", 5],
  ["store.value.rename", 1],
  ["files.commit.before-rename", 1],
  ["files.commit.before-rename", 2],
  ["files.commit.after-rename", 1],
  ["files.commit.after-rename", 2],
])("a death at %s, time %i: nothing half done is believed", async (point, time) => {
  const p = project(WORKFLOW);
  const crashed = await ligase(p, ["run", "workflow.ts", "--json"], { LIGASE_CRASH: `${point}:${time}` }).ended;
  const before = counts(p.ran());
  const kept = new Map(["first", "inline", "large", "apart", "length"].map((name) => [name, durable(p, name)]));
  expect({ ...crashed, stdout: "" }).toMatchObject({ signal: "SIGKILL" });
  // What had been answered is only what was recorded: nothing was.
  expect(crashed.stdout).toBe("");

  const value = JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"])));
  expect(value).toMatchObject({ lengths: [120_000, 120_000, 120_000], large: 20_000 });
  for (const path of [value.made, value.shelled.one, value.shelled.two]) {
    expect(p.read(path)).toBe("ACGT".repeat(30_000));
  }
  const after = counts(p.ran());
  for (const [name, times] of Object.entries(BODIES)) {
    // Each ran, and what was recorded before did not run again.
    expect((before[name] ?? 0) + (after[name] ?? 0)).toBeGreaterThanOrEqual(times);
    expect(after[name] ?? 0).toBeLessThanOrEqual(times - (kept.get(name) ?? 0));
  }
  expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"])))).toEqual(value);
  expect(p.ran()).toEqual([]);
});

it("a worker that dies while it hands over its files fails its job alone, and leaves no output behind", async () => {
  const p = project(`
    const apart = task({ memory: "1 GiB" }, async () => { note("apart"); return File.write("apart.txt", "whole"); });
    const other = task(() => { note("other"); return 1; });
    export const main = task(() => [apart(), other()]);
  `);
  const failed = await ligase(p, ["run", "workflow.ts"], { LIGASE_CRASH: "files.commit.before-rename" }).ended;
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("SIGKILL") });
  const outputs = p.path(".ligase/outputs");
  const whole = readdirSync(outputs, { recursive: true }).filter((name) =>
    /^..\/[0-9a-f]+\/apart.txt$/.test(String(name)),
  );
  expect(whole).toEqual([]);
  p.ran();
  const [made] = JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"])));
  expect(p.read(made)).toBe("whole");
  expect(p.ran()).toEqual(["apart"]);
});
