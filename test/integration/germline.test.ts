/**
 * The germline variants example against its oracle, a plain shell script with the same tools in the
 * same order. What ran is read from a ledger that stands outside of Ligase: the tools on the PATH
 * are wrappers that append their command line to it.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SampleSummary } from "../../examples/germline-variants/lib/summary.ts";
import { describeWith } from "../support/needs.ts";

const repository = realpathSync(join(import.meta.dirname, "..", ".."));
const oracle = join(import.meta.dirname, "germline-oracle.sh");
const TOOLS = ["bwa", "samtools", "bcftools", "tabix", "fastp"];

const folder = mkdtempSync(join(tmpdir(), "ligase germline "));
const data = join(folder, "data");
const ledger = join(folder, "ledger");
const wrappers = join(folder, "wrappers");
const path = `${wrappers}${delimiter}${process.env.PATH}`;

beforeAll(() => {
  mkdirSync(wrappers);
  for (const tool of TOOLS) {
    const real = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    writeFileSync(join(wrappers, tool), `#!/bin/sh\necho "${tool} $1 $2" >> '${ledger}'\nexec '${real}' "$@"\n`);
    chmodSync(join(wrappers, tool), 0o755);
  }
  cpSync(join(repository, "examples", "germline-variants"), folder, {
    recursive: true,
    filter: (from) => !/\/(results|\.ligase)$/.test(from),
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(repository, join(folder, "node_modules", "ligase"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where the pipeline's results are. */
type Published = Readonly<Record<"variants" | "summary" | "json" | "depth", string>>;

interface Outcome {
  readonly published: Published;
  readonly alignments: readonly string[];
  /** Which tools ran: `bwa mem`, `samtools sort`, … */
  readonly ran: readonly string[];
}

/** Runs the pipeline through the real command line. */
function pipeline(sheet: string, ...flags: string[]): Outcome {
  rmSync(ledger, { force: true });
  const reference = flags.includes("--reference") ? [] : ["--reference", "data/chr17_1-4200.fa"];
  const stdout = execFileSync(
    process.execPath,
    [
      join(repository, "bin", "ligase"),
      "run",
      "workflow.ts",
      "main",
      "--json",
      "--samples",
      sheet,
      ...reference,
      ...flags,
    ],
    // The wrappers are tools of this machine.
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: path, LIGASE_CONTAINER: "host" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  // Paths are printed as they count from where the run was started.
  const value: { results: Published; alignments: { bam: string }[] } = JSON.parse(stdout, (_, each: unknown) =>
    typeof each === "string" ? resolve(folder, each) : each,
  );
  return { published: value.results, alignments: value.alignments.map(({ bam }) => bam), ran: readLedger() };
}

function readLedger(): string[] {
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").trimEnd().split("\n") : [];
  // Ligase asks each tool once for its version.
  return lines.filter((line) => !/^\w+ (--version|-v|version)? ?$/.test(line));
}

const count = (ran: readonly string[], start: string) => ran.filter((line) => line.startsWith(start)).length;

/** What the oracle finds for a sheet, in a folder of its own. */
function askOracle(sheet: string, name: string): string {
  const out = join(folder, "oracle", name);
  execFileSync("bash", [oracle, join(folder, sheet), join(data, "chr17_1-4200.fa"), out], { stdio: "pipe" });
  return out;
}

/** POS, REF, ALT and GT of every site. */
function sites(vcf: string): string {
  const format = "%CHROM\\t%POS\\t%REF\\t%ALT[\\t%GT]\\n";
  return execFileSync("bcftools", ["query", "-f", format, vcf], { encoding: "utf8" });
}

const table = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.split("\t"));

/** The oracle's metrics of a sample, worked out from what the tools print without the example's parsers. */
function oracleMetrics(out: string, sample: string) {
  const [[before, after] = []] = table(join(out, `${sample}.reads.tsv`));
  const flagstat = JSON.parse(readFileSync(join(out, `${sample}.flagstat.json`), "utf8"))["QC-passed reads"];
  const [[, , , , covered, breadth, meanDepth] = []] = table(join(out, `${sample}.coverage.tsv`));
  const depths = table(join(out, `${sample}.depth.tsv`))
    .map(([, , depth]) => Number(depth))
    .toSorted((a, b) => a - b);
  const stats = table(join(out, `${sample}.stats.txt`));
  const summary = (name: string) => Number(stats.find(([kind, title]) => kind === "SN" && title === `${name}:`)?.[2]);
  const inserts = stats
    .filter(([kind]) => kind === "IS")
    .flatMap(([, size, pairs]) => Array<number>(Number(pairs)).fill(Number(size)));
  return {
    reads: [Number(before), Number(after)],
    mapping: {
      reads: flagstat["primary"],
      mapped: flagstat["primary mapped"],
      duplicates: flagstat["primary duplicates"],
      paired: flagstat["paired in sequencing"],
      properlyPaired: flagstat["properly paired"],
    },
    coveredBases: Number(covered),
    breadth: Number(breadth),
    coverageDepth: Number(meanDepth),
    meanDepth: depths.reduce((sum, depth) => sum + depth, 0) / depths.length,
    medianDepth: ((depths[Math.ceil(depths.length / 2) - 1] ?? 0) + (depths[Math.floor(depths.length / 2)] ?? 0)) / 2,
    tenfold: depths.filter((depth) => depth >= 10).length / depths.length,
    pairs: inserts.length,
    medianInsert:
      ((inserts[Math.ceil(inserts.length / 2) - 1] ?? 0) + (inserts[Math.floor(inserts.length / 2)] ?? 0)) / 2,
    meanInsert: summary("insert size average"),
    insertDeviation: summary("insert size standard deviation"),
  };
}

