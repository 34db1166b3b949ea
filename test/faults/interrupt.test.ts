import { expect, it } from "vitest";
import { answer, eventually, ligase, marked } from "../behaviour/command.ts";
import { counts, project } from "../behaviour/project.ts";

const WORKFLOW = `
  const done = task((x: number) => { note("done"); return x + 1; });
  const waits = task(async (_: number) => { note("waits"); if (!process.env.FREE) await new Promise(() => {}); return "waited"; });
  const inside = task({ cpu: 0.5, memory: "64 MiB" }, async () => { note("inside"); if (!process.env.FREE) await new Promise((later) => setTimeout(later, 600_000)); return "inside"; });
  const text = task({ cpu: 0.5 }, () => script\`trap 'echo terminated >> "$LEDGER"; exit 1' TERM; echo text >> "$LEDGER"; until [ -n "\${FREE:-}" ]; do sleep 0.02; done; echo text\`);
  export const main = task(() => [waits(done(1)), inside(), text()]);
`.replace("${FREE:-}", "$FREE");

const HELD = ["waits", "inside", "text"];

it.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends what runs, keeps what has finished, and exits with 130",
  async (signal) => {
    const p = project(WORKFLOW);
    const run = ligase(p, ["run", "workflow.ts"], { FREE: "" });
    for (const line of HELD) await p.until(line);
    run.process.kill(signal);
    const ended = await run.ended;
    expect(ended).toMatchObject({ code: 130, signal: null, stdout: "" });
    expect(ended.stderr).toContain("cancelled");
    expect(counts(p.ran())).toEqual({ done: 1, waits: 1, inside: 1, text: 1, terminated: 1 });
    // Nothing has to be cleared away by a later start.
    await eventually("no process is left", () => marked(p).length === 0);

    const value = JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"], { FREE: "1" })));
    expect(value).toEqual(["waited", "inside", "text\n"]);
    expect(counts(p.ran())).toEqual({ waits: 1, inside: 1, text: 1 });
  },
);

it("a second Ctrl+C ends it at once, whatever still resists; the next start clears it away", async () => {
  const p = project(`
    const done = task((x: number) => { note("done"); return x + 1; });
    const stubborn = task((_: number) => script\`trap 'echo asked >> "$LEDGER"' TERM INT; echo stubborn >> "$LEDGER"; until [ -e "$GO" ]; do sleep 0.05; done; echo done\`);
    export const main = task(() => stubborn(done(1)));
  `);
  const env = { GO: p.path("go") };
  const run = ligase(p, ["run", "workflow.ts"], env);
  await p.until("stubborn");
  run.process.kill("SIGINT");
  await p.until("asked");
  // Two that come within 50 ms are one key.
  await new Promise((resolve) => setTimeout(resolve, 60));
  const asked = performance.now();
  run.process.kill("SIGINT");
  expect(await run.ended).toMatchObject({ code: 130, stdout: "" });
  // By itself it would be killed only after a grace of 5 s.
  expect(performance.now() - asked).toBeLessThan(4000);
  p.ran();
  p.write({ go: "" });
  expect(JSON.parse(await answer(ligase(p, ["run", "workflow.ts", "--json"], env)))).toBe("done\n");
  expect(p.ran()).toEqual(["stubborn"]);
  await eventually("no process is left", () => marked(p).length === 0);
});
