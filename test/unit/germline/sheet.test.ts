import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSheet } from "../../../examples/germline-variants/lib/sheet.ts";

const rowsOf = (text: string) => parseSheet(text, "s.csv").rows;
const problem = (text: string) => {
  try {
    parseSheet(text, "s.csv");
  } catch (error) {
    return error instanceof Error ? `${error.name} ${error.message}` : error;
  }
  return "none";
};

describe("parseSheet", () => {
  it("reads a sheet of alignments", () => {
    expect(parseSheet("sample,alignments\nA,a.bam\nB,dir/b c.cram\n", "s.csv")).toEqual({
      form: "alignments",
      rows: [
        { line: 2, sample: "A", alignments: "a.bam" },
        { line: 3, sample: "B", alignments: "dir/b c.cram" },
      ],
    });
  });

  it("reads a sheet of FASTQ files: lanes, pairs and single reads", () => {
    expect(parseSheet("sample,fastq_1,fastq_2\nA,1.fq,2.fq\nA,3.fq.gz,\nB,4.fq\n", "s.csv")).toEqual({
      form: "fastq",
      rows: [
        { line: 2, sample: "A", reads1: "1.fq", reads2: "2.fq" },
        { line: 3, sample: "A", reads1: "3.fq.gz" },
        { line: 4, sample: "B", reads1: "4.fq" },
      ],
    });
  });

  it("takes columns in any order, among others, in any case", () => {
    expect(rowsOf("strandedness,Alignments,SAMPLE\nauto,a.bam,A\n")).toMatchObject([
      { sample: "A", alignments: "a.bam" },
    ]);
  });

  it.each([
    ["CRLF", "sample,alignments\r\nA,a.bam\r\n"],
    ["CR alone", "sample,alignments\rA,a.bam\r"],
    ["a byte order mark", "\uFEFFsample,alignments\nA,a.bam\n"],
    ["no newline at the end", "sample,alignments\nA,a.bam"],
    ["empty lines and comments", '# "made by hand\n\nsample,alignments\n\n# A\n , \nA,a.bam\n\n'],
    ["spaces around fields", " sample , alignments \n A , a.bam \n"],
    ["quotes", '"sample","alignments"\n"A", "a.bam" \n'],
    ["tabs", "sample\talignments\nA\ta.bam\n"],
  ])("does not mind %s", (_, text) => {
    expect(rowsOf(text)).toMatchObject([{ sample: "A", alignments: "a.bam" }]);
  });

  it.each([
    ["", "s.csv:1: the sheet is empty"],
    ["\n# nothing\n", "s.csv:1: the sheet is empty"],
    ["sample,alignments\n", "s.csv:1: there is no sample"],
    ["name,alignments\nA,a.bam", "s.csv:1: no column is named sample: the columns are name, alignments"],
    ["sample,bam\nA,a.bam", "s.csv:1: no column names the reads: the columns are sample, bam"],
    ["sample,fastq_2\nA,a.fq", "s.csv:1: no column names the reads"],
    ["sample,alignments,fastq_1\nA,a,b", "s.csv:1: both alignments and fastq_1"],
    ["sample,sample,alignments\nA,A,a", "s.csv:1: the column sample is named twice"],
    ["sample,alignments\nA,a.bam\n\n,b.bam\n", "s.csv:4: sample is empty"],
    ["sample,alignments\nA\n", "s.csv:2: alignments is empty"],
    ["sample,fastq_1,fastq_2\nA,,b.fq\n", "s.csv:2: fastq_1 is empty"],
    ["sample,alignments\nA,a.bam\nB,a.bam\n", "s.csv:3: a.bam stands on line 2 already"],
    ["sample,fastq_1,fastq_2\nA,a.fq,a.fq\n", "s.csv:2: a.fq stands on line 2 already"],
    ["sample,alignments\nA,a.fastq.gz\n", "s.csv:2: a.fastq.gz holds no alignments"],
    ["sample,fastq_1\nA,a.bam\n", "s.csv:2: a.bam is no FASTQ file"],
    ["sample,alignments\nA,a.bam,x\n", "s.csv:2: 3 fields where the header names 2 columns"],
    ["sample,alignments\nA B,a.bam\n", 's.csv:2: "A B" can\'t name a sample'],
    ["sample,alignments\n../A,a.bam\n", 's.csv:2: "../A" can\'t name a sample'],
    ["sample,alignments\n-A,a.bam\n", 's.csv:2: "-A" can\'t name a sample'],
    ['sample,alignments\nA,"a.bam\nB,b.bam\n', "s.csv:2: the quotes don't match"],
    ['sample,alignments\nA,"a"b\n', "s.csv:2: the quotes don't match"],
    ['sample,alignments\n"A","a\nb"\n"B","b\n', "s.csv:4: the quotes don't match"],
  ])("refuses %j", (text, expected) => {
    expect(problem(text)).toContain(`SheetError ${expected}`);
  });

  it("gives back any path that is written as RFC 4180 says", () => {
    const path = fc.string({ minLength: 1, unit: "binary" }).filter((text) => text !== "");
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 5 }), fc.constantFrom("\n", "\r\n"), (paths, end) => {
        const lines = paths.map((each, index) => `S${index},"${each.replaceAll('"', '""')}"`);
        const text = ["sample,alignments", ...lines].join(end);
        expect(rowsOf(text)).toMatchObject(paths.map((alignments, index) => ({ sample: `S${index}`, alignments })));
      }),
    );
  });
});
