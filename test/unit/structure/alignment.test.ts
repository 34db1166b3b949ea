import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GAP, stateOf } from "../../../examples/structure/alignment/letters.ts";
import { type Alignment, readAlignment } from "../../../examples/structure/alignment/read.ts";
import { AlignmentError } from "../../../examples/structure/alignment/text.ts";
import { writeA3m } from "../../../examples/structure/alignment/write.ts";

const data = (name: string) =>
  readFileSync(new URL(`../../../examples/structure/data/${name}`, import.meta.url), "utf8");

/** The rows of an alignment as text. */
const rowsOf = ({ states, columns, names }: Alignment) =>
  names.map((_, m) =>
    Array.from(states.subarray(m * columns, (m + 1) * columns), (s) => "ACDEFGHIKLMNPQRSTVWY-"[s]).join(""),
  );

describe("the alignments of the example", () => {
  test.each([
    ["fn3.sto", "LAR_DROME/418-503", 98, 86, 418],
    ["Pkinase.sto", "CDC15_YEAST/25-272", 38, 248, 25],
  ])("%s: its first sequence asks", (name, query, sequences, columns, first) => {
    const found = readAlignment(data(name), { file: name });
    expect(found).toMatchObject({ format: "Stockholm", query, columns });
    expect(found.names).toHaveLength(sequences);
    expect(found.numbers[0]).toBe(first);
    expect(found.residues).not.toMatch(/[^A-Z]/);
  });

  test("globins that nobody aligned are refused, with what to do", () => {
    expect(() => readAlignment(data("globins45.fa"), { file: "globins45.fa" })).toThrow(
      /^globins45\.fa:\d+:1: these 45 sequences are not aligned: they have 141 to 153 residues, and no gap; align them first, with `mafft .*`, or `hmmalign`/,
    );
  });

  test.each(["fn3.sto", "Pkinase.sto"])("%s: what AlphaFold gets is the same alignment", (name) => {
    const found = readAlignment(data(name));
    const again = readAlignment(writeA3m(found));
    expect({ ...again, format: "Stockholm" }).toEqual(found);
  });

  test("another sequence may ask, and its gaps are no columns", () => {
    const text = ">q\nMKVLA-WGHTRM\n>a\nM-VLAAWGHTRM\n";
    const found = readAlignment(text, { query: "a" });
    expect(found).toMatchObject({ query: "a", names: ["a", "q"], residues: "MVLAAWGHTRM" });
    expect(rowsOf(found)).toEqual(["MVLAAWGHTRM", "MVLA-WGHTRM"]);
    expect(() => readAlignment(text, { query: "b" })).toThrow(
      /there is no sequence b; the query is named as it stands/,
    );
  });
});

describe("formats are told apart by what is in them", () => {
  const query = "MKVLAWGHTR";
  test.each([
    ["FASTA", `>q\n${query}\n>a\nMRV-AWGHTR\n`, [query, "MRV-AWGHTR"]],
    ["FASTA", `>q\n${query.toLowerCase()}\n>a\nmrv.awghtr\n`, [query, "MRV-AWGHTR"]],
    ["FASTA", `>q some words\nMKVLA WGHTR\r\n\r\n;a comment\r\n>a\r\nMRV~\r\nAWGHTR`, [query, "MRV-AWGHTR"]],
    ["A3M", `>q\n${query}\n>a\nMRVllLA-GHTR\n>b\nMKVLAWGHTRgg\n`, [query, "MRVLA-GHTR", query]],
    ["A2M", `>q\nMKV..LAWGHTR\n>a\nMRVllL-WGHTR\n`, [query, "MRVL-WGHTR"]],
    ["Stockholm", `# STOCKHOLM 1.0\n\nq MKVLA\na MRV.A\n\nq WGHTR\na WGH-R\n//\n`, [query, "MRV-AWGH-R"]],
  ] as const)("%s", (format, text, rows) => {
    const found = readAlignment(text);
    expect(found.format).toBe(format);
    expect(rowsOf(found)).toEqual(rows);
  });

  test("a byte order mark, ColabFold's first line and HH-suite's own rows are no sequences", () => {
    const text = `\uFEFF#10\t1\n>ss_pred\nCCCHHHHCCC\n>q\n${query}\n>a\n-${query.slice(1)}x\n`;
    expect(readAlignment(text)).toMatchObject({ format: "A3M", names: ["q", "a"] });
  });

  test("annotation of all four kinds may stand in Stockholm", () => {
    const text =
      "# STOCKHOLM 1.0\n#=GF ID test\n#=GS a DE words and more\nq MKVLAWGHTR\na MRVLAWGHTR\n" +
      "#=GR a SS CCHHHHHCCC\n#=GC SS_cons CCHHHHHCCC\n//\n\n";
    expect(readAlignment(text).names).toEqual(["q", "a"]);
  });

  test("names of FASTA that stand twice are counted, and said", () => {
    const found = readAlignment(`>q\n${query}\n>a\n${query}\n>a\nMRVLAWGHTR\n`);
    expect(found.names).toEqual(["q", "a", "a#2"]);
    expect(found.warnings).toContainEqual(expect.stringContaining("1 names stand more than once (a)"));
  });

  test("letters that say nothing are gaps; rare amino acids are what they are made from", () => {
    expect(Array.from("XBZJ-", stateOf)).toEqual([GAP, GAP, GAP, GAP, GAP]);
    expect(stateOf("U")).toBe(stateOf("C"));
    expect(stateOf("O")).toBe(stateOf("K"));
    expect(rowsOf(readAlignment(`>q\nMKVLAWGHTR*\n>a\nMKVLAWGHTRW\n`))[1]).toBe("MKVLAWGHTR");
  });

  test("residues are numbered from where the name says, if the sequence is as long as it says", () => {
    expect(readAlignment(`>q/21-30\n${query}\n>a\n${query}\n`).numbers[0]).toBe(21);
    expect(readAlignment(`>q/21-31\n${query}\n>a\n${query}\n`).numbers[0]).toBe(1);
  });
});

