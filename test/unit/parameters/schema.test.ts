import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { jsonSchema, readArguments, schemaParameters, validateInput } from "../../../src/code/parameters/index.ts";
import { LigaseError } from "../../../src/kernel/index.ts";
import { parametersOf } from "./project.ts";

class File {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}
class Dir extends File {}

const makers = { file: (path: string): string => `file:${path}`, dir: (path: string): string => `dir:${path}` };

async function failure(attempt: () => unknown): Promise<LigaseError> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof LigaseError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("jsonSchema", () => {
  it("has a property per parameter, with docs, defaults and choices", () => {
    const parameters = parametersOf(`interface Sample { /** Its name. */ id: string; lane?: number }
      export default (reads: File, out: Dir, samples: Sample[], at: [string, number], labels: Record<string, boolean>, any: unknown,
        big: bigint, day: Date, x: string | null, f: () => void,
        /** How. */ mode: "fast" | "exact" = "fast", n: 1 | 2 | "a" = 2, { k = 31 }: { k?: number } = {}) => 1`);
    expect(jsonSchema(parameters)).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        reads: { type: "string", format: "path" },
        out: { type: "string", format: "path", contentMediaType: "inode/directory" },
        samples: {
          type: "array",
          items: {
            type: "object",
            properties: { id: { type: "string", description: "Its name." }, lane: { type: "number" } },
            required: ["id"],
            additionalProperties: false,
          },
        },
        at: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 2 },
        labels: { type: "object", additionalProperties: { type: "boolean" } },
        any: {},
        big: { type: ["integer", "string"], pattern: "^[+-]?\\d+n?$" },
        day: { type: "string", format: "date-time" },
        x: { anyOf: [{ type: "string" }, { type: "null" }] },
        f: { $comment: "() => void" },
        mode: { type: "string", enum: ["fast", "exact"], description: "How.", default: "fast" },
        n: { enum: [1, 2, "a"], default: 2 },
        k: { type: "number", default: 31 },
      },
      required: ["reads", "out", "samples", "at", "labels", "any", "big", "day", "x", "f"],
      additionalProperties: false,
    });
  });

  it("keeps the fields of a destructured parameter inside it where their names are taken", () => {
    const [a, b] = [
      parametersOf("export default (k: string, { k: x }: { k: number }) => x"),
      parametersOf("export default ({ a }: { a: 1 }, { b }: { b: 2 }) => a"),
    ];
    expect(Object.keys(jsonSchema(a)["properties"] as object)).toEqual(["k", "options"]);
    expect(Object.keys(jsonSchema(b)["properties"] as object)).toEqual(["a", "b"]);
    // A whole that may be left out with a part that may not.
    const c = parametersOf('export default ({ id }: { id: string } = { id: "x" }) => id');
    expect(Object.keys(jsonSchema(c)["properties"] as object)).toEqual(["options"]);
  });
});

describe("readArguments", () => {
  const parameters = parametersOf(
    "export default (reads: File[], { k = 31 }: { k?: number } = {}, day?: Date, ...more: Dir[]) => 1",
  );

  it("makes arguments of one object", () => {
    expect(readArguments(parameters, { reads: ["a"], k: 3, day: "2024-01-31", more: ["x", "y"] }, makers)).toEqual([
      ["file:a"],
      { k: 3 },
      new Date("2024-01-31"),
      "dir:x",
      "dir:y",
    ]);
    expect(readArguments(parameters, { reads: [] }, makers)).toEqual([[]]);
  });

  it("tells everything that is wrong, with its place", async () => {
    const error = await failure(() => readArguments(parameters, { reads: ["a", 3], kk: 1, day: "x" }, makers));
    expect(error.code).toBe("LIGASE_E_INPUT");
    expect(error.facts["problems"]).toEqual([
      { path: "kk", message: "is not known here" },
      { path: "reads[1]", message: "must be a file, got 3" },
      { path: "day", message: 'must be a date (2026-01-31 or 2026-01-31T12:00:00Z), got "x"' },
    ]);
    expect((await failure(() => readArguments(parameters, [], makers))).message).toMatch(
      /^the input must be an object with reads, k\?, /,
    );
    expect((await failure(() => readArguments(parameters, {}, makers))).message).toBe(
      "reads is missing (a list of files)",
    );
  });
});

