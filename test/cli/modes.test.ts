import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const GERMLINE = fileURLToPath(new URL("../../examples/germline-variants", import.meta.url));

const WORKFLOW = `
import { map, script, task } from "ligase";

const list = task((n: number) => Array.from({ length: n }, (_, i) => i));
/** Has no stub. */
const measure = task({ cpu: 1 }, (n: number) => script\`printf "real %s" \${n}\`);
const align = task(
  { memory: "16 TiB", stub: (n) => script({ outputs: "a.bam" })\`echo stub \${n} > a.bam\` },
  (n: number) => script({ outputs: "a.bam" })\`no-such-tool \${n} > a.bam\`,
);
export const sampled = task((n: number) => map(list(n), (i) => map(list(3), (j) => measure(j))));
export const stubbed = task((n: number) => map(list(n), (i) => [align(i), measure(i)]));
`;

describe.concurrent("ligase run --sample", () => {
  it("takes the first items of every map, says what it left out, and is marked in the log", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const sample = ["run", "workflow.ts", "sampled", "--n", "5", "--sample", "2", "--json"];
    const first = await p.run(...sample);
    expect(first).toMatchObject({ code: 0, stdout: '[["real 0","real 1"],["real 0","real 1"]]\n' });
    expect(first.stderr).toContain("left out: map over list(…) in sampled (workflow.ts:11) took 4 of 8, in 2 maps");
    expect(first.stderr).toContain("this was a run of a sample: no other kind of run takes its results from the cache");
    expect(await p.ok("log")).toMatch(/ sampled .* done \(sample\)/);
    expect(await p.json("log")).toMatchObject([{ mode: "sample" }]);

    const whole = await p.run("run", "workflow.ts", "sampled", "--n", "2", "--json");
    expect(JSON.parse(whole.stdout)).toHaveLength(2);
    expect(whole.stderr).not.toContain("left out");
    expect((await p.run(...sample, "--quiet")).stderr).toBe("");
  });

  it("is no origin of a file that a real run made as well", async () => {
    const p = project({
      "workflow.ts": `
import { map, script, task } from "ligase";
const make = task((n: number) => script({ outputs: "out.txt" })\`echo made \${n} > out.txt\`);
export const main = task(() => map([1, 2], (n) => make(n)));
`,
    });
    const [out] = JSON.parse(await p.ok("run", "workflow.ts", "--json")) as string[];
    const [real] = await p.json<{ id: string }[]>("log");
    await p.ok("run", "workflow.ts", "--sample", "1");
    p.write("copy.txt", p.read(out!));
    expect(JSON.stringify(await p.json("lineage", "copy.txt"))).toContain(real!.id);
    const text = await p.ok("lineage", "copy.txt");
    expect(text).toContain(real!.id.slice(0, 8));
  });

  it("is the parameter of that name where it is given no number", async () => {
    const p = project({
      "workflow.ts": `
import { map, task } from "ligase";
const two = task(() => ["x", "y"]);
export const main = task((sample: string = "none") => map(two(), (lane) => [sample, lane]));
`,
    });
    const run = async (...args: string[]) =>
      JSON.parse(await p.ok("run", "workflow.ts", "main", ...args, "--json")) as unknown;
    expect(await run("--sample", "HG00100")).toEqual([
      ["HG00100", "x"],
      ["HG00100", "y"],
    ]);
    expect(await run("--sample", "1")).toEqual([["none", "x"]]);
    expect(await run("--sample", "1", "--params.sample", "7")).toEqual([["7", "x"]]);
  });

  it("refuses what is no number of items", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    for (const size of ["0", "1.5", "HG00100"]) {
      const { code, stderr } = await p.run("run", "workflow.ts", "sampled", "--n", "1", "--sample", size);
      expect(code).toBe(2);
      expect(stderr).toContain(`--sample takes a whole number from 1, and got ${size}`);
    }
  });
});

describe.concurrent("ligase run --stub", () => {
  it("runs stubs, says what ran for real, and is marked in the log", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { code, stdout, stderr } = await p.run("run", "workflow.ts", "stubbed", "--n", "2", "--stub", "--json");
    expect(code).toBe(0);
    const bams = (JSON.parse(stdout) as [string, string][]).map(([bam]) => bam);
    expect(bams.map((bam) => p.read(bam))).toEqual(["stub 0\n", "stub 1\n"]);
    expect(stderr).toContain("ran for real, for want of a stub: measure ×2");
    expect(stderr).toContain("this was a run of stubs");
    expect(await p.ok("log")).toMatch(/ stubbed .* done \(stub\)/);
    const both = await p.run("run", "workflow.ts", "stubbed", "--n", "2", "--stub", "--sample", "1");
    expect(both.stderr).toContain("took 1 of 2");
    expect(both.stderr).toContain("this was a run of a sample with stubs");
    // The real run asks for what the body needs.
    const real = await p.run("run", "workflow.ts", "stubbed", "--n", "2");
    expect(real).toMatchObject({ code: 1 });
    expect(real.stderr).toContain("align asks for 16");
  });

  it("checks the wiring of the germline example on a machine without its tools", async () => {
    const p = project();
    const inputs = ["--samples", `${GERMLINE}/data/samples.csv`, "--reference", `${GERMLINE}/data/chr17_1-4200.fa`];
    const words = ["run", `${GERMLINE}/workflow.ts`, "main", ...inputs, "--outdir", "results", "--store", "store"];
    const env = { PATH: p.path("no-tools") };
    const { code, stdout, stderr } = await p.start([...words, "--stub", "--json"], { env }).ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining("ran for real") });
    const { alignments } = JSON.parse(stdout) as { alignments: { bam: string }[] };
    expect(alignments.map(({ bam }) => bam.split("/").at(-1))).toEqual(["HG00100.bam", "HG00101.bam", "HG00102.bam"]);
    expect(existsSync(p.path("results"))).toBe(false);
  });
});