describe("what cannot be read", () => {
  const ok = "MKVLAWGHTR";
  const sto = (...lines: string[]) => ["# STOCKHOLM 1.0", ...lines].join("\n");
  test.each([
    ["", 1, 1, /the alignment is empty/],
    ["\n  \n", 1, 1, /the alignment is empty/],
    [`\nCLUSTAL W\n`, 2, 1, /neither FASTA or A3M \(>name\) nor Stockholm .*: "CLUSTAL W"/],
    [`>q\n${ok}\n`, 1, 1, /one sequence is no alignment/],
    [`>\n${ok}\n`, 1, 2, /the sequence has no name/],
    [`;x\n${ok}\n>q\n${ok}\n`, 2, 1, /a sequence stands before the first name/],
    [`>q\n${ok}\n>a\n\n>b\n${ok}\n`, 3, 1, /a has no sequence/],
    [`>q\n${ok}\n>a\nMKV1AWGHTR\n`, 4, 4, /"1" in a is neither a residue nor a gap/],
    [`>q\n${ok}\n>a\nMKVL\n  AWG?TR\n`, 5, 6, /"\?" in a is neither/],
    [`>q\n${ok}\n>a\nMKV*AWGHTR\n`, 4, 4, /a stop codon \(\*\) stands inside a/],
    [`>q\n${ok}\n>a\nMKV-AWGHT\n`, 4, 10, /a has 9 columns where q has 10/],
    [`>q\n${ok}\n>a\nMKV-A\nWGHTRAA\n`, 5, 6, /a has 12 columns where q has 10/],
    [`>q\n${ok}\n>a\nMKV-AWGaaHTRA\n`, 4, 13, /a has 11 columns \(capitals and -.*\) where q has 10/],
    [`>q\n${ok}\n>a\nMKV\n`, 3, 1, /these 2 sequences are not aligned: they have 3 to 10 residues/],
    [`>q\nMKV-------\n>a\n${ok}\n`, 1, 1, /q has 3 residues; a fold has at least 10/],
    [`>q\n${"ACGT".repeat(9)}\n>a\n${"AC-T".repeat(9)}\n`, 1, 1, /this looks like nucleotides/],
    [sto(`q ${ok}`, `a ${ok}`), 3, 1, /the alignment has no end \(\/\/\); is the file whole\?/],
    [sto("//"), 2, 1, /the alignment has no sequence/],
    [sto(`q ${ok}`, `a MKV`, "//"), 3, 6, /a has 3 columns where q has 10/],
    [sto(`q ${ok}`, `a   ${ok}W`, "//"), 3, 15, /a has 11 columns where q has 10/],
    [sto(`q ${ok}`, `q ${ok}`, "//"), 3, 1, /q stands twice in one block/],
    [sto(`q ${ok}`, `a ${ok}`, "", `q ${ok}`, "//"), 6, 1, /a is missing in the block that ends here/],
    [sto(`q ${ok}`, `a ${ok}`, "", `q ${ok}`, `b ${ok}`, "//"), 6, 1, /b was not in the block before/],
    [sto(`q ${ok}`, `a ${ok}`, "//", `b ${ok}`), 5, 1, /something stands after the end \(\/\/\) on line 4/],
    [sto(`q ${ok}`, `a ${ok}`, "#=GC SS_cons CCC", "//"), 4, 17, /#=GC SS_cons has 3 columns where the sequences have/],
    [sto(`q ${ok}`, `a ${ok}`, "#=GR b SS CCC", "//"), 4, 1, /#=GR is of b, which is not in the alignment/],
    [sto(`q ${ok}`, `a ${ok}`, "#=GX what", "//"), 4, 1, /#=GX is no annotation of this format/],
    [sto(`q ${ok}`, `a ${ok}`, "#=GC SS", "//"), 4, 1, /this #=GC line has too little or too much on it/],
    [sto(`q ${ok}`, "alone", "//"), 3, 1, /this line is not a name and a sequence/],
  ])("%j", (text, line, column, message) => {
    let error: unknown;
    try {
      readAlignment(text, { file: "x.sto" });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AlignmentError);
    expect(error).toMatchObject({ line, column, message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(new RegExp(`^x\\.sto:${line}:${column}: `));
  });
});

describe("any alignment", () => {
  const residue = fc.constantFrom(...Array.from("ACDEFGHIKLMNPQRSTVWY"));
  const alignment = fc.integer({ min: 10, max: 60 }).chain((length) =>
    fc.record({
      query: fc.string({
        unit: fc.constantFrom(...Array.from("DEFHIKLMPQRSVWY")),
        minLength: length,
        maxLength: length,
      }),
      others: fc.array(
        fc.string({
          unit: fc.oneof({ weight: 4, arbitrary: residue }, fc.constant("-")),
          minLength: length,
          maxLength: length,
        }),
        { minLength: 1, maxLength: 8 },
      ),
      width: fc.integer({ min: 1, max: 70 }),
      gap: fc.constantFrom("-", ".", "~"),
      end: fc.constantFrom("\n", "\r\n"),
      insertions: fc.array(fc.tuple(fc.nat(), fc.stringMatching(/^[a-z]{1,3}$/)), { maxLength: 5 }),
    }),
  );
  const chunks = (row: string, width: number) => row.match(new RegExp(`.{1,${width}}`, "g"))!;

  test("is read as it was written, in FASTA of any width", () => {
    fc.assert(
      fc.property(alignment, ({ query, others, width, gap, end }) => {
        const rows = [query, ...others];
        const text = rows.flatMap((row, m) => [`>s${m}`, ...chunks(row.replaceAll("-", gap), width)]).join(end);
        const found = readAlignment(text);
        expect(found.format).toBe("FASTA");
        expect(rowsOf(found)).toEqual(rows);
      }),
    );
  });

  test("is read as it was written, in Stockholm of any number of blocks", () => {
    fc.assert(
      fc.property(alignment, ({ query, others, width, gap, end }) => {
        const rows = [query, ...others].map((row) => chunks(row.replaceAll("-", gap), width));
        const blocks = rows[0]!.map((_, b) => rows.map((row, m) => `s${m}   ${row[b]}`).join(end));
        expect(rowsOf(readAlignment(`# STOCKHOLM 1.0${end}${blocks.join(end + end)}${end}//${end}`))).toEqual([
          query,
          ...others,
        ]);
      }),
    );
  });

  test("is the same with insertions in A3M", () => {
    fc.assert(
      fc.property(alignment, ({ query, others, insertions, width }) => {
        const rows = [query, ...others];
        const written = rows.map((row, m) => {
          let text = row;
          // The query has no insertions: they are counted from it.
          for (const [at, letters] of m === 0 ? [] : insertions) {
            const places = Array.from(text, (_, i) => i);
            const place = places[at % places.length]!;
            text = text.slice(0, place) + letters + text.slice(place);
          }
          return text;
        });
        const text = written.flatMap((row, m) => [`>s${m}`, ...chunks(row, width)]).join("\n");
        expect(rowsOf(readAlignment(text))).toEqual(rows);
      }),
    );
  });
});
