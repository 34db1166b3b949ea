import { describe, expect, it } from "vitest";
import { readDoc } from "../../../src/code/parameters/index.ts";
import { parametersOf, typeOf } from "./project.ts";

const string = { kind: "string" };
const number = { kind: "number" };
const field = (name: string, type: object, more: object = {}): object => ({
  name,
  type,
  optional: false,
  doc: "",
  ...more,
});

describe("readParameters: names, optionality, defaults", () => {
  it("reads names, types and what may be left out", () => {
    expect(parametersOf("export default (id: string, note: string | undefined, depth?: number) => 1")).toEqual([
      field("id", string),
      field("note", string, { optional: true }),
      field("depth", number, { optional: true }),
    ]);
  });

  it("reads literal defaults", () => {
    const defaults = (text: string): unknown =>
      parametersOf(`enum Mode { Fast = "fast" }\nconst K = 31;\nexport default (x: unknown = ${text}) => x`)[0]!
        .default;
    expect(defaults("-1.5e3")).toBe(-1500);
    expect(defaults("+2")).toBe(2);
    expect(defaults("`a b`")).toBe("a b");
    expect(defaults("'a'")).toBe("a");
    expect(defaults("[1, [-2], true]")).toEqual([1, [-2], true]);
    expect(defaults("{ a: { 'b-c': null }, 3: 10n } as const")).toEqual({ a: { "b-c": null }, 3: 10n });
    expect(defaults("4 * 1024 ** 2")).toBe(4194304);
    expect(defaults("Infinity")).toBe(Number.POSITIVE_INFINITY);
    expect(defaults("Number.MAX_SAFE_INTEGER")).toBe(Number.MAX_SAFE_INTEGER);
    expect(defaults("new Date('2024-05-01')")).toEqual(new Date("2024-05-01"));
    expect(defaults("Mode.Fast")).toBe("fast");
    expect(defaults("(K)")).toBe(31);
  });

  it("leaves out a default that is no literal, and knows that there is one", () => {
    for (const text of [
      "compute()",
      "`a ${b}`",
      "[...b]",
      "{ ...b }",
      "{ get a() { return 1 } }",
      "/x/",
      "a?.b",
      "[,1]",
    ]) {
      const [x] = parametersOf(`export default (x: string = ${text}) => x`);
      expect(x).toEqual(field("x", string, { optional: true }));
    }
  });

  it("infers a type from the default where there is no annotation", () => {
    const inferred = (text: string): unknown => parametersOf(`export default (x = ${text}) => x`)[0]!.type;
    expect(inferred("10")).toEqual(number);
    expect(inferred("'a'")).toEqual(string);
    expect(inferred("false")).toEqual({ kind: "boolean" });
    expect(inferred("5n")).toEqual({ kind: "bigint" });
    expect(inferred("[1, 2]")).toEqual({ kind: "array", of: number });
    expect(inferred("[]")).toEqual({ kind: "array", of: { kind: "json", text: "unknown" } });
    expect(inferred("[] as File[]")).toEqual({ kind: "array", of: { kind: "file" } });
    expect(inferred("{ k: 31 }")).toEqual({ kind: "object", fields: [field("k", number)] });
    expect(inferred("compute()")).toEqual({ kind: "json", text: "unknown" });
  });

  it("reads rest parameters", () => {
    expect(parametersOf("export default (id: string, ...reads: File[]) => 1")[1]).toEqual(
      field("reads", { kind: "array", of: { kind: "file" } }, { optional: true, rest: true }),
    );
  });

  it("reads functions of every form, without `this`", () => {
    expect(parametersOf("export default async function main<T extends string>(this: void, x: T) { return x }")).toEqual(
      [field("x", string)],
    );
    expect(parametersOf("export default async (x: number): Promise<number> => x")).toEqual([field("x", number)]);
  });
});

