import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answer, ligase } from "../behaviour/command.ts";
import { type Project, project } from "../behaviour/project.ts";

const ARCHIVE = "main.tar.gz";

const WORKFLOW = `
  const text = "ACGT".repeat(30_000);
  const make = task((name: string) => { note("make"); return File.write(name, text + name); });
  const length = task(async (made: File) => { note("length"); return (await made.text()).length; });
  const long = task((n: number) => { note("long"); return Array.from({ length: n }, (_, i) => "value " + i); });
  export const main = task(() => ({ all: map(["a", "b", "c"], (name) => { const made = make(name); return { made, length: length(made) }; }), long: long(20_000) }));
`;

// Every point at which a process that shares a run can be made to die.
describe("a death while an archive is", () => {
  let made: { readonly archive: Buffer; readonly value: unknown } | undefined;

  /** A project with the workflow and nothing else but the archive of a run of it, made once. */
  async function withArchive(): Promise<{ p: Project; value: unknown }> {
    if (!made) {
      const ada = project(WORKFLOW);
      const value: unknown = JSON.parse(await answer(ligase(ada, ["run", "workflow.ts", "--json"])));
      await answer(ligase(ada, ["export", "--out", ARCHIVE]));
      made = { archive: readFileSync(ada.path(ARCHIVE)), value };
    }
    const p = project(WORKFLOW);
    writeFileSync(p.path(ARCHIVE), made.archive);
    return { p, value: made.value };
  }

  it.each([
    ["archive.import.checked", 1],
    ["archive.import.unit", 1],
    ["archive.import.unit", 3],
    ["archive.import.placed", 1],
    ["store.value.rename", 1],
    ["store.commit.before", 1],
    ["store.commit.after", 1],
    ["archive.import.rows", 1],
    ["store.commit.before", 3],
    ["store.commit.after", 3],
  ])("taken in, at %s, time %i: the store is whole, and the next import completes it", async (point, time) => {
    const { p, value } = await withArchive();
    const killed = await ligase(p, ["import", ARCHIVE], { LIGASE_CRASH: `${point}:${time}` }).ended;
    expect(killed).toMatchObject({ signal: "SIGKILL" });
    // What is there is right, and a run that is listed is there in full.
    const runs = JSON.parse(await answer(ligase(p, ["log", "--json"]))) as { id: string }[];
    if (runs.length > 0) expect(await answer(ligase(p, ["log", runs[0]!.id]))).toContain("make");
    await answer(ligase(p, ["import", ARCHIVE]));
    expect(existsSync(p.path(".ligase/imports"))).toBe(false);
    expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"])))).toEqual(value);
    expect(p.ran()).toEqual([]);
  });

  it("taken in: a run after it is right, whatever came in", async () => {
    const { p, value } = await withArchive();
    await ligase(p, ["import", ARCHIVE], { LIGASE_CRASH: "archive.import.unit:2" }).ended;
    expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"])))).toEqual(value);
  });

  it("written: nothing stands where it should, and the next export writes it", async () => {
    const { p } = await withArchive();
    await answer(ligase(p, ["import", ARCHIVE]));
    const killed = await ligase(p, ["export", "--out", "again.tar.gz"], { LIGASE_CRASH: "archive.export.file:2" })
      .ended;
    expect(killed).toMatchObject({ signal: "SIGKILL" });
    expect(existsSync(p.path("again.tar.gz"))).toBe(false);
    await answer(ligase(p, ["export", "--out", "again.tar.gz"]));
    expect(readFileSync(p.path("again.tar.gz")).equals(made!.archive)).toBe(true);
  });
});
