import type { JsonSchema } from "../../code/parameters/index.ts";

/** A value that a schema allows, as one would write it to try something. */
export function exampleOf(schema: JsonSchema, depth = 0): unknown {
  const { default: usual, examples, enum: values, const: only, type, anyOf, oneOf, properties, items } = schema;
  if (usual !== undefined) return usual;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  if (Array.isArray(values) && values.length > 0) return values[0] as unknown;
  if (only !== undefined) return only;
  const choices: unknown = anyOf ?? oneOf;
  if (Array.isArray(choices) && isSchema(choices[0])) return exampleOf(choices[0], depth);
  const kind: unknown = Array.isArray(type) ? type[0] : type;
  switch (kind) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return isSchema(items) && depth < DEEPEST ? [exampleOf(items, depth + 1)] : [];
    default:
      return isSchema(properties) && depth < DEEPEST ? fields(schema, properties, depth) : {};
  }
}

/** What refers to itself ends somewhere. */
const DEEPEST = 4;

/** Those that must be there; where none must, all of them. */
function fields({ required }: JsonSchema, properties: JsonSchema, depth: number): Record<string, unknown> {
  const names = Array.isArray(required) && required.length > 0 ? new Set<unknown>(required) : undefined;
  const shown = Object.entries(properties).filter(([name]) => !names || names.has(name));
  return Object.fromEntries(shown.map(([name, each]) => [name, isSchema(each) ? exampleOf(each, depth + 1) : null]));
}

function textOf({ format, contentMediaType }: JsonSchema): string {
  switch (format) {
    case "path":
      return contentMediaType === undefined ? "/path/to/file" : "/path/to/folder";
    case "date-time":
      return "2026-01-31T12:00:00Z";
    case "uri":
      return "https://example.org/";
    default:
      return "text";
  }
}

/** Is this a schema, or a list of them by name? */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
