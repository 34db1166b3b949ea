import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { answer, ligase } from "../behaviour/command.ts";
import { counts, type Project, project } from "../behaviour/project.ts";
import { collect } from "../../src/retention/index.ts";
import { openStore } from "../../src/store/index.ts";

const ITEMS = 12;

// Files, values, an async body, a call that is trusted as a whole: each item takes some fifty milliseconds.
const WORKFLOW = `
  const made = task((i: number) =>
    script({ outputs: { one: "one.txt" } })\`echo made >> "$LEDGER"; sleep 0.02; echo \${i} > one.txt\`);
  const apart = task({ memory: "64 MiB" }, async (file: File) => { note("apart"); return File.write("apart.txt", await file.text()); });
  const later = task(async (i: number) => { note("later"); const { one } = await made(i); return await apart(one); });
  const whole = task({ check: "shallow" }, (i: number) => { note("whole"); return [later(i), made(i).one]; });
  const read = task(async (file: File) => { note("read"); return Number(await file.text()); });
  const one = (i: number) => { const files = whole(i); return [read(files[0]!), read(files[1]!)]; };
  export const main = task(() => Array.from({ length: ${ITEMS} }, (_, i) => one(i)));
`;
const RIGHT = Array.from({ length: ITEMS }, (_, i) => [i, i]);
const BODIES = { made: ITEMS, apart: ITEMS, later: ITEMS, whole: ITEMS, read: 2 * ITEMS };

/** Folders of files that no call in the store has made, and that lie in the trash. */
async function leftovers(p: Project): Promise<string[]> {
  const store = await openStore(p.path(".ligase"));
  try {
    const root = p.path(".ligase/outputs");
    const folders = readdirSync(root).flatMap((part) => readdirSync(join(root, part)));
    const calls = await Promise.all(folders.map((name) => store.getCall(name)));
    const trash = p.path(".ligase/trash");
    return [...folders.filter((_, i) => !calls[i]), ...(existsSync(trash) ? readdirSync(trash) : [])];
  } finally {
    await store.close();
  }
}

async function collectAll(p: Project): Promise<void> {
  const store = await openStore(p.path(".ligase"));
  await collect({ root: p.root, storeDir: p.path(".ligase"), store }, { graceMs: 0 });
  await store.close();
}

it("beside a run that takes from the cache what is being freed: it is right, and nothing of it is lost", async () => {
  const p = project(WORKFLOW);
  const run = (...tags: string[]) => ligase(p, ["run", "workflow.ts", "--json", "--quiet", ...tags]);
  for (let round = 0; round < 3; round++) {
    // What it makes may go, and goes while the next takes it.
    expect(JSON.parse(await answer(run()))).toEqual(RIGHT);
    const kept = run("--tag", "keep=yes");
    let over = false;
    void kept.ended.then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    for (let times = 0; !over && times < 20; times++) {
      const gc = await ligase(p, ["gc", "--all", "--keep", "keep=yes", "--yes"]).ended;
      expect(gc).toMatchObject({ code: 0 });
    }
    expect(JSON.parse(await answer(kept))).toEqual(RIGHT);
    await answer(ligase(p, ["gc", "--all", "--keep", "keep=yes", "--yes"]));
    p.ran();
    expect(JSON.parse(await answer(run()))).toEqual(RIGHT);
    expect(p.ran()).toEqual([]);
    await answer(ligase(p, ["gc", "--all", "--yes"]));
    await collectAll(p);
    expect(await leftovers(p)).toEqual([]);
  }
}, 240_000);

it("two at once free the same, and a run that begins meanwhile is right", async () => {
  const p = project(WORKFLOW);
  await answer(ligase(p, ["run", "workflow.ts", "--quiet"]));
  const both = [1, 2].map(() => ligase(p, ["gc", "--all", "--yes", "--json"]));
  const next = ligase(p, ["run", "workflow.ts", "--json", "--quiet"]);
  for (const each of both) expect(JSON.parse(await answer(each))).toHaveProperty("frees");
  expect(JSON.parse(await answer(next))).toEqual(RIGHT);
}, 120_000);

it.each([
  ["retention.runs", 1],
  ["retention.calls.taken", 1],
  ["retention.calls", 1],
  ["retention.jobs", 1],
  ["retention.outputs", 1],
  ["retention.outputs", 8],
  ["retention.sweep", 1],
  ["store.commit.after", 4],
])(
  "killed at %s, time %i: the store is whole, and what is believed is there",
  async (point, time) => {
    const p = project(WORKFLOW);
    await answer(ligase(p, ["run", "workflow.ts", "--quiet"]));
    await answer(ligase(p, ["run", "workflow.ts", "--quiet", "--tag", "keep=yes"]));
    const [was, is] = ['File.write("apart.txt", await file.text())', 'File.write("apart.txt", `${await file.text()}`)'];
    p.edit("workflow.ts", was, is);
    await answer(ligase(p, ["run", "workflow.ts", "--quiet"]));
    p.ran();
    const gc = ligase(p, ["gc", "--all", "--keep", "keep=yes", "--yes"], { LIGASE_CRASH: `${point}:${time}` });
    expect(await gc.ended).toMatchObject({ signal: "SIGKILL" });

    // What was forgotten may run again, once; what was kept does not.
    expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json", "--quiet"])))).toEqual(RIGHT);
    const again = counts(p.ran());
    for (const [body, times] of Object.entries(again)) {
      expect(times).toBeLessThanOrEqual(BODIES[body as keyof typeof BODIES]);
    }
    expect(again).not.toHaveProperty("made");
    p.edit("workflow.ts", is, was);
    expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json", "--quiet"])))).toEqual(RIGHT);
    expect(p.ran()).toEqual([]);
    // The next one frees what the killed one had begun.
    await answer(ligase(p, ["gc", "--all", "--yes"]));
    await collectAll(p);
    expect(await leftovers(p)).toEqual([]);
  },
  120_000,
);

it("killed at any moment beside a run: both go on", async () => {
  const p = project(WORKFLOW);
  await answer(ligase(p, ["run", "workflow.ts", "--quiet"]));
  const kept = ligase(p, ["run", "workflow.ts", "--json", "--quiet", "--tag", "keep=yes"]);
  let over = false;
  void kept.ended.then(() => (over = true));
  for (let kill = 0; kill < 10; kill++) {
    const gc = ligase(p, ["gc", "--all", "--keep", "keep=yes", "--yes"]);
    await Promise.race([gc.ended, new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 500))]);
    gc.process.kill("SIGKILL");
    await gc.ended;
    if (over) break;
  }
  expect(JSON.parse(await answer(kept))).toEqual(RIGHT);
  p.ran();
  await answer(ligase(p, ["gc", "--all", "--keep", "keep=yes", "--yes"]));
  expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json", "--quiet"])))).toEqual(RIGHT);
  // A kill may take what the run had found and was not yet known to have found.
  for (const [body, times] of Object.entries(counts(p.ran()))) {
    expect(times).toBeLessThanOrEqual(BODIES[body as keyof typeof BODIES]);
  }
  const store = await openStore(p.path(".ligase"));
  expect(await store.listEngines()).toEqual([]);
  await store.close();
}, 120_000);
