import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { intersectionOf, unionOf } from "./combine.ts";
import type { JsonSchema } from "./json-schema.ts";
import { exactly } from "./scope.ts";
import { isFields } from "./values.ts";

/** What we write into a JSON Schema where JSON has no such type. */
const MARK = "x-ligase";
const MARKED = ["file", "dir", "date", "bigint"] as const;

/** The type that a mark stands for. */
function marked(mark: unknown): (typeof MARKED)[number] | undefined {
  return MARKED.find((kind) => kind === mark);
}

/** What zod tells of a schema while it is written as JSON Schema, as far as we look. */
interface ZodStep {
  readonly zodSchema?: {
    readonly _zod?: { readonly def?: { readonly type?: unknown }; readonly bag?: { readonly Class?: unknown } };
  };
  readonly jsonSchema?: Record<string, unknown>;
}

/** Marks what zod cannot write as JSON Schema, and we can read: `z.instanceof(File)`, `z.date()`, `z.bigint()`. */
function mark({ zodSchema, jsonSchema }: ZodStep): void {
  const kind = zodSchema?.["_zod"]?.def?.type;
  const cls = zodSchema?.["_zod"]?.bag?.Class;
  const made = typeof cls === "function" ? cls.name.toLowerCase() : kind;
  // zod's own `z.file()` means the file of a browser.
  if (jsonSchema && marked(made) && (kind !== "file" || cls)) jsonSchema[MARK] = made;
}

/** The JSON Schema that a schema gives of what it takes. Nothing where it gives none. */
function writtenBy(schema: StandardSchemaV1): JsonSchema | undefined {
  const { jsonSchema } = schema["~standard"] as StandardSchemaV1["~standard"] & Partial<StandardJSONSchemaV1.Props>;
  // zod throws at what JSON cannot say unless told not to; others ignore the option, or take no options.
  const options = { unrepresentable: "any", override: mark };
  const tries = [
    () => jsonSchema?.input({ target: "draft-2020-12", libraryOptions: options }),
    () => jsonSchema?.input({ target: "draft-2020-12" }),
    () => jsonSchema?.input({ target: "draft-07" }),
    () => {
      const own = (schema as { toJSONSchema?: unknown }).toJSONSchema;
      return typeof own === "function" ? (own.call(schema, { io: "input", ...options }) as unknown) : undefined;
    },
  ];
  for (const attempt of tries) {
    try {
      const written = attempt();
      if (isFields(written)) return written;
    } catch {
      // The next way, or none: the source types then stand.
    }
  }
  return undefined;
}

/** Reads one JSON Schema document. */
class SchemaReader {
  readonly #root: JsonSchema;
  readonly #above: string[] = [];

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  type(schema: unknown): ParameterType {
    if (!isFields(schema)) return { kind: "json", text: "unknown" };
    const kind = marked(schema[MARK]);
    if (kind) return { kind };
    if (typeof schema["$ref"] === "string") return this.#reference(schema["$ref"]);
    for (const key of ["anyOf", "oneOf"]) {
      const parts = schema[key];
      if (Array.isArray(parts)) return unionOf(parts.map((part) => exactly(this.type(part)))).type;
    }
    if (Array.isArray(schema["allOf"])) {
      const { allOf, ...own } = schema;
      return (
        intersectionOf([own, ...(allOf as unknown[])].map((part) => exactly(this.type(part))))?.type ?? {
          kind: "json",
          text: "unknown",
        }
      );
    }
    if ("const" in schema) return literals([schema["const"]]);
    if (Array.isArray(schema["enum"])) return literals(schema["enum"]);
    if (Array.isArray(schema["type"])) {
      return unionOf(schema["type"].map((type: unknown) => exactly(this.type({ ...schema, type })))).type;
    }
    return this.#plain(schema);
  }