/** The same figures from the workflow's summary. */
function ownMetrics(json: string, sample: string) {
  const samples: SampleSummary[] = JSON.parse(readFileSync(json, "utf8"));
  const found = samples.find((each) => each.sample === sample);
  if (!found) throw new Error(`${json} lacks ${sample}`);
  const { trimming, mapping, coverage, depth, insertSize } = found;
  return {
    reads: [trimming.readsBefore, trimming.readsAfter],
    mapping,
    coveredBases: coverage.coveredBases,
    breadth: Number((coverage.breadth * 100).toPrecision(6)),
    coverageDepth: coverage.meanDepth,
    meanDepth: depth.mean,
    medianDepth: depth.median,
    tenfold: depth.atLeast["10"],
    pairs: insertSize.pairs,
    medianInsert: insertSize.median,
    meanInsert: insertSize.mean,
    insertDeviation: insertSize.standardDeviation,
  };
}

function expectLikeOracle(published: Published, out: string, samples: readonly string[]): void {
  expect(sites(published.variants)).toBe(readFileSync(join(out, "variants.tsv"), "utf8"));
  for (const sample of samples)
    expect([sample, ownMetrics(published.json, sample)]).toEqual([sample, oracleMetrics(out, sample)]);
}

const PEOPLE = ["HG00100", "HG00101", "HG00102"];

