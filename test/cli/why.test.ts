import { reasonLines } from "../../src/cli/reports/reasons.ts";
import { describe, expect, it } from "vitest";
import { FILES, newest, RUN } from "./lanes.ts";
import { project } from "./project.ts";

describe.concurrent("ligase why", () => {
  it("tells of a run what ran and for which reason, and how much was cached", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    expect(await p.ok("why")).toMatch(/trim +×3 +never ran before\n/);
    await p.ok(...RUN);
    expect(await p.ok("why")).toMatch(/nothing ran\n +5 cached: /);
    p.write("a.fq", "GGGG");
    p.write("b.fq", "GGGGG");
    await p.ok(...RUN);
    const why = await p.ok("why");
    expect(why).toMatch(/trim +×2 +argument reads changed\n/);
    expect(why).toMatch(/merge +×1 +argument all\[…\] changed\n/);
    expect(why).toMatch(/1 cached: trim\n/);
    expect(await p.json("why", (await newest(p)).id)).toMatchObject({
      task: "main",
      state: "done",
      ran: expect.arrayContaining([
        expect.objectContaining({
          task: "trim",
          reason: "argument reads changed",
          jobs: [expect.any(String), expect.any(String)],
        }),
      ]),
      cached: { trim: 1 },
    });
  });

  it("says of calls that failed before that they did, in a run and before a dry one, and counts what else failed", async () => {
    const p = project({
      "workflow.ts": `
        import { map, task } from "ligase";
        const half = task((n: number) => {
          if (n % 2 === 1) throw new Error(n + " is odd");
          return n / 2;
        });
        export const main = task(() => map([1, 2, 3, 5], (n) => half(n)));
      `,
    });
    await p.run("run", "workflow.ts");
    expect(await p.ok("why")).toMatch(
      /half +×4 +never ran before\n[^]*\n… and 2 other failed jobs: ligase log \w{8} --failed\n$/,
    );
    const { id } = await newest(p);
    expect(await p.ok("run", "workflow.ts", "--dry-run")).toMatch(
      new RegExp(`half +3 +1 +failed in run ${id.slice(0, 8)}\n`),
    );
    await p.run("run", "workflow.ts");
    expect(await p.ok("why")).toMatch(new RegExp(`half +×3 +failed in run ${id.slice(0, 8)}\n`));
  });

  it("tells of scripts that failed again while their bodies were cached", async () => {
    const p = project({
      "workflow.ts": `
        import { map, script, task } from "ligase";
        const fail = task((n: number) => script\`echo \${n} >&2; exit 3\`);
        export const main = task(() => map([1, 2, 3], (n) => fail(n)));
      `,
    });
    await p.run("run", "workflow.ts");
    const first = (await newest(p)).id.slice(0, 8);
    await p.run("run", "workflow.ts");
    const why = await p.ok("why");
    expect(why).toMatch(new RegExp(`\n  fail \\(its script\\)  ×3  failed in run ${first}\n  3 failed: `));
    expect(why).toMatch(/\n… and 2 other failed jobs: /);
  });

  it("fits a terminal of 40 columns", () => {
    const ran = ["align", "countGenotypes"].map((task) => ({
      task,
      reason: "argument sample.alignments[…] changed",
      count: 12,
      jobs: [],
    }));
    const lines = reasonLines({ ran, cached: { trim: 100, markDuplicates: 8 }, failed: {} }, (_, text) => text, 40);
    expect(lines).toEqual([
      "  align           ×12",
      "    argument sample.alignments[…]",
      "      changed",
      "  countGenotypes  ×12",
      "    argument sample.alignments[…]",
      "      changed",
      "  108 cached: trim ×100,",
      "    markDuplicates ×8",
    ]);
  });

  it("names the declaration that was edited two modules away", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    p.edit("lib/trim.ts", "A+$", "AA+$");
    await p.ok(...RUN);
    expect(await p.ok("why")).toMatch(/trim +×3 +code trimAdapters in lib\/trim\.ts changed/);
    const why = await p.ok("why", "trim");
    expect(why).toContain("its code changed since the nearest earlier call");
    expect(why).toMatch(/code +lib\/trim\.ts#trimAdapters edited/);
    // The helper as it was and is, though it is not the task's own.
    expect(why).toMatch(
      /lib\/trim\.ts:1\n.*trimAdapters[^]*-   return read\.replace\(\/A\+\$\/[^]*\+   return read\.replace\(\/AA\+\$\//,
    );
    expect(await p.json("why", "trim")).toMatchObject({
      changes: [
        {
          part: "code",
          name: "lib/trim.ts#trimAdapters",
          how: "edited",
          texts: {
            before: { line: 1, text: expect.stringContaining("/A+$/") },
            after: { text: expect.stringContaining("/AA+$/") },
          },
        },
      ],
    });
  });

  it("shows a task's own code before and after, and arguments with what they were", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    p.edit("workflow.ts", 'join(",")', 'join(";")');
    p.write("c.fq", "TTTTTTT");
    await p.ok(...RUN);
    const merge = await p.ok("why", "merge");
    expect(merge).toMatch(
      /\n +const joined|- +const joined = all\.join\(","\);\n +\+ +const joined = all\.join\(";"\);/,
    );
    expect(merge).toContain('    -   const joined = all.join(",");'.trimStart());
    const trim = await p.ok("why", "trim");
    expect(trim).toMatch(
      /argument reads\n +- .*c\.fq \(4 bytes, sha256 [0-9a-f]{12}\)\n +\+ .*c\.fq \(7 bytes, sha256 [0-9a-f]{12}\)/,
    );
    expect(await p.json("why", "merge")).toMatchObject({
      summary: expect.stringContaining("changed"),
      changes: expect.arrayContaining([
        expect.objectContaining({ part: "code", name: "workflow.ts#merge", how: "edited" }),
      ]),
    });
    const coloured = await p.start(["why", "merge"], { env: { FORCE_COLOR: "1" } }).ended;
    expect(coloured.stdout).toContain("\u001b[32m+ ");
  });

  it("explains a hit, and what was told to run again", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const first = await newest(p);
    await p.ok(...RUN);
    expect(await p.ok("why", "merge")).toContain(`the same call was recorded before (run ${first.id.slice(0, 8)})`);
    await p.ok(...RUN, "--force", "merge");
    expect(await p.ok("why")).toMatch(/merge +×1 +told to run again\n/);
  });
});
