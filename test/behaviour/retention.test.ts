import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProjectRecord } from "../../src/record/index.ts";
import { collect, type PlanOptions } from "../../src/retention/index.ts";
import { openStore } from "../../src/store/index.ts";
import type { RunRow } from "../../src/store/types.ts";
import { counts, type Outcome, Project, project } from "./project.ts";

// `size` has a version of its own; `align` leaves a file, `merge` one that is made of several.
const WORKFLOW = `
  const VERSION = 1;
  const align = task((name: string) =>
    script({ outputs: { bam: "x.bam" } })\`echo align-\${name} >> "$LEDGER"; echo \${name} > x.bam; echo done\`);
  const size = task(async (bam: File) => { note("size"); return (await bam.text()).length + VERSION; });
  const merge = task(async (bams: File[]) => {
    note("merge");
    return File.write("all.bam", (await Promise.all(bams.map((bam) => bam.text()))).join(""));
  });
  const one = (name: string) => { const { bam } = align(name); return { bam, size: size(bam) }; };
  export const main = task((names: string[]) => {
    note("main");
    const all = map(names, (name) => one(name));
    return { sizes: map(all, (each) => each.size), merged: merge(map(all, (each) => each.bam)) };
  });
  export const awaited = task(async (names: string[]) => { note("awaited"); const made = await main(names); return made.sizes; });
  export const trusting = task({ check: "shallow" }, (names: string[]) => { note("trusting"); return main(names); });
  export const broken = task((names: string[]) => { note("broken"); return [main(names), fail("it broke")]; });
`;

async function withRecord<T>(p: Project, work: (record: ProjectRecord) => Promise<T>): Promise<T> {
  const storeDir = p.path(".ligase");
  const store = await openStore(storeDir);
  try {
    return await work({ root: p.root, storeDir, store });
  } finally {
    await store.close();
  }
}

const runsOf = (p: Project): Promise<readonly RunRow[]> => withRecord(p, ({ store }) => store.listRuns());

/** Collects with nothing left alone for being young. */
const gc = (p: Project, options: PlanOptions = {}) =>
  withRecord(p, (record) => collect(record, { graceMs: 0, ...options }));

/** The folders that hold the files of calls. */
function outputs(p: Project): string[] {
  const root = p.path(".ligase/outputs");
  return existsSync(root) ? readdirSync(root).flatMap((part) => readdirSync(join(root, part))) : [];
}

const TASKS = ["main", "awaited", "trusting", "broken"] as const;

/** One thing that people do. */
type Step =
  | { readonly do: "run"; readonly task: (typeof TASKS)[number]; readonly names: readonly string[] }
  | { readonly do: "edit"; readonly version: number }
  | { readonly do: "pin"; readonly which: number }
  | { readonly do: "gc"; readonly forget: readonly number[] };

const names = fc.uniqueArray(fc.constantFrom("a", "bb", "ccc"), { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("run"), task: fc.constantFrom(...TASKS), names }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("edit"), version: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pin"), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("gc"), forget: fc.array(fc.nat(), { maxLength: 4 }) }) },
) as fc.Arbitrary<Step>;

