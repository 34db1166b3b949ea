/**
 * The examples in their images: the same results as with the tools of this machine, byte for byte where the tools are
 * deterministic.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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
    /** What a command says on its way. */
    progress: (words: readonly string[]) =>
      spawnSync(process.execPath, [join(repository, "bin", "ligase"), ...words], { cwd: folder, encoding: "utf8" })
        .stderr,
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
        "run",
        "workflow.ts",
        "main",
        "--json",
        "--container",
        container,
        "--outdir",
        outdir,
        "--samples",
        "data/samples.csv",
        "--reference",
        "data/chr17_1-4200.fa",
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

describeWith({ programs: ["bwrap", "mmdebstrap", "python3"] })("the plasmids in the sandbox", () => {
  const copy = copyOf("plasmid-embeddings");
  const env = { PYTHONPATH: join(repository, "python/src"), LIGASE_BIN: join(repository, "bin/ligase") };
  interface Handed {
    readonly path: string;
  }
  interface Result {
    readonly nearest: Handed;
    readonly maps: readonly Handed[];
  }
  const run = (...words: string[]): Result =>
    JSON.parse(copy.ligase(["run", ...words, "--json", "--container", "sandbox"], env));
  const read = ({ path }: Handed) => readFileSync(join(copy.folder, path), "utf8");
  afterAll(() => copy.remove());

  it("are embedded and drawn by TypeScript and by Python, with the same nearest", () => {
    const typescript = run("workflow.ts", "main", "--records", "data");
    const python = run("app.py:main", "--folder", "data");
    const table = "plasmid\tnearest\tsimilarity\nAE017046\tNC_005816\t1.0000\nNC_005816\tAE017046\t1.0000\n";
    expect(read(typescript.nearest).startsWith(table)).toBe(true);
    expect(read(python.nearest)).toBe(read(typescript.nearest));
    for (const { maps } of [typescript, python]) {
      expect(maps).toHaveLength(5);
      for (const map of maps) expect(read(map)).toContain("<svg");
    }
    expect(copy.ligase(["ls", "plasmids"])).toContain("NC_005816.gb");
  });

  it("are found again by the same program started by Python", () => {
    const printed = execFileSync("python3", ["app.py", "data"], {
      cwd: copy.folder,
      encoding: "utf8",
      env: { ...process.env, ...env, LIGASE_CONTAINER: "sandbox" },
    });
    expect(printed.split("\n")[1]).toBe("AE017046\tNC_005816\t1.0000");
    const [newest = "{}"] = copy.ligase(["log", "--jsonl"]).split("\n");
    expect(JSON.parse(newest)).toMatchObject({ state: "done" });
    expect(states(copy.ligase(["log", "--jobs", "--jsonl"]))).not.toHaveProperty("failed");
  });

  it("embed anew only what a changed record says", () => {
    const record = join(copy.folder, "data/pBAD30.gb");
    writeFileSync(record, readFileSync(record, "utf8").replace("1 gctagcggag", "1 tctagcggag"));
    const stderr = copy.progress(["run", "workflow.ts", "main", "--records", "data", "--container", "sandbox"]);
    expect(stderr).toMatch(/embed +15\/15 +14 cached +1 done/);
  });
});