describe("readParameters: destructured objects", () => {
  const fields = [
    field("k", number, { optional: true, default: 31 }),
    field("mode", { kind: "enum", values: ["fast", "exact"] }, { optional: true, default: "fast" }),
  ];

  it("takes the fields of the type and the defaults of the pattern", () => {
    const read = parametersOf(
      `export default ({ k = 31, mode = "fast" }: { k?: number; mode?: "fast" | "exact" } = {}) => k`,
    );
    expect(read).toEqual([field("options", { kind: "object", fields }, { optional: true, spread: true, default: {} })]);
  });

  it("works without an annotation, with other local names, and nested", () => {
    const read = parametersOf(`export default ({ k: kmer = 31, deep: { flag = true } = {}, ...others }) => 1`);
    expect(read[0]!.type).toEqual({ kind: "json", text: "unknown" });
    const closed = parametersOf(`export default ({ k: kmer = 31, deep: { flag = true } = {} }) => 1`);
    expect(closed[0]!.type).toEqual({
      kind: "object",
      fields: [
        fields[0],
        field(
          "deep",
          { kind: "object", fields: [field("flag", { kind: "boolean" }, { optional: true, default: true })] },
          { optional: true, default: {} },
        ),
      ],
    });
  });

  it("keeps fields that the pattern does not name", () => {
    const read = parametersOf(
      `interface Options { k?: number; threads: number }\nexport default ({ k = 3 }: Options) => k`,
    );
    expect(read[0]!.type).toMatchObject({
      fields: [
        { name: "k", default: 3 },
        { name: "threads", optional: false },
      ],
    });
  });

  it("is named by @param, or not in conflict with the others", () => {
    const doc = "/** Doc\n * @param id - the id\n * @param settings - all of it\n * @param settings.k - the k-mer */\n";
    const read = parametersOf(`${doc}export default (id: string, { k }: { k: number }) => k`);
    expect(read[1]).toMatchObject({
      name: "settings",
      doc: "all of it",
      type: { fields: [{ name: "k", doc: "the k-mer" }] },
    });
    const two = parametersOf("export default (options: string, { a }: { a: 1 }, { b }: { b: 2 }, [c]: [string]) => a");
    expect(two.map((p) => p.name)).toEqual(["options", "options2", "options3", "values"]);
  });
});

