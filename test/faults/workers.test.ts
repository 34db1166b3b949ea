import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answer, eventually, ligase, marked } from "../behaviour/command.ts";
import { counts, project } from "../behaviour/project.ts";

describe("a worker process that dies fails only its job", () => {
  it.each([
    ["process.exit", "1 GiB", "process.exit(7)", /7/],
    ["a signal", "1 GiB", `process.kill(process.pid, "SIGKILL"); await new Promise(() => {})`, /SIGKILL/],
    [
      "an error that nobody catches",
      "1 GiB",
      `setTimeout(() => { throw new RangeError("out of the blue"); }); await new Promise(() => {})`,
      /out of the blue/,
    ],
    ["want of memory", "96 MiB", `const all = []; for (;;) all.push(new Array(100_000).fill(all.length))`, /memory/],
  ])(
    "by %s",
    async (_, memory, end, words) => {
      const p = project(`
      const dies = task({ cpu: 0.5, memory: "${memory}" }, async () => { note("dies"); ${end}; });
      const lives = task({ cpu: 0.5, memory: "96 MiB" }, async (x: number) => { await until("dies"); note("lives"); return x; });
      const tell = task((error: Error) => error.message);
      export const main = task(() => [lives(1), dies(), lives(2)]);
      export const told = task(() => [lives(1), attempt(dies(), tell), lives(3)]);
    `);
      const first = await p.run("main");
      expect(counts(first.ran)).toEqual({ dies: 1, lives: 2 });
      expect(first.error?.message).toMatch(words);
      const second = await p.run("told");
      expect(second.value).toEqual([1, expect.stringMatching(words), 3]);
      expect(counts(second.ran)).toMatchObject({ dies: 1, lives: 1 });
    },
    30_000,
  );
});

it("a job whose worker died is tried again in a new one", async () => {
  const p = project(`
    const dies = task({ memory: "64 MiB", retries: { times: 2, delay: 0 } }, () => { note("dies"); if (process.env.LIGASE_ATTEMPT !== "3") process.exit(1); return "alive"; });
    export const main = task(() => dies());
  `);
  expect(await p.run("main")).toMatchObject({ value: "alive", ran: ["dies", "dies", "dies"] });
});

it("the death of the process that launches jobs is an error of those that ran, and leaves none of them behind", async () => {
  const p = project(`
    const before = task((x: number) => { note("before"); return x; });
    const text = task((x: number) => script\`echo text >> "$LEDGER"; until [ -e "$GO" ]; do sleep 0.02; done; echo \${x}\`);
    export const main = task(() => text(before(1)));
  `);
  const env = { GO: p.path("go") };
  const run = ligase(p, ["run", "workflow.ts"], env);
  await p.until("text");
  const launchers = marked(p).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("launcher"));
  expect(launchers).toHaveLength(1);
  process.kill(launchers[0]!, "SIGKILL");
  const ended = await run.ended;
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/launch|lost/);
  p.ran();
  p.write({ go: "" });
  expect(await answer(ligase(p, ["run", "workflow.ts", "--json"], env))).toBe(`"1\\n"\n`);
  expect(p.ran()).toEqual(["text"]);
  await eventually("no process is left", () => marked(p).length === 0);
});