describe("collecting", () => {
  it("whatever was run, edited, pinned and forgotten: runs that stay are answered from the cache", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 9 }), async (steps) => {
        const p = new Project({ "workflow.ts": WORKFLOW });
        try {
          let version = 1;
          const ran = new Map<string, { step: Extract<Step, { do: "run" }>; version: number; outcome: Outcome }>();
          const pinned = new Set<string>();
          for (const each of steps) {
            const runs = await runsOf(p);
            const at = (i: number): RunRow | undefined => runs[i % Math.max(1, runs.length)];
            if (each.do === "run") {
              const outcome = await p.run(each.task, [each.names]);
              const made = (await runsOf(p)).find(({ id }) => !ran.has(id))!;
              ran.set(made.id, { step: each, version, outcome });
            } else if (each.do === "edit") {
              p.edit("workflow.ts", `VERSION = ${version}`, `VERSION = ${(version = each.version)}`);
            } else if (each.do === "pin" && runs.length > 0) {
              pinned.add(at(each.which)!.id);
              await withRecord(p, ({ store }) => store.pinRun(at(each.which)!.id, true));
            } else if (each.do === "gc") {
              const forget = [...new Set(each.forget.flatMap((i) => at(i) ?? []))];
              const { runs: gone } = await gc(p, { runs: forget });
              expect(new Set(gone)).toEqual(new Set(forget.map(({ id }) => id).filter((id) => !pinned.has(id))));
            }
          }
          const stay = await runsOf(p);
          expect(stay.map(({ id }) => id)).toEqual(expect.arrayContaining([...pinned]));
          for (const { id } of stay) {
            const before = ran.get(id)!;
            p.edit("workflow.ts", `VERSION = ${version}`, `VERSION = ${(version = before.version)}`);
            const again = await p.run(before.step.task, [before.step.names]);
            // What failed runs again; all else of it was recorded.
            expect(again.ran.filter((body) => body !== "broken")).toEqual([]);
            expect(again.value).toEqual(before.outcome.value);
          }
          // Nothing is left of what was forgotten.
          await gc(p, { runs: (await runsOf(p)).filter(({ id }) => !pinned.has(id)) });
          if (pinned.size === 0) expect(outputs(p)).toEqual([]);
        } finally {
          p.remove();
        }
      }),
      { numRuns: 6 },
    );
  }, 180_000);

  it("frees what only the forgotten run needed, and says what will run again", async () => {
    const p = project(WORKFLOW);
    await p.run("main", [["a", "bb"]]);
    await p.run("main", [["bb", "ccc"]]);
    const [, first] = await runsOf(p);
    const { calls, frees, beside } = await gc(p, { runs: [first!] });
    expect(beside).toBe(false);
    expect(calls).toEqual([
      { task: "main", calls: 1 },
      { task: "align", calls: 1 },
      { task: "size", calls: 1 },
      { task: "merge", calls: 1 },
    ]);
    expect(frees).toEqual(
      expect.arrayContaining([
        // Of the sample a, and of both together.
        expect.objectContaining({ kind: "outputs", things: 2, bytes: "a\n".length + "a\nbb\n".length }),
        expect.objectContaining({ kind: "logs", things: 1 }),
      ]),
    );
    expect((await p.run("main", [["bb", "ccc"]])).ran).toEqual([]);
    expect(counts((await p.run("main", [["a", "bb"]])).ran)).toEqual({ main: 1, "align-a": 1, size: 1, merge: 1 });
  });

  it("keeps what a run needs that trusted a call as a whole", async () => {
    const p = project(WORKFLOW);
    await p.run("trusting", [["a"]]);
    await p.run("trusting", [["a"]]);
    const [, first] = await runsOf(p);
    await gc(p, { runs: [first!] });
    expect((await p.run("trusting", [["a"]])).ran).toEqual([]);
    expect((await p.run("main", [["a"]])).ran).toEqual([]);
  });

  it("keeps the versions that runs had, and no other", async () => {
    const p = project(WORKFLOW);
    for (const version of [1, 2, 3]) {
      await p.run("main", [["a"]]);
      p.edit("workflow.ts", `VERSION = ${version}`, `VERSION = ${version + 1}`);
    }
    const [newest, , oldest] = await runsOf(p);
    const code = () => readdirSync(p.path(".ligase/code")).filter((name) => name.endsWith(".mjs")).length;
    expect(code()).toBe(3);
    await gc(p, { runs: [(await runsOf(p))[1]!] });
    expect(code()).toBe(2);
    const versions = await withRecord(p, async ({ store }) =>
      (await store.listTasks()).filter(({ name }) => name === "size"),
    );
    expect(versions).toHaveLength(2);
    const programs = await withRecord(p, ({ store }) =>
      Promise.all([newest!, oldest!].map(async ({ program }) => store.getProgram(program!))),
    );
    // With the texts of their modules.
    for (const program of programs) {
      const texts = await withRecord(p, ({ store }) => store.findValues(program!.modules.map(({ hash }) => hash)));
      expect(texts.size).toBe(program!.modules.length);
    }
  });

  it("keeps the work directory of a failed run until that is forgotten, or it is asked for", async () => {
    const p = project(`
      export const main = task((i: number) => script\`echo \${i} > left.txt; exit 3\`);
    `);
    await p.run("main", [1]);
    await p.run("main", [2]);
    const work = () => readdirSync(p.path(".ligase/work")).length;
    await gc(p);
    expect(work()).toBe(2);
    await gc(p, { runs: [(await runsOf(p))[0]!] });
    expect(work()).toBe(1);
    expect((await gc(p, { work: true })).frees).toEqual([expect.objectContaining({ kind: "work", things: 1 })]);
    expect(work()).toBe(0);
    expect(await runsOf(p)).toHaveLength(1);
  });
});
