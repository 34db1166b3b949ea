import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFlags, splitFlags } from "../../../src/cli/flags/index.ts";
import type { Parameter } from "../../../src/expr/definition.ts";
import { LigaseError } from "../../../src/kernel/index.ts";
import { parametersOf } from "../parameters/project.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "ligase-flags-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (path: string, text = ""): void => {
  mkdirSync(join(cwd, path, ".."), { recursive: true });
  writeFileSync(join(cwd, path), text);
};
const file = (path: string): string => `file:${join(cwd, path)}`;

/** Parameters of `(…) => 1`, so that the tests read like the code that people write. */
const of = (params: string, declarations = ""): Parameter[] =>
  parametersOf(`${declarations}\nexport default (${params}) => 1`);

function read(parameters: readonly Parameter[], argv: readonly string[], reserved: readonly string[] = []): unknown[] {
  const makeFile = (path: string): string => `file:${path}`;
  const makeDir = (path: string): string => `dir:${path}`;
  return readFlags("main", parameters, argv, { cwd, makeFile, makeDir, reserved }).args;
}

function problems(
  parameters: readonly Parameter[],
  argv: readonly string[],
  reserved: readonly string[] = [],
): string[] {
  try {
    read(parameters, argv, reserved);
  } catch (error) {
    if (!(error instanceof LigaseError) || error.code !== "LIGASE_E_FLAG" || error.facts["exitCode"] !== 2) throw error;
    const found = error.facts["problems"] as { where: string; message: string; mend?: string }[];
    return found.map(({ where, message, mend }) => `${where} ${message}${mend === undefined ? "" : `; ${mend}`}`);
  }
  throw new Error("the command line was accepted");
}