describeWith({ programs: TOOLS })("the germline variants example", () => {
  it("passes its own tests", () => {
    const description = join(folder, "package.json");
    writeFileSync(description, '{ "type": "module" }');
    try {
      const printed = execFileSync(process.execPath, ["--test"], { cwd: folder, encoding: "utf8" });
      expect(printed).toMatch(/pass 3\n.*fail 0/);
    } finally {
      rmSync(description);
    }
  });

  let first: ReturnType<typeof pipeline>;

  it("finds what the oracle finds", () => {
    first = pipeline("data/samples.csv");
    const out = askOracle("data/samples.csv", "first");
    expectLikeOracle(first.published, out, PEOPLE);
    expect(PEOPLE.map((sample) => ownMetrics(first.published.json, sample).reads)).toEqual([
      [569, 559],
      [233, 195],
      [235, 219],
    ]);
    expect(sites(first.published.variants).split("\n").length).toBeGreaterThan(10);
  });

  it("fans out as the files tell: 50 of the 53 read groups of a header have reads", () => {
    expect(count(first.ran, "samtools split")).toBe(3);
    expect(count(first.ran, "samtools collate")).toBe(50 + 1 + 1);
    // Pairs and orphans of a read group are aligned apart.
    expect(count(first.ran, "bwa mem")).toBe(count(first.ran, "fastp"));
    expect(count(first.ran, "bwa index")).toBe(1);
  });

  it("leaves an index beside the variants and the alignments, a table and a plot", () => {
    const { alignments } = first;
    const { variants, summary, depth } = first.published;
    execFileSync("bcftools", ["view", "-H", variants, "17:300-310"]);
    expect(alignments).toHaveLength(3);
    for (const bam of alignments) execFileSync("samtools", ["view", "-c", bam, "17:300-310"]);
    expect(table(summary).map(([sample]) => sample)).toEqual(["sample", ...PEOPLE]);
    expect(readFileSync(depth, "utf8")).toMatch(/^<svg [^]*HG00102[^]*<\/svg>\n$/);
    const header = execFileSync("samtools", ["view", "-H", alignments[0] ?? ""], { encoding: "utf8" });
    expect(header).toContain("@RG\tID:ERR162875\tLB:3815246\tSM:HG00100\tPI:348\tCN:SC\tPL:ILLUMINA\tDS:SRP001294");
  });

  it("runs nothing the second time", () => {
    const second = pipeline("data/samples.csv");
    expect(second.ran).toEqual([]);
    expect(second.published).toEqual(first.published);
  });

  it("puts back a result that someone deleted, without running a tool", () => {
    rmSync(first.published.variants);
    const again = pipeline("data/samples.csv");
    expect(again.ran).toEqual([]);
    expect(existsSync(first.published.variants)).toBe(true);
  });

  it("calls again, and nothing else, when a calling option changes", () => {
    const { ran } = pipeline("data/samples.csv", "--min-base-quality", "30");
    expect(new Set(ran.map((line) => line.split(" ", 1)[0]))).toEqual(new Set(["bcftools", "tabix"]));
  });

  it("aligns one read group again when one read changes, and redoes the steps below it", () => {
    const file = join(data, "HG00100.sam");
    writeFileSync(file, changeOneBase(readFileSync(file, "utf8"), "ERR162875"));
    const { ran, published } = pipeline("data/samples.csv");
    expect(count(ran, "bwa mem")).toBe(1);
    expect(count(ran, "fastp")).toBe(1);
    expect(count(ran, "samtools split")).toBe(1);
    expect(count(ran, "samtools collate")).toBe(1);
    expect(count(ran, "samtools merge")).toBe(1);
    expect(count(ran, "samtools markdup")).toBe(1);
    expect(count(ran, "samtools stats")).toBe(1);
    expect(count(ran, "bcftools mpileup")).toBe(1);
    expect(count(ran, "bwa index")).toBe(0);
    expectLikeOracle(published, askOracle("data/samples.csv", "changed"), PEOPLE);
  });

  it("takes FASTQ sheets: lanes are merged, an empty fastq_2 is single-end, gzip is fine", () => {
    toFastq("HG00101", false);
    toFastq("HG00102", true);
    const rows = [
      "sample,fastq_1,fastq_2",
      "one,HG00101.1.fq,HG00101.2.fq",
      "two,HG00102.1.fq.gz,HG00102.2.fq.gz",
      "one,HG00101.single.fq,",
      "",
    ];
    writeFileSync(join(data, "fastq.csv"), rows.join("\n"));
    const { published, ran } = pipeline("data/fastq.csv", "--outdir", "fastq results");
    expect(count(ran, "bwa mem")).toBe(3);
    expect(count(ran, "samtools merge")).toBe(2);
    expectLikeOracle(published, askOracle("data/fastq.csv", "fastq"), ["one", "two"]);

    // The same sheet as a spreadsheet program would save it.
    writeFileSync(join(data, "fastq.csv"), `\uFEFF${rows.join("\r\n").replace("HG00101.1.fq", '"HG00101.1.fq"')}`);
    expect(pipeline("data/fastq.csv", "--outdir", "fastq results").ran).toEqual([]);
  });

  it("takes a reference that is compressed", () => {
    writeFileSync(join(data, "reference.fa.gz"), gzipSync(readFileSync(join(data, "chr17_1-4200.fa"))));
    const { published, ran } = pipeline(
      "data/fastq.csv",
      "--reference",
      "data/reference.fa.gz",
      "--outdir",
      "fastq results",
    );
    // Its index is the same, so that nothing below it runs.
    expect(ran).toEqual(["bwa index reference.fa", "samtools faidx reference.fa"]);
    expect(existsSync(published.variants)).toBe(true);
  });

  it("tells sheets of the same text in two folders apart", () => {
    const other = join(folder, "other");
    mkdirSync(other);
    cpSync(join(data, "samples.csv"), join(other, "samples.csv"));
    for (const sample of PEOPLE) cpSync(join(data, "HG00102.sam"), join(other, `${sample}.sam`));
    const { published } = pipeline("other/samples.csv", "--outdir", "other");
    expect(PEOPLE.map((sample) => ownMetrics(published.json, sample).reads[0])).toEqual([235, 235, 235]);
  });

  it("says which line of the sheet is wrong", () => {
    writeFileSync(join(data, "bad.csv"), "sample,alignments\nA,HG00100.sam\nB,nowhere.bam\n");
    expect(failure("data/bad.csv")).toMatch(/bad\.csv:3: .*nowhere\.bam/);
    appendFileSync(join(data, "bad.csv"), "C D,HG00101.sam\n");
    expect(failure("data/bad.csv")).toMatch(/bad\.csv:4: "C D" can't name a sample/);
  });
});

function failure(sheet: string): string {
  try {
    pipeline(sheet);
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
  return "it did not fail";
}

/** Changes a base in the middle of the first read of a read group. */
function changeOneBase(sam: string, readGroup: string): string {
  const lines = sam.split("\n");
  const at = lines.findIndex((line) => !line.startsWith("@") && line.includes(`RG:Z:${readGroup}\t`));
  const fields = (lines[at] ?? "").split("\t");
  const bases = fields[9] ?? "";
  const middle = bases.length >> 1;
  fields[9] = `${bases.slice(0, middle)}${bases[middle] === "A" ? "C" : "A"}${bases.slice(middle + 1)}`;
  return lines.with(at, fields.join("\t")).join("\n");
}

/** Turns a sample's alignments into FASTQ files beside them. */
function toFastq(sample: string, gzip: boolean): void {
  const name = (part: string) => `${sample}.${part}.fq${gzip ? ".gz" : ""}`;
  execFileSync(
    "bash",
    [
      "-c",
      `samtools collate -u -O ${sample}.sam | samtools fastq -n -1 ${name("1")} -2 ${name("2")} -s ${name("single")} -0 /dev/null -`,
    ],
    { cwd: data, stdio: "pipe" },
  );
}