describe("readParameters: types", () => {
  it("reads what the language has", () => {
    expect(typeOf("string[]")).toEqual({ kind: "array", of: string });
    expect(typeOf("readonly (string | null)[]")).toEqual({
      kind: "array",
      of: { kind: "union", of: [string, { kind: "null" }] },
    });
    expect(typeOf("ReadonlyArray<number>")).toEqual({ kind: "array", of: number });
    expect(typeOf("[chrom: string, start: number]")).toEqual({ kind: "tuple", of: [string, number] });
    expect(typeOf("[string, number?]")).toEqual({
      kind: "union",
      of: [
        { kind: "tuple", of: [string, number] },
        { kind: "tuple", of: [string] },
      ],
    });
    expect(typeOf("[string, ...string[]]")).toEqual({ kind: "array", of: string });
    expect(typeOf("Record<string, number>")).toEqual({ kind: "record", of: number });
    expect(typeOf("{ [name: string]: File }")).toEqual({ kind: "record", of: { kind: "file" } });
    expect(typeOf("'a' | 'b' | 3 | -1")).toEqual({ kind: "enum", values: ["a", "b", 3, -1] });
    expect(typeOf("boolean | string")).toEqual({ kind: "union", of: [{ kind: "boolean" }, string] });
    expect(typeOf("true | false")).toEqual({ kind: "boolean" });
    expect(typeOf("`chr${string}`")).toEqual(string);
    expect(typeOf("Date")).toEqual({ kind: "date" });
    expect(typeOf("bigint")).toEqual({ kind: "bigint" });
    expect(typeOf("unknown")).toEqual({ kind: "json", text: "unknown" });
    expect(typeOf("string | unknown")).toEqual({ kind: "json", text: "unknown" });
    expect(typeOf("(a:  string)\n => void")).toEqual({ kind: "json", text: "(a: string) => void" });
  });

  it("reads Ligase's own types, under another name too, unless the project has one of that name", () => {
    expect(typeOf('File<"fastq">')).toEqual({ kind: "file" });
    expect(typeOf("Dir")).toEqual({ kind: "dir" });
    expect(typeOf("Expr<File>")).toEqual({ kind: "file" });
    expect(typeOf("Reads", 'import { File as Reads } from "ligase";')).toEqual({ kind: "file" });
    expect(typeOf("File", "interface File { path: string }")).toEqual({
      kind: "object",
      fields: [field("path", string)],
    });
    expect(typeOf("File", "class File { path = '' }")).toEqual({ kind: "file" });
    expect(typeOf("Box", "class Box { path = '' }")).toEqual({ kind: "json", text: "Box" });
  });

  it("reads interfaces with what they extend", () => {
    const declared = `interface Named { /** its name */ id: string }
      interface Sample<R> extends Named, Partial<Lane> { readonly reads: R; id: string }
      type Lane = { lane: number };`;
    expect(typeOf("Sample<File>", declared)).toEqual({
      kind: "object",
      fields: [
        field("id", string, { doc: "its name" }),
        field("lane", number, { optional: true }),
        field("reads", { kind: "file" }),
      ],
    });
  });

  it("reads enums and their members", () => {
    const declared = `enum Mode { Fast = "fast", Exact = "exact" } enum N { A, B = 5, C } enum Computed { A = "x".length }`;
    expect(typeOf("Mode", declared)).toEqual({ kind: "enum", values: ["fast", "exact"] });
    expect(typeOf("N", declared)).toEqual({ kind: "enum", values: [0, 5, 6] });
    expect(typeOf("Mode.Fast | N.C", declared)).toEqual({ kind: "enum", values: ["fast", 6] });
    expect(typeOf("keyof typeof Mode", declared)).toEqual({ kind: "enum", values: ["Fast", "Exact"] });
    expect(typeOf("Computed", declared)).toEqual({ kind: "json", text: "Computed" });
  });

  it("reads utility types", () => {
    const declared = "interface S { a: string; b?: number; c: boolean | null }";
    const [a, b, c] = [
      field("a", string),
      field("b", number, { optional: true }),
      field("c", { kind: "union", of: [{ kind: "boolean" }, { kind: "null" }] }),
    ];
    expect(typeOf('Pick<S, "a" | "b">', declared)).toEqual({ kind: "object", fields: [a, b] });
    expect(typeOf('Readonly<Omit<S, "b">>', declared)).toEqual({ kind: "object", fields: [a, c] });
    expect(typeOf("Required<S>", declared)).toMatchObject({
      fields: [{ optional: false }, { optional: false }, { optional: false }],
    });
    expect(typeOf('Record<"x" | "y", number>', declared)).toEqual({
      kind: "object",
      fields: [field("x", number), field("y", number)],
    });
    expect(typeOf('S["a" | "b"]', declared)).toEqual({ kind: "union", of: [string, number] });
    expect(typeOf("NonNullable<S['c']>", declared)).toEqual({ kind: "boolean" });
    expect(typeOf("Exclude<keyof S, 'a'>", declared)).toEqual({ kind: "enum", values: ["b", "c"] });
    expect(typeOf("Extract<'x' | 'y' | 3, string>", declared)).toEqual({ kind: "enum", values: ["x", "y"] });
    expect(typeOf("{ [K in keyof S]?: S[K] }", declared)).toMatchObject({
      fields: [{ name: "a", type: string, optional: true }, { name: "b" }, { name: "c" }],
    });
    expect(typeOf("{ [K in 'l' | 'r']: K }")).toEqual({
      kind: "object",
      fields: [field("l", { kind: "enum", values: ["l"] }), field("r", { kind: "enum", values: ["r"] })],
    });
    expect(typeOf("Partial<Unknown>")).toEqual({ kind: "json", text: "Partial<Unknown>" });
  });

  it("reads intersections: objects merged, brands dropped", () => {
    expect(typeOf("{ a: string } & { b: number }")).toEqual({
      kind: "object",
      fields: [field("a", string), field("b", number)],
    });
    expect(typeOf("string & { __brand: 'id' }")).toEqual(string);
    expect(typeOf("'a' | (string & {})")).toEqual({ kind: "union", of: [{ kind: "enum", values: ["a"] }, string] });
    expect(typeOf("{ a: string } & Missing")).toEqual({ kind: "json", text: "{ a: string } & Missing" });
  });

  it("reads constants' types", () => {
    const declared = `const MODES = ["fast", "exact"] as const; const LOOSE = ["a"]; const TABLE = { hg19: 1, hg38: 2 } as const; const K = 31;`;
    expect(typeOf("(typeof MODES)[number]", declared)).toEqual({ kind: "enum", values: ["fast", "exact"] });
    expect(typeOf("(typeof LOOSE)[number]", declared)).toEqual(string);
    expect(typeOf("keyof typeof TABLE", declared)).toEqual({ kind: "enum", values: ["hg19", "hg38"] });
    expect(typeOf("typeof K", declared)).toEqual({ kind: "enum", values: [31] });
  });

  it("reduces a generic to its constraint, or to JSON", () => {
    expect(
      parametersOf("export default <T extends 'a' | 'b', U, V = number>(x: T, y: U[], z: V) => 1").map((p) => p.type),
    ).toEqual([{ kind: "enum", values: ["a", "b"] }, { kind: "array", of: { kind: "json", text: "U" } }, number]);
    expect(typeOf("Box<string, 1>", "type Box<T, N = 2, M = T[]> = { v: T; n: N; m: M }")).toEqual({
      kind: "object",
      fields: [
        field("v", string),
        field("n", { kind: "enum", values: [1] }),
        field("m", { kind: "array", of: string }),
      ],
    });
    expect(typeOf("Pair<Pair<number>>", "type Pair<T> = [T, T]")).toEqual({
      kind: "tuple",
      of: [0, 1].map(() => ({ kind: "tuple", of: [number, number] })),
    });
  });

  it("stops at recursion", () => {
    expect(typeOf("Tree", "interface Tree { name: string; children: Tree[] }")).toEqual({
      kind: "object",
      fields: [field("name", string), field("children", { kind: "array", of: { kind: "json", text: "Tree" } })],
    });
    expect(typeOf("A", "type A = B; type B = A")).toEqual({ kind: "json", text: "A" });
    expect(typeOf("G<string>", "type G<T> = { v: T; next: G<G<T>> }")).toMatchObject({
      fields: [{ type: string }, { type: { kind: "json" } }],
    });
    expect(parametersOf("type N<T> = { v: T }; export default <T extends N<T>>(x: T) => x")[0]!.type).toMatchObject({
      kind: "object",
    });
    expect(
      parametersOf("type N<T> = { v: T }; export default <T extends N<U>, U extends N<T>>(x: T) => x")[0]!.type,
    ).toMatchObject({ kind: "object" });
    expect(typeOf("F<F<string>>", "type F<T> = { v: H<T> }; type H<T> = { w: T }")).toMatchObject({
      fields: [{ type: { fields: [{ type: { fields: [{ type: { fields: [{ type: string }] } }] } }] } }],
    });
    expect(typeOf("L", "type L = Array<L> | string; ")).toEqual({
      kind: "union",
      of: [{ kind: "array", of: { kind: "json", text: "L" } }, string],
    });
  });

  it("follows types into other modules, each read in its own", () => {
    const more = {
      "lib.ts": `import { Id as Key } from "./ids";\nexport interface Sample { id: Key; /** forward reads */ reads: File }`,
      "ids.ts": "export type Id = 'a' | 'b'; type Key = number; export const DEPTH = -7;",
    };
    expect(typeOf("Sample[]", 'import { type Sample } from "./lib"; type Id = number;', more)).toEqual({
      kind: "array",
      of: {
        kind: "object",
        fields: [
          field("id", { kind: "enum", values: ["a", "b"] }),
          field("reads", { kind: "file" }, { doc: "forward reads" }),
        ],
      },
    });
    expect(parametersOf('import { DEPTH } from "./ids"; export default (d = DEPTH) => d', more)[0]).toEqual(
      field("d", number, { optional: true, default: -7 }),
    );
  });

  it("opens a thicket of mutually recursive types only so far", () => {
    const names = Array.from({ length: 30 }, (_, i) => `T${i}`);
    const declared = names.map((n) => `interface ${n} { ${names.map((m) => `${m}?: ${m}`).join(";")} }`).join("\n");
    expect(JSON.stringify(typeOf("T0", declared)).length).toBeLessThan(5e6);
  });
});

