import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { jsonSchema, readArguments } from "../../../src/code/parameters/index.ts";
import { readFlags, writeFlags } from "../../../src/cli/flags/index.ts";
import type { Parameter, ParameterType } from "../../../src/expr/definition.ts";
import { LigaseError } from "../../../src/kernel/index.ts";

/** What stands for a file in these tests: a class, as the real one is. */
class Located {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

const FILES = ["a.fq", "b 1.fq", "-x.fq", "[c].fq", "é=1.fq", "it's.fq", "--d.fq"];
const DIRS = ["dir", "d i r"];
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "ligase-round-trip-"));
  for (const file of FILES) writeFileSync(join(cwd, file), "");
  for (const dir of DIRS) mkdirSync(join(cwd, dir));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const context = (): Parameters<typeof readFlags>[3] => ({
  cwd,
  makeFile: (path) => new Located(relative(cwd, path)),
  makeDir: (path) => new Located(relative(cwd, path)),
  reserved: ["json", "cpus"],
});

/** A type and values of it. */
interface Typed {
  readonly type: ParameterType;
  readonly value: fc.Arbitrary<unknown>;
}

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom(
    "",
    "-",
    "--",
    "--reads",
    "-5",
    "-k",
    "12",
    "true",
    "null",
    "[]",
    '["a"]',
    "{}",
    '"q"',
    "a=b",
    "5n",
    "2024-01-01",
    "__proto__",
    "a b\n",
  ),
);
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 5 }),
  fc.constantFrom("a.b", "a=b", "no-x", "__proto__", "=", "[", "batch"),
);
const finite = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())
  .map((n) => (Object.is(n, -0) ? 0 : n));
const date = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });

const scalars: readonly Typed[] = [
  { type: { kind: "string" }, value: text },
  { type: { kind: "number" }, value: finite },
  { type: { kind: "integer" }, value: fc.integer() },
  { type: { kind: "boolean" }, value: fc.boolean() },
  { type: { kind: "bigint" }, value: fc.bigInt() },
  { type: { kind: "date" }, value: date },
  { type: { kind: "file" }, value: fc.constantFrom(...FILES).map((path) => new Located(path)) },
  { type: { kind: "dir" }, value: fc.constantFrom(...DIRS).map((path) => new Located(path)) },
  {
    type: { kind: "enum", values: ["fast", "exact", "--odd", 3, -1] },
    value: fc.constantFrom("fast", "exact", "--odd", 3, -1),
  },
  {
    type: { kind: "json", text: "unknown" },
    value: fc.oneof(
      text,
      fc.jsonValue({ maxDepth: 2 }).map((v) => JSON.parse(JSON.stringify(v)) as unknown),
    ),
  },
];

// Types whose texts do not say which of them was meant are no pair for a round trip: a date or a path against text.
const unions: readonly Typed[] = [
  {
    type: { kind: "union", of: [{ kind: "string" }, { kind: "number" }, { kind: "null" }] },
    value: fc.oneof(text, finite, fc.constant(null)),
  },
  { type: { kind: "union", of: [{ kind: "boolean" }, { kind: "number" }] }, value: fc.oneof(fc.boolean(), finite) },
  { type: { kind: "union", of: [{ kind: "number" }, { kind: "bigint" }] }, value: fc.oneof(finite, fc.bigInt()) },
  {
    type: { kind: "union", of: [{ kind: "string" }, { kind: "array", of: { kind: "string" } }] },
    value: fc.oneof(text, fc.array(text, { maxLength: 3 })),
  },
];

const named = (
  types: fc.Arbitrary<Typed>,
  prefix: string,
): fc.Arbitrary<{ fields: Parameter[]; value: fc.Arbitrary<Record<string, unknown>> }> =>
  fc
    .array(fc.tuple(types, fc.constantFrom("", "MaxDepth", "_two", "2"), fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((parts) => {
      const fields = parts.map(([{ type }, ending, optional], i): Parameter => ({
        name: `${prefix}${i}${ending}`,
        type,
        optional,
        doc: "",
      }));
      const values = Object.fromEntries(parts.map(([{ value }], i) => [fields[i]!.name, value]));
      return {
        fields,
        value: fc.record(values, { requiredKeys: fields.filter((f) => !f.optional).map((f) => f.name) }),
      };
    });

const typed: fc.Arbitrary<Typed> = fc.letrec<{ any: Typed }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthIdentifier: "types" },
    fc.constantFrom(...scalars, ...unions),
    tie("any").map(({ type, value }): Typed => ({
      type: { kind: "array", of: type },
      value: fc.array(value, { maxLength: 3 }),
    })),
    tie("any").map(({ type, value }): Typed => ({
      type: { kind: "record", of: type },
      value: fc.dictionary(key, value, { maxKeys: 3 }).map((r) => Object.fromEntries(Object.entries(r))),
    })),
    fc
      .tuple(tie("any"), tie("any"))
      .map(([a, b]): Typed => ({ type: { kind: "tuple", of: [a.type, b.type] }, value: fc.tuple(a.value, b.value) })),
    named(tie("any"), "f").map(({ fields, value }): Typed => ({
      type: { kind: "object", fields },
      value: value.map((v) => ({ ...v })),
    })),
  ),
})).any;

