import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { slotsOf } from "./slots.ts";

/** A JSON Schema (2020-12), as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A default as JSON; nothing when JSON cannot say it. */
function jsonDefault(value: unknown): unknown {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return Number.isSafeInteger(Number(part)) ? Number(part) : part.toString();
    return part;
  });
  return text === undefined || (typeof value === "number" && !Number.isFinite(value))
    ? undefined
    : (JSON.parse(text) as unknown);
}

function describe(parameter: Parameter): JsonSchema {
  const value = jsonDefault(parameter.default);
  return {
    ...typeSchema(parameter.type),
    ...(parameter.doc !== "" && { description: parameter.doc }),
    ...(value !== undefined && { default: value }),
  };
}

function objectSchema(fields: readonly Parameter[]): JsonSchema {
  const required = fields.filter((field) => !field.optional).map((field) => field.name);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, describe(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** The JSON Schema of one type. */
export function typeSchema(type: ParameterType): JsonSchema {
  switch (type.kind) {
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return { type: type.kind };
    case "bigint":
      // A number of JSON loses digits in many readers: text is safe.
      return { type: ["integer", "string"], pattern: "^[+-]?\\d+n?$" };
    case "file":
      return { type: "string", format: "path" };
    case "dir":
      return { type: "string", format: "path", contentMediaType: "inode/directory" };
    case "date":
      return { type: "string", format: "date-time" };
    case "enum": {
      const kinds = [...new Set(type.values.map((value) => typeof value))];
      return { ...(kinds.length === 1 && { type: kinds[0] }), enum: [...type.values] };
    }
    case "array":
      return { type: "array", items: typeSchema(type.of) };
    case "tuple":
      return { type: "array", prefixItems: type.of.map(typeSchema), items: false, minItems: type.of.length };
    case "record":
      return { type: "object", additionalProperties: typeSchema(type.of) };
    case "object":
      return objectSchema(type.fields);
    case "union":
      return { anyOf: type.of.map(typeSchema) };
    case "json":
      return type.text === "unknown" || type.text === "any" ? {} : { $comment: type.text };
  }
}

/**
 * The JSON Schema (2020-12) of a task's input: an object with one property per parameter. The
 * fields of a destructured parameter stand beside the others; files are paths.
 *
 * @example
 * ```ts
 * jsonSchema(task.definition.parameters);
 * // { $schema: …, type: "object", properties: { reads: { type: "string", format: "path" } }, required: ["reads"], … }
 * ```
 */
export function jsonSchema(parameters: readonly Parameter[]): JsonSchema {
  const fields = slotsOf(parameters).map((slot) => slot.field);
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...objectSchema(fields) };
}
