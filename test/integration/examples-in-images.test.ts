/**
 * The examples in their images: the same results as with the tools of this machine, byte for byte where the tools are
 * deterministic.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith } from "../support/needs.ts";

const repository = realpathSync(join(import.meta.dirname, "..", ".."));

/** A copy of an example, and runs in it by the real command line. */
function copyOf(example: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ligase-example-")));
  cpSync(join(repository, "examples", example), folder, {
    recursive: true,
    filter: (from) => !/\/(results|\.ligase)$/.test(from),
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(repository, join(folder, "node_modules", "ligase"));
  return {
    folder,
    ligase: (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
      execFileSync(process.execPath, [join(repository, "bin", "ligase"), ...words], {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 1 << 28,
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How many jobs of each state the newest run had. */
function states(log: string): Record<string, number> {
  const jobs: { state: string; task: string }[] = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return Object.fromEntries(
    [...Map.groupBy(jobs, ({ state }) => state)].map(([state, those]) => [state, those.length]),
  );
}

describeWith({ programs: ["bwrap", "mmdebstrap", "bwa", "samtools", "bcftools", "tabix", "fastp"] })(
  "the variants pipeline in the sandbox",
  () => {
    const copy = copyOf("germline-variants");
    const run = (container: string, outdir: string) =>
      copy.ligase([
        ...["run", "workflow.ts", "main", "--json", "--container", container, "--outdir", outdir],
        ...["--samples", "data/samples.csv", "--reference", "data/chr17_1-4200.fa"],
      ]);
    beforeAll(() => {
      run("sandbox", "in-sandbox");
      run("host", "on-host");
    }, 400_000);
    afterAll(() => copy.remove());

    const both = (name: string) =>
      ["in-sandbox", "on-host"].map((folder) => readFileSync(join(copy.folder, folder, name)));

    it.each([
      "summary.tsv",
      "summary.json",
      "depth.svg",
      ...["HG00100", "HG00101", "HG00102"].map((s) => `alignments/${s}.bam`),
    ])("gives the same %s, byte for byte", (name) => {
      const [sandbox, host] = both(name);
      expect(sandbox!.length).toBeGreaterThan(0);
      expect(sandbox!.equals(host!)).toBe(true);
    });

    it("gives the same variants; bcftools writes its time into the header", () => {
      const [sandbox, host] = ["in-sandbox", "on-host"].map((folder) =>
        execFileSync("bcftools", ["view", join(copy.folder, folder, "variants.vcf.gz")], { encoding: "utf8" })
          .split("\n")
          .filter((line) => !line.startsWith("##bcftools_")),
      );
      expect(sandbox!.filter((line) => line !== "" && !line.startsWith("#")).length).toBeGreaterThan(5);
      expect(sandbox).toEqual(host);
    });

    it("runs nothing again in the same image, and says what was in it", () => {
      run("sandbox", "in-sandbox");
      const jobs = states(copy.ligase(["log", "--jobs", "--jsonl"]));
      expect(Object.keys(jobs)).not.toContain("failed");
      expect(copy.ligase(["image", "ls"])).toMatch(/debian 12/);
    });
  },
);

describeWith({ programs: ["bwrap", "mmdebstrap"] })("the plasmids in the sandbox", () => {
  const copy = copyOf("plasmid-embeddings");
  afterAll(() => copy.remove());
  const table = "plasmid\tnearest\tsimilarity\nAE017046\tNC_005816\t1.0000\n";

  it("TypeScript: embeds them, finds the nearest, draws maps", () => {
    const result: { nearest: string; maps: string[] } = JSON.parse(
      copy.ligase(["run", "workflow.ts", "main", "--records", "data", "--json", "--container", "sandbox"]),
    );
    const nearest = readFileSync(join(copy.folder, result.nearest), "utf8");
    expect(nearest.startsWith(table)).toBe(true);
    expect(result.maps).toHaveLength(5);
    for (const map of result.maps) expect(readFileSync(join(copy.folder, map), "utf8")).toMatch(/^<svg/);
    expect(readdirSync(join(copy.folder, ".ligase/volumes/plasmids"))).toHaveLength(5);
    expect(copy.ligase(["ls", "plasmids"])).toContain("NC_005816.gb");
  }, 400_000);
});
