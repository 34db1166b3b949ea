import { existsSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { project } from "../cli/project.ts";
import { describeWith } from "../support/needs.ts";

const FILES = {
  "workflow.ts": `
import { File, Image, script, task, volume } from "ligase";

const plain = Image.debian("12").env({ GREETING: "from the image" });
export const broken = task({ image: plain, volumes: { "./seq": volume("seq") }, secrets: ["TOKEN"] }, (reads: File) => script\`
  echo partial > partial.txt; cp \${reads} seq/; exit 4
\`);
export const count = task({ image: plain }, (reads: File) => script\`wc -l < \${reads}\`);
`,
  "a.fq": "ACGT\n",
};

describeWith({ programs: ["bwrap", "mmdebstrap"] })("ligase shell for a job in an environment", () => {
  it("enters it again: its directory, volumes, variables and secrets, and nothing else of the machine", async () => {
    const p = project(FILES);
    const env = { LIGASE_SECRET_TOKEN: "s3cr3t-value" };
    const failed = await p.start(["run", "workflow.ts", "broken", "--reads", "a.fq", "--container", "sandbox"], { env })
      .ended;
    expect(failed.code).toBe(1);
    const inside = await p.start(
      ["shell", "broken", "--", 'cat partial.txt seq/a.fq; echo "$GREETING"; echo "$TOKEN"; id -un'],
      { env },
    ).ended;
    expect(inside).toMatchObject({ code: 0, stdout: "partial\nACGT\nfrom the image\ns3cr3t-value\nligase\n" });
    const seen = await p.start(["shell", "broken", "--", `ls ${p.path("workflow.ts")}`], { env }).ended;
    expect(seen.code).not.toBe(0);
  }, 300_000);

  it("makes a new directory for one that succeeded, and leaves nothing", async () => {
    const p = project(FILES);
    await p.ok("run", "workflow.ts", "count", "--reads", "a.fq", "--container", "sandbox");
    expect(await p.ok("shell", "count", "--", "cat a.fq; id -un")).toBe("ACGT\nligase\n");
    expect(existsSync(p.path(".ligase/work")) ? readdirSync(p.path(".ligase/work")) : []).toEqual([]);
  }, 300_000);
});