describe("schemaParameters", () => {
  const schema = z.object({
    id: z.string().describe("its name"),
    depth: z.number().int().min(1).default(10),
    mode: z.enum(["fast", "exact"]).optional(),
    reads: z.array(z.instanceof(File)),
    out: z.instanceof(Dir).optional(),
    day: z.date(),
    big: z.bigint(),
    labels: z.record(z.string(), z.number()),
    pair: z.tuple([z.string(), z.literal(3)]),
    x: z.union([z.string(), z.null(), z.number()]),
    nested: z.object({ a: z.boolean() }).nullable(),
    stamp: z.iso.datetime(),
    own: z.custom<File>(),
    path: z.custom<File>().meta({ format: "path" }),
  });
  const field = (name: string, type: object, more: object = {}): object => ({
    name,
    type,
    optional: false,
    doc: "",
    ...more,
  });

  it("takes the types from zod, and from the source what zod does not say", () => {
    const source = parametersOf("export default ({ id, own }: { id: string; own: File; depth: string }) => id");
    const [parameter, ...others] = schemaParameters(schema, source);
    expect(others).toEqual([]);
    expect(parameter).toMatchObject({ name: "options", spread: true, optional: false });
    expect(parameter!.type).toEqual({
      kind: "object",
      fields: [
        field("id", { kind: "string" }, { doc: "its name" }),
        field("depth", { kind: "integer" }, { optional: true, default: 10 }),
        field("mode", { kind: "enum", values: ["fast", "exact"] }, { optional: true }),
        field("reads", { kind: "array", of: { kind: "file" } }),
        field("out", { kind: "dir" }, { optional: true }),
        field("day", { kind: "date" }),
        field("big", { kind: "bigint" }),
        field("labels", { kind: "record", of: { kind: "number" } }),
        field("pair", { kind: "tuple", of: [{ kind: "string" }, { kind: "enum", values: [3] }] }),
        field("x", { kind: "union", of: [{ kind: "string" }, { kind: "null" }, { kind: "number" }] }),
        field("nested", {
          kind: "union",
          of: [{ kind: "object", fields: [field("a", { kind: "boolean" })] }, { kind: "null" }],
        }),
        field("stamp", { kind: "string" }),
        field("own", { kind: "file" }),
        field("path", { kind: "file" }),
      ],
    });
  });

  it("takes one schema for each argument, and keeps the source's names and further parameters", () => {
    const source = parametersOf("export default (/** reads */ reads: File, depth: string, more = 1) => 1");
    expect(schemaParameters([z.instanceof(File), z.number().default(3)], source)).toEqual([
      field("reads", { kind: "file" }, { doc: "reads" }),
      field("depth", { kind: "number" }, { optional: true, default: 3 }),
      field("more", { kind: "number" }, { optional: true, default: 1 }),
    ]);
    expect(schemaParameters(z.object({ a: z.string() }))).toMatchObject([{ name: "input", spread: true }]);
    expect(
      schemaParameters(z.object({ a: z.string() }), parametersOf("export default (sample) => 1"))[0],
    ).not.toHaveProperty("spread");
  });

  it("stops at recursion", () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    expect(schemaParameters(tree)[0]!.type).toMatchObject({
      fields: [{ name: "name" }, { name: "children", type: { kind: "array" } }],
    });
    expect(JSON.stringify(schemaParameters(z.object({ tree }))).length).toBeLessThan(1000);
  });

  it("falls back on the source where a schema gives no JSON Schema", () => {
    const mute: StandardSchemaV1 = { "~standard": { version: 1, vendor: "mute", validate: (value) => ({ value }) } };
    const source = parametersOf("export default (reads: File[]) => 1");
    expect(schemaParameters(mute, source)).toEqual(source);
    expect(schemaParameters(mute)).toEqual([field("input", { kind: "json", text: "unknown" })]);
    const failing = {
      "~standard": {
        ...mute["~standard"],
        jsonSchema: {
          input: () => {
            throw new Error("no");
          },
        },
      },
    };
    expect(schemaParameters(failing, source)).toEqual(source);
  });

  it("reads plain JSON Schema of other vendors", () => {
    const written = {
      $defs: { id: { type: "string" } },
      allOf: [
        {
          type: "object",
          properties: { id: { $ref: "#/$defs/id" }, n: { type: ["integer", "null"] } },
          required: ["id"],
        },
        { properties: { flag: { enum: [true, false] } } },
      ],
    };
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "x",
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => written },
      },
    };
    expect(schemaParameters(schema)[0]!.type).toEqual({
      kind: "object",
      fields: [
        field("id", { kind: "string" }),
        field("n", { kind: "union", of: [{ kind: "integer" }, { kind: "null" }] }, { optional: true }),
        field("flag", { kind: "boolean" }, { optional: true }),
      ],
    });
  });
});

describe("validateInput", () => {
  it("gives what the schemas return", async () => {
    expect(
      await validateInput(z.object({ a: z.coerce.number(), b: z.string().default("x") }), [{ a: "3" }, "more"]),
    ).toEqual([{ a: 3, b: "x" }, "more"]);
    expect(await validateInput([z.string(), z.number().default(2)], ["a"])).toEqual(["a", 2]);
    expect(await validateInput([z.string(), z.number().optional()], ["a"])).toEqual(["a"]);
    expect(
      await validateInput(
        z.string().refine(async (text) => Promise.resolve(text === "ok")),
        ["ok"],
      ),
    ).toEqual(["ok"]);
  });

  it("names every place and the schema's message", async () => {
    const schema = z.object({
      samples: z.array(z.object({ id: z.string() })),
      depth: z.number().min(1, "must be 1 or more"),
    });
    const error = await failure(async () =>
      validateInput(schema, [{ samples: [{ id: "a" }, {}], depth: 0 }], ["options"]),
    );
    expect(error.code).toBe("LIGASE_E_INPUT");
    expect(error.message).toMatch(
      /^2 values are wrong:\n {2}options\.samples\[1\]\.id is not valid: .+\n {2}options\.depth is not valid: must be 1 or more$/,
    );
    const one = await failure(async () => validateInput([z.string(), z.number()], ["a", "b"]));
    expect(one.message).toMatch(/^argument2 is not valid: /);
  });
});
