import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BIN, project, until } from "./project.ts";

const GREET = `
import { appendFileSync } from "node:fs";
import { File, map, task } from "ligase";

/** Says hello. */
export const hello = task((name: string) => {
  appendFileSync("ledger", name + "\\n");
  console.log("saying hello to", name);
  return "hello " + name;
});

/**
 * Greets everybody.
 *
 * @param names - who is greeted
 */
export const main = task((names: string[] = ["ann", "bob"]) => map(names, (name) => hello(name)));

export const echo = task((words: string[], loud: boolean = false) => ({ words, loud }));
export const typed = task((depth: number, mode: "fast" | "exact", reads: File) => depth);
export const nothing = task(() => undefined);
export const text = task(() => "one\\ntwo\\n");
`;

describe.concurrent("ligase run", () => {
  it("prints the result alone on stdout, what bodies print and the counts on stderr", async () => {
    const p = project({ "workflow.ts": GREET });
    const first = await p.run("run", "workflow.ts");
    expect(first).toMatchObject({ code: 0, stdout: '[\n  "hello ann",\n  "hello bob"\n]\n' });
    expect(first.stderr).toContain("saying hello to ann\n");
    expect(first.stderr).toMatch(/hello +2\/2 +2 done/);
    const again = await p.run("run", "workflow.ts", "--json");
    expect(again).toMatchObject({ code: 0, stdout: '["hello ann","hello bob"]\n' });
    expect(again.stderr).toMatch(/total +3\/3 +3 cached/);
    expect(p.read("ledger").split("\n").toSorted()).toEqual(["", "ann", "bob"]);
  });

  it("prints text as it is, nothing for no value, and nothing but that with --quiet", async () => {
    const p = project({ "workflow.ts": GREET });
    expect(await p.run("run", "workflow.ts", "text", "--quiet")).toMatchObject({ stdout: "one\ntwo\n", stderr: "" });
    expect(await p.run("run", "workflow.ts", "nothing", "--quiet")).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await p.run("run", "workflow.ts", "nothing", "--quiet", "--json")).toMatchObject({ stdout: "null\n" });
  });

  it("reads the task's parameters as flags; behind -- every word is the task's", async () => {
    const p = project({ "workflow.ts": GREET });
    expect(await p.json("run", "workflow.ts", "echo", "--words", "a", "b", "--loud")).toEqual({
      words: ["a", "b"],
      loud: true,
    });
    const words = await p.ok("run", "workflow.ts", "--json", "echo", "--", "--quiet", "--debug");
    expect(JSON.parse(words)).toEqual({ words: ["--quiet", "--debug"], loud: false });
  });

  it("explains itself, and the flags of a task", async () => {
    const p = project({ "workflow.ts": GREET });
    expect(await p.ok("run", "--help")).toContain("--keep-work");
    const help = await p.ok("run", "workflow.ts", "main", "--help");
    expect(help).toContain("Greets everybody.");
    expect(help).toMatch(/--names TEXT\.\.\. +who is greeted/);
    expect(await p.run("run")).toMatchObject({ code: 2 });
    expect(existsSync(p.path("ledger"))).toBe(false);
  });

  it("runs bodies again with --no-cache, and those of one task with --force", async () => {
    const p = project({ "workflow.ts": GREET });
    await p.ok("run", "workflow.ts");
    await p.ok("run", "workflow.ts", "--force", "main");
    expect(p.read("ledger").trim().split("\n")).toHaveLength(2);
    await p.ok("run", "workflow.ts", "--force", "hello");
    expect(p.read("ledger").trim().split("\n")).toHaveLength(4);
    await p.ok("run", "workflow.ts", "--no-cache");
    expect(p.read("ledger").trim().split("\n")).toHaveLength(6);
    await p.ok("run", "workflow.ts");
    expect(p.read("ledger").trim().split("\n")).toHaveLength(6);
    expect(await p.run("run", "workflow.ts", "--force", "helo")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no task helo\n.*did you mean hello\?/),
    });
  });

  it("keeps work directories with --keep-work, and removes them without", async () => {
    const p = project({
      "workflow.ts": 'import { script, task } from "ligase";\nexport const main = task(() => script`echo hi`);',
    });
    await p.ok("run", "workflow.ts", "--keep-work");
    const [kept] = readdirSync(p.path(".ligase/work"));
    expect(p.read(`.ligase/work/${kept}/.command.out`)).toBe("hi\n");
    await p.ok("run", "workflow.ts", "--no-cache");
    expect(readdirSync(p.path(".ligase/work")).filter((name) => name !== kept && !name.startsWith("."))).toEqual([]);
  });

  it("lets what runs finish when something fails; --fail-fast ends it", async () => {
    const p = project({
      "workflow.ts": `
import { script, task } from "ligase";
export const bad = task(() => script\`until [ -e "$HOME/started" ]; do sleep 0.02; done; exit 1\`);
export const slow = task((seconds: number) => script\`touch "$HOME/started"; sleep \${seconds}; echo finished >> "$HOME/ledger"\`);
export const main = task((seconds: number) => [slow(seconds), bad()]);
`,
    });
    const env = { HOME: p.dir };
    const patient = await p.start(["run", "workflow.ts", "--seconds", "0.5", "--cpus", "4"], { env }).ended;
    expect(patient.code).toBe(1);
    expect(p.read("ledger")).toBe("finished\n");
    p.write("started", "");
    const { code, stderr } = await p.start(["run", "workflow.ts", "--seconds", "60", "--cpus", "4", "--fail-fast"], {
      env,
    }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/slow +0\/1 +1 cancelled/);
    expect(p.read("ledger")).toBe("finished\n");
  });

  it("takes settings from ligase.config.ts, over it the environment, over that flags", async () => {
    const p = project({
      "workflow.ts":
        'import { script, task } from "ligase";\nexport const main = task({ cpu: 3 }, () => script`echo hi`);',
      "ligase.config.ts":
        'import { defineConfig } from "ligase";\nexport default defineConfig({ cpus: 1, store: "records" });',
    });
    const run = (env: Record<string, string>, ...args: string[]) =>
      p.start(["run", "workflow.ts", ...args], { env }).ended;
    const refused = await run({});
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/3 .*1/);
    expect(existsSync(p.path("records/store.db"))).toBe(true);
    expect(await run({ LIGASE_CPUS: "2" })).toMatchObject({ code: 1 });
    expect(await run({ LIGASE_CPUS: "2" }, "--cpus", "3")).toMatchObject({ code: 0, stdout: "hi\n" });
    expect(await run({ LIGASE_CPUS: "4", LIGASE_STORE: "elsewhere" })).toMatchObject({ code: 0 });
    expect(existsSync(p.path("elsewhere/store.db"))).toBe(true);
    expect(await run({ LIGASE_CPUS: "4", LIGASE_STORE: "elsewhere" }, "--store", "third")).toMatchObject({ code: 0 });
    expect(existsSync(p.path("third/store.db"))).toBe(true);
    expect(await run({ LIGASE_CPUS: "many" })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LIGASE_CPUS: cpus: "),
    });
    expect(await run({}, "--cpus", "many")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--cpus many is not a number"),
    });
  });

  it("counts paths in the code from the project's folder, those of flags from where it is started", async () => {
    const p = project({
      "workflow.ts": `
        import { File, task } from "ligase";
        const top = new File("data/a.txt");
        const inline = task(async () => [await top.text(), await new File("data/a.txt").text()].join(" "));
        const isolated = task({ cpu: 1 }, () => new File("data/a.txt").text());
        export const main = task((given: File) => ({ inline: inline(), isolated: isolated(), given: read(given) }));
        const read = task((file: File) => file.text());
      `,
      "data/a.txt": "a",
      "sub/b.txt": "b",
    });
    const { stdout, stderr } = await p.start(["run", "../workflow.ts", "--given", "b.txt", "--json"], {
      cwd: p.path("sub"),
    }).ended;
    expect(JSON.parse(stdout)).toEqual({ inline: "a a", isolated: "a", given: "b" });
    // The worker that ran a body ends without a word.
    expect(stderr).toMatch(/total +4\/4 +4 done +\S+\s*$/);
  });

  it("counts a task as done when its script ran, though its body was in the cache", async () => {
    const p = project({
      "workflow.ts": `
        import { script, task } from "ligase";
        export const main = task((flag: string) => script\`cat \${flag}\`);
      `,
    });
    const run = () => p.start(["run", "workflow.ts", "--flag", p.path("flag")]).ended;
    expect((await run()).stderr).toMatch(/total +0\/1 +1 failed/);
    p.write("flag", "here");
    expect((await run()).stderr).toMatch(/total +1\/1 +1 done/);
    expect((await run()).stderr).toMatch(/total +1\/1 +1 cached/);
  });

  it("tells a published file from the output it is a copy of, and publishes it again when it is gone", async () => {
    const p = project({
      "workflow.ts": `
        import { File, script, task } from "ligase";
        const made = task(() => script({ outputs: "n.txt" })\`echo 1 > n.txt\`);
        const publish = task((file: File) => file.publish("results/"));
        export const main = task(() => publish(made()));
      `,
    });
    const run = () => p.start(["run", "workflow.ts"]).ended;
    expect((await run()).stdout.trim()).toBe("results/n.txt");
    const again = await run();
    expect(again.stdout.trim()).toBe("results/n.txt");
    expect(again.stderr).toMatch(/total +3\/3 +3 cached/);
    rmSync(p.path("results"), { recursive: true });
    expect((await run()).stderr).toMatch(/total +3\/3 +2 cached +1 done/);
    expect(p.read("results/n.txt")).toBe("1\n");
  });

  it("finds runs by their tags", async () => {
    const p = project({ "workflow.ts": GREET });
    await p.ok("run", "workflow.ts", "text", "--tag", "cohort=a", "--tag", "note=x=y");
    await p.ok("run", "workflow.ts", "nothing");
    expect(await p.json("log", "--tag", "cohort=a")).toMatchObject([
      { task: "text", tags: { cohort: "a", note: "x=y" } },
    ]);
    expect(await p.run("run", "workflow.ts", "text", "--tag", "cohort")).toMatchObject({ code: 2 });
  });

  it("goes on when nobody reads its messages, and ends well when nobody reads its result", async () => {
    const p = project({ "workflow.ts": GREET });
    const shell = (line: string) =>
      promisify(execFile)("bash", ["-o", "pipefail", "-c", line], {
        cwd: p.dir,
        env: { ...process.env, LIGASE: BIN, NODE: process.execPath },
      });
    await shell('"$NODE" "$LIGASE" run workflow.ts 2>&1 >result | true');
    expect(p.read("result")).toContain("hello ann");
    await expect(shell('"$NODE" "$LIGASE" run workflow.ts 2>err | true')).resolves.toMatchObject({ stdout: "" });
    expect(p.read("err")).not.toContain("EPIPE");
  });

  it("colours nothing that is piped, unless it is told to", async () => {
    const p = project({ "workflow.ts": GREET });
    const escape = "\u001b[";
    expect((await p.run("run", "workflow.ts")).stderr).not.toContain(escape);
    const forced = await p.start(["run", "workflow.ts"], { env: { FORCE_COLOR: "1" } }).ended;
    expect(forced.stderr).toContain(escape);
    expect(forced.stdout).not.toContain(escape);
    expect(
      (await p.start(["run", "workflow.ts"], { env: { NO_COLOR: "1", FORCE_COLOR: undefined } }).ended).stderr,
    ).not.toContain(escape);
  });

  it("ends after Ctrl+C though a body of its own process goes on", async () => {
    const p = project({
      "workflow.ts": `
        import { writeFileSync } from "node:fs";
        import { task } from "ligase";
        export const main = task(async () => {
          writeFileSync("started", "");
          for (;;) await new Promise((go) => setTimeout(go, 50));
        });
      `,
    });
    const run = p.start(["run", "workflow.ts"]);
    await until(() => existsSync(p.path("started")), "the body");
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/main +0\/1 +1 cancelled/) });
    expect(await p.json("log")).toMatchObject([{ state: "cancelled" }]);
  });

  it("stops cleanly at the first Ctrl+C, at once at the second, and goes on from what had finished", async () => {
    const p = project({
      "workflow.ts": `
import { appendFileSync } from "node:fs";
import { script, task } from "ligase";
export const quick = task(() => { appendFileSync("ledger", "quick\\n"); return 1; });
export const stuck = task((n: number) => script\`echo $$ > "$HOME/pid"; trap "" TERM INT; while true; do sleep 0.1; done\`);
export const main = task(() => stuck(quick()));
export const polite = task(() => script\`touch "$HOME/started"; sleep 60\`);
`,
    });
    const env = { HOME: p.dir };
    const polite = p.start(["run", "workflow.ts", "polite"], { env });
    await until(() => existsSync(p.path("started")), "the script");
    polite.child.kill("SIGINT");
    expect(await polite.ended).toMatchObject({
      code: 130,
      stdout: "",
      stderr: expect.stringMatching(/stopping[^]*cancelled/),
    });
    expect(await p.json("log", "--state", "cancelled")).toHaveLength(1);

    const stuck = p.start(["run", "workflow.ts"], { env });
    await until(() => p.read("pid").endsWith("\n"), "the script");
    stuck.child.kill("SIGINT");
    await stuck.printed("stopping");
    // Signals that come together are one press of the keys.
    await new Promise((resolve) => setTimeout(resolve, 200));
    stuck.child.kill("SIGINT");
    expect(await stuck.ended).toMatchObject({ code: 130 });
    expect(await p.ok("log", "-n", "1")).toMatch(/interrupted .*\d not finished/);
    const pid = Number(p.read("pid"));
    await until(() => !existsSync(`/proc/${pid}`), "the end of what was left running");
    p.edit("workflow.ts", "while true; do sleep 0.1; done", "echo done");
    expect(await p.start(["run", "workflow.ts"], { env }).ended).toMatchObject({ code: 0, stdout: "done\n" });
    expect(p.read("ledger")).toBe("quick\n");
  });
});
