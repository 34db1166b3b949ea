import { existsSync, rmSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { project, type Started, until } from "./project.ts";

const WORKFLOW = `
import { appendFileSync } from "node:fs";
import { File, script, task } from "ligase";
import { suffix } from "./lib/suffix.ts";

export const read = task((file: File) => { appendFileSync("ledger", "read\\n"); return file.text(); });
export const fixed = task(() => { appendFileSync("ledger", "fixed\\n"); return 1; });
export const main = task((file: File, n: number = 0) => [read(file), suffix, fixed(), n]);
export const slow = task((file: File) => script\`echo $$ > "$HOME/pid"; cat \${file}; sleep \${suffix === "!" ? 60 : 0}\`);
export const inside = task(() => read(new File("data/a.txt")));
`;

function watched() {
  return project({ "workflow.ts": WORKFLOW, "lib/suffix.ts": 'export const suffix = "!";', "data/a.txt": "one" });
}

/** Waits until so many runs have ended and the files are watched. */
async function rests(run: Started, times: number): Promise<string> {
  await until(() => run.said().split("watching ").length > times, `the end of run ${times}`);
  return run.said();
}

/** Ends it as Ctrl+C does. */
async function end(run: Started) {
  run.child.kill("SIGINT");
  return run.ended;
}

describe.concurrent("ligase run --watch", () => {
  it("runs again when inputs or code change, what changed alone, and ends with Ctrl+C", async () => {
    const p = watched();
    const run = p.start(["run", "workflow.ts", "--file", "data/a.txt", "--watch", "--json"]);
    expect(await rests(run, 1)).toContain('["one","!",1,0]\n');
    p.write("data/a.txt", "two");
    expect(await rests(run, 2)).toMatch(/── data\/a\.txt changed ─+ \d\d:\d\d:\d\d\n[^]*\["two","!",1,0\]/);
    p.write("lib/suffix.ts", 'export const suffix = "?";');
    expect(await rests(run, 3)).toMatch(/── lib\/suffix\.ts changed ─+[^]*\["two","\?",1,0\]/);
    expect(p.read("ledger").trim().split("\n").toSorted()).toEqual(["fixed", "read", "read"]);
    expect(await end(run)).toMatchObject({ code: 0 });
    expect(await p.json("log")).toHaveLength(3);
  });

  it("does nothing for a file that is saved as it was, or that no run reads", async () => {
    const p = watched();
    const run = p.start(["run", "workflow.ts", "--file", "data/a.txt", "--watch", "--json"]);
    await rests(run, 1);
    p.write("data/a.txt", "one");
    utimesSync(p.path("lib/suffix.ts"), new Date(), new Date());
    p.write("data/other.txt", "new");
    p.write("other.ts", "export const x = 1;");
    p.write("data/a.txt", "two");
    const said = await rests(run, 2);
    await end(run);
    expect(said.match(/──.* changed/g)).toEqual([expect.stringContaining("data/a.txt changed")]);
  });

  it("stops the run that goes on, and starts another", async () => {
    const p = watched();
    const run = p.start(["run", "workflow.ts", "slow", "--file", "data/a.txt", "--watch"], { env: { HOME: p.dir } });
    await until(() => p.read("pid").endsWith("\n"), "the script");
    const pid = Number(p.read("pid"));
    p.write("lib/suffix.ts", 'export const suffix = "?";');
    const said = await rests(run, 1);
    expect(said).toMatch(/── lib\/suffix\.ts changed ─+[^]*total +1\/1 +1 done/);
    expect(said).not.toContain("run it again to go on");
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await end(run);
    expect(await p.json("log")).toMatchObject([{ state: "done" }, { state: "cancelled" }]);
  });

  it("shows an error in the code, and goes on when it is mended, in a file that was missing too", async () => {
    const p = watched();
    rmSync(p.path("lib/suffix.ts"));
    const run = p.start(["run", "workflow.ts", "fixed", "--watch"]);
    expect(await rests(run, 1)).toContain('cannot find "./lib/suffix.ts"');
    p.write("lib/suffix.ts", "export const suffix = ;");
    expect(await rests(run, 2)).toMatch(/── lib\/suffix\.ts changed[^]*error lib\/suffix\.ts:1:23/);
    p.write("lib/suffix.ts", "export const suffix = 1;");
    expect(await rests(run, 3)).toMatch(/total +1\/1 +1 done/);
    expect(await end(run)).toMatchObject({ code: 0 });
  });

  it("waits for an input that is not there, the parameters and the configuration", async () => {
    const p = watched();
    p.write("params.yaml", "n: 1");
    const run = p.start(["run", "workflow.ts", "--file", "data/b.txt", "--watch", "--json", "--params", "params.yaml"]);
    expect(await rests(run, 1)).toContain("data/b.txt does not exist");
    p.write("data/b.txt", "b");
    expect(await rests(run, 2)).toContain('["b","!",1,1]\n');
    p.write("params.yaml", "n: 2");
    expect(await rests(run, 3)).toMatch(/── params\.yaml changed[^]*\["b","!",1,2\]/);
    p.write("ligase.config.json", "{");
    expect(await rests(run, 4)).toMatch(/── ligase\.config\.json changed[^]*error ligase\.config\.json: /);
    await end(run);
  });

  it("watches files that the code itself names, also when the cache has what comes of them", async () => {
    const p = watched();
    await p.ok("run", "workflow.ts", "inside");
    const run = p.start(["run", "workflow.ts", "inside", "--watch"]);
    expect(await rests(run, 1)).toContain("one\n");
    p.write("data/a.txt", "two");
    expect(await rests(run, 2)).toMatch(/── data\/a\.txt changed[^]*two\n/);
    await end(run);
  });

  it("ends the run that goes on with the first Ctrl+C", async () => {
    const p = watched();
    const run = p.start(["run", "workflow.ts", "slow", "--file", "data/a.txt", "--watch"], { env: { HOME: p.dir } });
    await until(() => p.read("pid").endsWith("\n"), "the script");
    expect(await end(run)).toMatchObject({ code: 130, stderr: expect.stringContaining("stopping") });
    expect(existsSync(`/proc/${Number(p.read("pid"))}`)).toBe(false);
    expect(await p.json("log")).toMatchObject([{ state: "cancelled" }]);
  });

  it("prints results alone with --quiet", async () => {
    const p = watched();
    const run = p.start(["run", "workflow.ts", "inside", "--watch", "--quiet"]);
    await run.printed("one");
    // Told of the file by the time that the run has ended, which prints nothing.
    await until(async () => (await p.json<object[]>("log", "--state", "done")).length === 1, "the first run");
    let edits = 0;
    await until(() => {
      p.write("data/a.txt", `edit ${edits++}`);
      return run.said().includes("edit");
    }, "the second run");
    expect(await end(run)).toMatchObject({ stderr: "" });
  });

  it("refuses parameters from stdin, which cannot be read twice", async () => {
    expect(await watched().run("run", "workflow.ts", "--watch", "--params", "-")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("stdin only once"),
    });
  });
});