  #plain(schema: JsonSchema): ParameterType {
    switch (schema["type"]) {
      case "string":
      case "number":
      case "integer":
      case "boolean":
      case "null":
        return { kind: schema["type"] };
      case "array":
        return this.#array(schema);
      case "object":
        return this.#object(schema);
      default:
        // A path that is not said to be text: whoever wrote it means a file.
        if (schema["format"] === "path")
          return { kind: schema["contentMediaType"] === "inode/directory" ? "dir" : "file" };
        return isFields(schema["properties"]) ? this.#object(schema) : { kind: "json", text: "unknown" };
    }
  }

  #array(schema: JsonSchema): ParameterType {
    const items = schema["prefixItems"] ?? (Array.isArray(schema["items"]) ? schema["items"] : undefined);
    if (!Array.isArray(items)) return { kind: "array", of: this.type(schema["items"]) };
    return { kind: "tuple", of: items.map((item) => this.type(item)) };
  }

  #object(schema: JsonSchema): ParameterType {
    if (!isFields(schema["properties"])) return { kind: "record", of: this.type(schema["additionalProperties"]) };
    const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
    const fields = Object.entries(schema["properties"]).map(([name, part]): Parameter => {
      const said = isFields(part) ? part : {};
      return {
        name,
        type: this.type(part),
        optional: !required.includes(name),
        doc: typeof said["description"] === "string" ? said["description"] : "",
        ...("default" in said && { default: said["default"] }),
      };
    });
    return { kind: "object", fields };
  }

  #reference(ref: string): ParameterType {
    const name = ref.split("/").at(-1)!;
    let target: unknown = this.#root;
    for (const step of ref.replace(/^#\/?/, "").split("/").filter(Boolean)) {
      const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      target = isFields(target) ? target[key] : undefined;
    }
    if (this.#above.includes(ref) || (ref === "#" && this.#above.length > 0)) return { kind: "json", text: name };
    this.#above.push(ref);
    const type = this.type(target);
    this.#above.pop();
    return type;
  }
}

function literals(values: readonly unknown[]): ParameterType {
  const parts = values.map((value) => {
    if (typeof value === "string" || typeof value === "number") return exactly({ kind: "enum", values: [value] });
    if (typeof value === "boolean") return exactly({ kind: "boolean" });
    return exactly(value === null ? { kind: "null" } : { kind: "json", text: "unknown" });
  });
  return unionOf(parts).type;
}

/** Where a schema says nothing, the source may. */
function fill(type: ParameterType, source: ParameterType | undefined): ParameterType {
  if (!source) return type;
  if (type.kind === "json") return source;
  if (type.kind === "array" && source.kind === "array") return { kind: "array", of: fill(type.of, source.of) };
  if (type.kind === "record" && source.kind === "record") return { kind: "record", of: fill(type.of, source.of) };
  if (type.kind !== "object" || source.kind !== "object") return type;
  const fields = type.fields.map((field) => {
    const before = source.fields.find(({ name }) => name === field.name);
    const value = "default" in field ? field.default : before?.default;
    return {
      ...field,
      type: fill(field.type, before?.type),
      doc: field.doc || (before?.doc ?? ""),
      ...(value !== undefined && { default: value }),
    };
  });
  return { kind: "object", fields };
}

function parameterOf(schema: StandardSchemaV1, source: Parameter | undefined, name: string): Parameter {
  const written = writtenBy(schema);
  const type = fill(
    written ? new SchemaReader(written).type(written) : { kind: "json", text: "unknown" },
    source?.type,
  );
  const described = typeof written?.["description"] === "string" ? written["description"] : "";
  const value = written && "default" in written ? written["default"] : source?.default;
  return {
    name: source?.name ?? name,
    type,
    optional: (source?.optional ?? false) || (written !== undefined && "default" in written),
    doc: described || (source?.doc ?? ""),
    ...(value !== undefined && { default: value }),
    // An object with no name in the source is given by its fields.
    ...((source ? source.spread : true) && type.kind === "object" && { spread: true }),
  };
}

/**
 * The parameters of a task whose `input` is a Standard Schema: the schema's JSON Schema, where it
 * gives one, takes the place of the source types. Names come from the source, and so does the
 * type of any part that the schema says nothing of (`z.custom()`).
 *
 * @param input - one schema for one object argument, or one for each
 * @param source - the parameters read from the source
 */
export function schemaParameters(
  input: StandardSchemaV1 | readonly StandardSchemaV1[],
  source: readonly Parameter[] = [],
): Parameter[] {
  const schemas = "~standard" in input ? [input] : input;
  const names = (i: number): string => (schemas.length === 1 ? "input" : `input${i + 1}`);
  const described = schemas.map((schema, i) => parameterOf(schema, source[i], names(i)));
  return [...described, ...source.slice(schemas.length)];
}