describe("readParameters: docs", () => {
  it("reads @param, with fields by dotted names", () => {
    const doc = `/** Align.
      * @param sample - one {@link Sample | sample}
      *   with its reads
      * @param sample.id - its id
      * @param {number} [k=31] the k-mer
      * @returns nothing */`;
    const read = parametersOf(`${doc}\nexport default (sample: { id: string }, k: number) => 1`);
    expect(read.map((p) => p.doc)).toEqual(["one sample with its reads", "the k-mer"]);
    expect(read[0]!.type).toMatchObject({ fields: [{ doc: "its id" }] });
  });

  it("reads comments before a parameter and behind it on its line", () => {
    const read = parametersOf(`export default (
      // The reads,
      // paired.
      reads: File,
      /** The genome. */ genome: File, /* depth */ depth: number,
      // oxlint-disable-next-line some-rule
      k: number, // k-mer length
      mode: string /* fast or exact */,
      last: string, // the last
    ) => { // the body
      return 1;
    }`);
    expect(read.map((p) => p.doc)).toEqual([
      "The reads, paired.",
      "The genome.",
      "depth",
      "k-mer length",
      "fast or exact",
      "the last",
    ]);
  });

  it("does not take the body's comments for the last parameter's", () => {
    expect(parametersOf("export default (x: number) => // comment\n x")[0]!.doc).toBe("");
  });

  it("reads comments on fields", () => {
    const fields = `{
      /**
       * Its id:
       * unique.
       */
      id: string;
      depth?: number; // in reads
      // a note
      note: string
    }`;
    const read = parametersOf(
      `export default (x: ${fields}, { id, /* why */ y = 1 }: { id: string, y?: number }) => 1`,
    );
    expect(read[0]!.type).toMatchObject({
      fields: [{ doc: "Its id: unique." }, { doc: "in reads" }, { doc: "a note" }],
    });
    expect(read[1]!.type).toMatchObject({ fields: [{ doc: "" }, { doc: "why" }] });
  });
});

describe("readDoc", () => {
  it("gives the text before the tags, and keeps code that looks like tags", () => {
    const doc = readDoc(
      "/**\n * First.\n *\n * ```ts\n * @decorated\n * ```\n * More.\n * @param a - one\n * @example\n * run()\n */",
    );
    expect(doc.text).toBe("First.\n\n```ts\n@decorated\n```\nMore.");
    expect([...doc.params]).toEqual([["a", "one"]]);
    expect(readDoc(undefined)).toEqual({ text: "", params: new Map() });
  });
});