describe("readFlags: values", () => {
  it("reads the example of the docs", () => {
    write("a.fq");
    write("b.fq");
    const align = of("sampleId: string, reads: File[], minDepth = 1, trim = true");
    const args = ["s1", [file("a.fq"), file("b.fq")], 10, false];
    expect(read(align, "--sample-id s1 --reads a.fq --reads b.fq --min-depth 10 --no-trim".split(" "))).toEqual(args);
    expect(read(align, "--sample-id=s1 --reads a.fq b.fq --min-depth=10 --trim=false".split(" "))).toEqual(args);
    expect(read(align, "--reads=a.fq --reads=b.fq --sampleId s1 --min_depth 10 --trim false".split(" "))).toEqual(args);
  });

  it("leaves what is not given to the function's defaults", () => {
    expect(read(of("a: string, b = 1, c = 2"), ["--a", "x"])).toEqual(["x"]);
    expect(read(of("a = 1, b = 2"), ["--b", "3"])).toEqual([undefined, 3]);
  });

  it("reads negative numbers, exponents, whole numbers, big ones", () => {
    expect(
      read(of("a: number, b: number[], c: bigint, d: number"), [
        "--a",
        "-1.5e-3",
        "--b",
        "-1",
        "-.5",
        "+2",
        "--c",
        "-123456789012345678901",
        "--d=-Infinity",
      ]),
    ).toEqual([-0.0015, [-1, -0.5, 2], -123456789012345678901n, Number.NEGATIVE_INFINITY]);
    for (const bad of ["", "1,5", "0x10", "10k", "1_000", "--"])
      expect(problems(of("a: number"), [`--a=${bad}`])[0]).toMatch(/^--a must be a number, got "/);
  });

  it("reads dates, in UTC where no zone is said", () => {
    expect(
      read(of("a: Date, b: Date, c: Date"), [
        "--a",
        "2024-02-29",
        "--b",
        "2024-05-01T10:00",
        "--c",
        "2024-05-01T10:00:00.5+02:00",
      ]),
    ).toEqual([new Date("2024-02-29T00:00:00Z"), new Date("2024-05-01T10:00:00Z"), new Date("2024-05-01T08:00:00.5Z")]);
    for (const bad of ["2023-02-29", "yesterday", "2024-5-1", "1714550400"])
      expect(problems(of("a: Date"), ["--a", bad])[0]).toContain("must be a date");
  });

  it("checks unions of strings, naming the choices and the nearest", () => {
    const mode = of("mode: 'fast' | 'exact'");
    expect(read(mode, ["--mode", "exact"])).toEqual(["exact"]);
    expect(problems(mode, ["--mode", "exat"])).toEqual([
      '--mode must be one of fast, exact, got "exat"; did you mean exact?',
    ]);
  });

  it("reads the narrowest of several types, and text in quotes as text", () => {
    const x = of("x: string | number | boolean | null");
    const one = (text: string): unknown => read(x, ["--x", text])[0];
    expect([one("12"), one("true"), one("null"), one("chr1"), one('"12"'), one("12 a")]).toEqual([
      12,
      true,
      null,
      "chr1",
      "12",
      "12 a",
    ]);
    expect(read(of("x: boolean | string, y = 1"), ["--x", "--y", "2"])).toEqual([true, 2]);
    expect(read(of("x?: string[] | null"), ["--x", "a", "b"])).toEqual([["a", "b"]]);
    expect(problems(of("x: number | 'auto'"), ["--x", "aut"])).toEqual([
      '--x must be a number or auto, got "aut"; did you mean auto?',
    ]);
  });

  it("reads lists: up to the next flag, repeated, as JSON; never parted at commas", () => {
    const x = of("names: string[], y?: number");
    expect(read(x, ["--names", "a,b", "c", "--y", "1", "--names", "d"])).toEqual([["a,b", "c", "d"], 1]);
    expect(read(x, ["--names", '["a","b"]'])).toEqual([["a", "b"]]);
    expect(read(x, ["--names", "[]"])).toEqual([[]]);
    expect(read(x, ["--names", "[a]"])).toEqual([["[a]"]]);
    expect(read(x, ["--names", "-a.fq", "-"])).toEqual([["-a.fq", "-"]]);
    expect(read(of("pairs: [string, number][]"), ["--pairs", '["a",1]', '["b",2]'])).toEqual([
      [
        ["a", 1],
        ["b", 2],
      ],
    ]);
  });

  it("reads objects by their fields, as JSON, and as JSON with fields laid over it", () => {
    write("r.fq");
    const x = of(
      "sample: Sample",
      "interface Sample { id: string; minDepth?: number; reads: File; lane: { tile: number } }",
    );
    const value = { id: "s1", minDepth: 3, reads: file("r.fq"), lane: { tile: 7 } };
    expect(read(x, "--sample.id s1 --sample.reads r.fq --sample.min-depth 3 --sample.lane.tile 7".split(" "))).toEqual([
      value,
    ]);
    expect(read(x, ["--sample", '{"id":"s1","minDepth":3,"reads":"r.fq","lane":{"tile":7}}'])).toEqual([value]);
    expect(
      read(x, [
        "--sample",
        '{"id":"s0","reads":"none.fq","lane":{"tile":1}}',
        "--sample.id=s1",
        "--sample.lane.tile=7",
        "--sample.reads",
        "r.fq",
      ]),
    ).toEqual([{ id: "s1", reads: file("r.fq"), lane: { tile: 7 } }]);
    expect(problems(x, ["--sample.id", "s1", "--sample.lane", "{}"])).toEqual([
      "--sample.reads is missing (a file)",
      "--sample.lane: tile is missing (a number)",
    ]);
    expect(problems(x, ["--sample", "{oops"])[0]).toMatch(/^--sample is not valid JSON: /);
    expect(problems(x, ["--sample", "s1"])).toEqual([
      '--sample must be an object with id, minDepth?, reads, lane, got "s1"; write it as JSON',
    ]);
  });

  it("reads records by dotted flags, pairs and JSON", () => {
    const x = of("label: Record<string, string>, deep?: Record<string, { n: number }>");
    expect(read(x, ["--label.batch", "7", "--label.a.b", "x", "--label", "run=r=1"])).toEqual([
      { batch: "7", "a.b": "x", run: "r=1" },
    ]);
    expect(read(x, ["--label", '{"batch":"7"}', "--label.batch", "8", "--deep.a.n", "1"])).toEqual([
      { batch: "8" },
      { a: { n: 1 } },
    ]);
    expect(problems(x, ["--label.a", "1", "--label", "a=2"])).toEqual([
      '--label.a takes one value (text), got 2: "1", "2"',
    ]);
  });

  it("reads unions of objects by their fields", () => {
    const x = of("input: { kind: 'bam'; bam: string } | { kind: 'fastq'; lanes: number }");
    expect(read(x, ["--input.kind", "fastq", "--input.lanes", "2"])).toEqual([{ kind: "fastq", lanes: 2 }]);
    expect(problems(x, ["--input.kind", "fastq", "--input.lanes", "x"])).toEqual([
      '--input.lanes must be a number, got "x"',
    ]);
    expect(problems(x, ["--input", '{"kind":"bam","bam":3}'])).toEqual([
      "--input: bam must be text, got 3; write it in quotes",
    ]);
  });

  it("gives the fields of a destructured object flags of their own", () => {
    const x = of('reads: string, { k = 31, mode = "fast" }: { k?: number; mode?: "fast" | "exact" } = {}');
    expect(read(x, ["--reads", "r", "--k", "21"])).toEqual(["r", { k: 21 }]);
    expect(read(x, ["--reads", "r", "-k", "21", "--mode", "exact"])).toEqual(["r", { k: 21, mode: "exact" }]);
    expect(read(x, ["r"])).toEqual(["r"]);
    expect(read(of("{ a, b }: { a?: number; b?: number }"), [])).toEqual([{}]);
  });

  it("reads rest parameters as the arguments they are", () => {
    const x = of("id: string, n = 1, ...names: string[]");
    expect(read(x, ["--id", "s", "--names", "a", "b"])).toEqual(["s", undefined, "a", "b"]);
    expect(read(x, ["--id", "s"])).toEqual(["s"]);
  });

  it("reads words without flags in the order of the parameters", () => {
    const x = of("reads: string[], reference: string, trim = true, depth = 1");
    expect(read(x, ["a", "b", "ref"])).toEqual([["a", "b"], "ref"]);
    expect(read(x, ["--reference", "ref", "--no-trim", "--", "a", "--b"])).toEqual([["a", "--b"], "ref", false]);
    expect(problems(of("a: string"), ["x", "--", "refs"])).toEqual(['"refs" is one word too many']);
  });

  it("names both values where one was expected", () => {
    expect(problems(of("reads: string"), ["--reads", "a", "--reads", "b"])).toEqual([
      '--reads takes one value (text), got 2: "a", "b"',
    ]);
  });
});

describe("readFlags: files", () => {
  it("makes files and directories of paths that exist, and of URLs", () => {
    write("data/reads 1.fq");
    write("-x.fq");
    expect(
      read(of("a: File, b: Dir, c: File, d: File"), [
        "--a",
        "data/reads 1.fq",
        "--b",
        "data",
        "--c",
        "-x.fq",
        "--d",
        "https://example.org/r.fq",
      ]),
    ).toEqual([file("data/reads 1.fq"), `dir:${join(cwd, "data")}`, file("-x.fq"), "file:https://example.org/r.fq"]);
  });

  it("names the nearest existing file", () => {
    write("data/sample_1.fastq.gz");
    expect(problems(of("reads: File"), ["--reads", "data/sample1.fastq.gz"])).toEqual([
      "--reads is no file: data/sample1.fastq.gz does not exist; did you mean data/sample_1.fastq.gz?",
    ]);
    expect(problems(of("reads: File"), ["--reads", "dta/sample_1.fastq.gz"])[0]).toContain("did you mean data?");
    expect(problems(of("reads: File, out: Dir"), ["--reads", "data", "--out", "data/sample_1.fastq.gz"])).toEqual([
      "--reads is no file: data is a directory",
      "--out is no directory: data/sample_1.fastq.gz is a file",
    ]);
    expect(problems(of("reads: File"), ["--reads", "x\0y"])[0]).toMatch(/^--reads is no file: /);
  });

  it("reads a path as text where both may be meant and there is no such file", () => {
    write("a.fq");
    expect(read(of("x: File | string, y: File | string"), ["--x", "a.fq", "--y", "b.fq"])).toEqual([
      file("a.fq"),
      "b.fq",
    ]);
  });
});

describe("readFlags: --params", () => {
  const task = of(
    "samples: { id: string; reads: File[] }[], minDepth = 1, mode: 'fast' | 'exact' = 'fast', { k = 3 }: { k?: number } = {}",
  );

  it("reads YAML and JSON, with paths from the file's own folder; flags win", () => {
    write("in/a.fq");
    write("in/params.yaml", "samples:\n  - { id: s1, reads: [a.fq] }\nmin-depth: 5 # reads\nk: 7\nmode:\n");
    const samples = [{ id: "s1", reads: [file("in/a.fq")] }];
    expect(read(task, ["--params", "in/params.yaml"])).toEqual([samples, 5, undefined, { k: 7 }]);
    expect(read(task, ["--params=in/params.yaml", "--min-depth", "6", "--mode", "exact"])).toEqual([
      samples,
      6,
      "exact",
      { k: 7 },
    ]);
    write("in/more.json", JSON.stringify({ minDepth: 8 }));
    expect(read(task, ["--params", "in/params.yaml", "--params", "in/more.json"])).toEqual([
      samples,
      8,
      undefined,
      { k: 7 },
    ]);
  });

  it("lays flags for fields over the file's object", () => {
    write("p.yaml", "sample: { id: s1, lane: { tile: 1, side: a } }\nlabel: { x: '1', y: '2' }\n");
    const x = of("sample: { id: string; lane: { tile: number; side: string } }, label: Record<string, string>");
    expect(read(x, ["--params", "p.yaml", "--sample.lane.tile", "2", "--label.y", "3"])).toEqual([
      { id: "s1", lane: { tile: 2, side: "a" } },
      { x: "1", y: "3" },
    ]);
  });

  it("names the file and the place in it", () => {
    write("a.fq");
    write(
      "params.yaml",
      "samples:\n  - { id: a, reads: [a.fq] }\n  - id: b\n    reads:\n      - b.fq\n    lane: 1\n  - { id: 3 }\nmin-depth: deep\nmod: fast\n",
    );
    expect(problems(task, ["--params", "params.yaml"])).toEqual([
      "params.yaml:9: mod is not known here; did you mean mode?",
      "params.yaml:6: samples[1].lane is not known here; known: id, reads",
      "params.yaml:5: samples[1].reads[0] is no file: b.fq does not exist; did you mean a.fq?",
      "params.yaml:7: samples[2].id must be text, got 3; write it in quotes",
      "params.yaml:7: samples[2].reads is missing (a list of files)",
      'params.yaml:8: minDepth must be a number, got "deep"',
    ]);
    write("params.json", '{\n  "samples": [],\n  "mod": "fast"\n}');
    expect(problems(task, ["--params", "params.json"])).toEqual([
      "params.json:3: mod is not known here; did you mean mode?",
    ]);
  });

  it("says what is wrong with a file that cannot be read", () => {
    write("params.yaml", "a: [1\nb: 2");
    write("params.json", "{");
    write("list.yaml", "- 1");
    const x = of("a?: number");
    expect(problems(x, ["--params", "params.yml"])).toEqual([
      "--params cannot be read: params.yml does not exist; did you mean params.yaml?",
    ]);
    expect(problems(x, ["--params", "params.yaml"])[0]).toMatch(
      /^params\.yaml cannot be read: .* at line 2, column 1$/,
    );
    expect(problems(x, ["--params", "params.json"])[0]).toMatch(/^params\.json cannot be read: /);
    expect(problems(x, ["--params", "list.yaml"])).toEqual([
      "list.yaml must be an object with a field per parameter, got a list",
    ]);
    write("empty.yaml");
    expect(read(x, ["--params", "empty.yaml"])).toEqual([]);
  });

  it("stands before a name for a parameter that a flag of the command hides", () => {
    const x = of("json: string, params: number, cpus = 1");
    expect(read(x, ["--params.json", "a", "--params.params", "2", "--params.cpus=3"], ["json", "cpus"])).toEqual([
      "a",
      2,
      3,
    ]);
    expect(problems(x, ["--json", "a", "--params.params", "2"], ["json"])).toEqual([
      "--json is a flag of the command; for the parameter write --params.json",
    ]);
  });
});

describe("readFlags: problems", () => {
  const align = of("sampleId: string, /** The genome. */ reference: File, minDepth = 10, trim = true");

  it("tells all of them at once, each flag with the nearest right one", () => {
    expect(problems(align, ["--sampel-id", "s1", "--min-depth", "many", "--no-min-depth", "--zzz", "q"])).toEqual([
      "--sampel-id is not known; did you mean --sample-id?",
      "--no-min-depth cannot be: --min-depth is a number",
      "--zzz is not known",
      "--reference is missing (a file): The genome.",
      '--min-depth must be a number, got "many"',
    ]);
  });

  it("writes them as one message", () => {
    expect(() => read(align, [])).toThrow(
      "2 things are wrong with the flags of main:\n  --sample-id is missing (text)\n  --reference is missing (a file): The genome.",
    );
    expect(() => read(align, ["--sample-id", "s", "--reference"])).toThrow(/^--reference needs a value: a file$/);
  });

  it("suggests negated flags and fields too", () => {
    expect(problems(of("trim = true, s: { id?: string } = {}"), ["--no-tirm", "--s.ix", "1"])).toEqual([
      "--no-tirm is not known; did you mean --no-trim?",
      "--s.ix is not known; did you mean --s.id?",
    ]);
  });

  it("keeps names apart that differ only in their spelling", () => {
    const x = of("minDepth = 1, min_depth = 2, noTrim = false, trim = true");
    expect(read(x, ["--minDepth", "3", "--min_depth", "4", "--no-trim", "--trim=false"])).toEqual([3, 4, true, false]);
    expect(problems(x, ["--min-depth", "3"])[0]).toContain("is not known");
  });
});

describe("splitFlags", () => {
  it("takes the command's own flags away, wherever they stand before --", () => {
    expect(
      splitFlags(["--reads", "a", "--cpus", "4", "b", "--json", "-h", "--cpus=2", "--", "--json"], {
        cpus: "value",
        json: "boolean",
        h: "boolean",
      }),
    ).toEqual({
      own: ["--cpus", "4", "--json", "-h", "--cpus=2"],
      rest: ["--reads", "a", "b", "--", "--json"],
    });
  });
});

describe("readFlags: size", () => {
  it("takes 200,000 words", () => {
    const words = Array.from({ length: 200_000 }, (_, i) => `${i}`);
    expect(read(of("n: number[]"), ["--n", ...words])[0]).toHaveLength(200_000);
    expect(read(of("n: string[]"), ["--", ...words])[0]).toHaveLength(200_000);
    expect(read(of("...n: string[]"), words)).toHaveLength(200_000);
  });
});