/** A task's parameters with arguments for them. */
const call: fc.Arbitrary<{ parameters: Parameter[]; args: unknown[] }> = fc
  .tuple(
    fc.array(fc.tuple(typed, fc.constantFrom("", "Of", "json", "params")), { minLength: 1, maxLength: 4 }),
    fc.option(named(typed, "s")),
  )
  .chain(([parts, spread]) => {
    const parameters = parts.map(([{ type }, ending], i): Parameter => ({
      name: ["json", "params"].includes(ending) && i === 0 ? ending : `p${i}${ending}`,
      type,
      optional: false,
      doc: "",
    }));
    const values: fc.Arbitrary<unknown>[] = parts.map(([{ value }]) => value);
    if (spread) {
      parameters.push({
        name: "options",
        type: { kind: "object", fields: spread.fields },
        optional: false,
        doc: "",
        spread: true,
      });
      values.push(spread.value.map((v) => ({ ...v })));
    }
    return fc.tuple(...values).map((args) => ({ parameters, args }));
  });

/** The arguments as one JSON object, as a params file or a request holds them. */
function asJson(parameters: readonly Parameter[], args: readonly unknown[]): unknown {
  const plain = (value: unknown): unknown => {
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Located) return value.path;
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
  };
  const entries = parameters.flatMap((parameter, i): [string, unknown][] =>
    parameter.spread ? Object.entries(args[i] as object) : [[parameter.name, args[i]]],
  );
  return plain(Object.fromEntries(entries));
}

describe("flags and params files", () => {
  it("writeFlags is read back by readFlags", () => {
    fc.assert(
      fc.property(call, ({ parameters, args }) => {
        const words = writeFlags(parameters, args, { reserved: ["json", "cpus"] });
        expect(readFlags("t", parameters, words, context()).args).toStrictEqual(args);
      }),
      { numRuns: 1500 },
    );
  });

  it("a params file says the same, in JSON and in YAML, and so does a request", () => {
    fc.assert(
      fc.property(call, fc.boolean(), ({ parameters, args }, yaml) => {
        const json = asJson(parameters, args);
        const file = join(cwd, yaml ? "params.yaml" : "params.json");
        writeFileSync(file, yaml ? stringify(json) : JSON.stringify(json));
        expect(readFlags("t", parameters, ["--params", file], context()).args).toStrictEqual(args);
        const make = (path: string): Located => new Located(path);
        expect(readArguments(parameters, JSON.parse(JSON.stringify(json)), { file: make, dir: make })).toStrictEqual(
          args,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("no command line does anything but give arguments or say what is wrong", () => {
    const word = fc.oneof(
      text,
      fc.constantFrom("--p0", "--p1", "--no-p0", "--p0.f0", "--params.p0", "--s0", "--p0=", "--f0=1"),
    );
    fc.assert(
      fc.property(call, fc.array(word, { maxLength: 6 }), ({ parameters }, words) => {
        const outcome = (): unknown => {
          try {
            return readFlags("t", parameters, words, context()).args;
          } catch (error) {
            return error instanceof LigaseError && error.code === "LIGASE_E_FLAG" && error.facts["exitCode"] === 2
              ? []
              : error;
          }
        };
        expect(outcome()).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
  });

  it("the schema of any parameters is plain JSON with a property for each", () => {
    fc.assert(
      fc.property(call, ({ parameters }) => {
        const schema = jsonSchema(parameters);
        expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
        const names = parameters.flatMap((p) =>
          p.spread && p.type.kind === "object" ? p.type.fields.map((f) => f.name) : [p.name],
        );
        expect(Object.keys(schema["properties"] as object).sort()).toEqual(names.sort());
      }),
      { numRuns: 200 },
    );
  });
});
