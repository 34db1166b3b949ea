import { expect, it } from "vitest";
import { answer, durable, eventually, ligase, marked } from "../behaviour/command.ts";
import { type Project, project } from "../behaviour/project.ts";

const KILLS = 20;

/** How long before a kill a body may have ended without being recorded: a group is 20 ms, the rest is for a machine that is busy. */
const GROUP_MS = 400;

const ITEMS = 60;

// The last thing a body does is to say that it has ended, in which run, and when.
const WORKFLOW = `
  const ended = (name: string) => note("ended " + process.env.RUN + " " + Date.now() + " " + name);
  const plain = task((i: number) => { const value = i + 1; ended("plain " + i); return value; });
  const later = task(async (i: number) => { const value = await plain(i); await new Promise((done) => setTimeout(done, 10)); ended("later " + i); return value; });
  const apart = task({ cpu: 1, memory: "64 MiB" }, (i: number, value: number) => { ended("apart " + i); return value * 2; });
  const made = task({ cpu: 0.5 }, (i: number, value: number) =>
    script({ outputs: "made.txt" })\`sleep 0.05; for n in 1 2 3; do echo \${value} >> made.txt; done; echo "ended $RUN $(date +%s%3N) made "\${i} >> "$LEDGER"\`);
  const size = task(async (i: number, value: number, file: File) => { const text = await file.text(); ended("size " + i); return value + text; });
  // Goes on until it is told to stop: every kill leaves one behind.
  const hang = task({ cpu: 0.1 }, () => script\`echo hang >> "$LEDGER"; until [ -e "$GO" ]; do sleep 0.05; done\`);
  const one = (i: number) => { const value = later(i); return size(i, apart(i, value), made(i, value)); };
  export const main = task(() => [Array.from({ length: ${ITEMS} }, (_, i) => one(i)), hang()]);
`;

interface Ended {
  readonly run: number;
  readonly at: number;
  readonly name: string;
}

function endedIn(p: Project): Ended[] {
  const lines = p.ran().map((line) => /^ended (\d+) (\d+) (.*)$/.exec(line));
  return lines.flatMap((match) => (match ? [{ run: Number(match[1]), at: Number(match[2]), name: match[3]! }] : []));
}

it(`a run killed with -9 at ${KILLS} random moments loses nothing that was durable, and is right in the end`, async () => {
  const p = project(WORKFLOW);
  const env = { GO: p.path("go") };
  const kills: number[] = [];
  const finished = new Map<string, Ended>();
  const repeated: string[] = [];
  /** Takes down what ended, and what ended a second time though it had long been recorded. */
  const account = (): void => {
    for (const ended of endedIn(p)) {
      const before = finished.get(ended.name);
      if (before && before.run !== ended.run && kills[before.run]! - before.at > GROUP_MS) repeated.push(ended.name);
      // A script whose run was killed goes on until the next start: nobody took its result.
      if (before?.run === ended.run) repeated.push(ended.name);
      finished.set(ended.name, ended);
    }
  };
  const hanging = (): number => p.read("ledger.txt").split("hang\n").length;
  while (kills.length < KILLS) {
    const run = ligase(p, ["run", "workflow.ts", "--quiet"], { ...env, RUN: String(kills.length) });
    // Some die while they load and open the store, most in the midst of their work.
    const before = hanging();
    if (kills.length % 4 > 0) await eventually("it works", () => hanging() > before);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
    run.process.kill("SIGKILL");
    await run.ended;
    kills.push(Date.now());
    account();
    // What is recorded has ended.
    const names = [...finished.keys()];
    for (const task of ["plain", "later", "apart", "size"]) {
      expect(durable(p, task)).toBeLessThanOrEqual(names.filter((name) => name.startsWith(`${task} `)).length);
    }
  }
  expect(finished.size).toBeGreaterThan(2 * ITEMS);

  p.write({ go: "" });
  const result = await answer(ligase(p, ["run", "workflow.ts", "--json", "--quiet"], { ...env, RUN: String(KILLS) }));
  account();
  expect(repeated).toEqual([]);
  const texts = Array.from({ length: ITEMS }, (_, i) => `${2 * (i + 1)}${`${i + 1}\n`.repeat(3)}`);
  expect(JSON.parse(result)).toEqual([texts, ""]);
  expect(finished.size).toBe(5 * ITEMS);
  await eventually("no process is left", () => marked(p).length === 0);

  expect(await answer(ligase(p, ["run", "workflow.ts", "--json", "--quiet"], { ...env, RUN: "99" }))).toBe(result);
  expect(endedIn(p)).toEqual([]);
}, 120_000);
