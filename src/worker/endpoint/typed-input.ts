import type { JsonSchema, Makers } from "../../code/parameters/index.ts";

/** Does a schema name what JSON does not have, so that something is to be made of the texts that stand for it? */
export function isTyped(schema: JsonSchema | null): schema is JsonSchema {
  return schema !== null && /"format":"(?:path|date-time)"|"pattern":"\^\[\+-\]\?/.test(JSON.stringify(schema));
}

/**
 * The input of a function whose schema was made of its types, with those types: paths are files, times are dates, big
 * integers are such. It fits the schema already; what does not is left as it is.
 *
 * @throws what the makers throw
 */
export function typedInput(schema: unknown, value: unknown, makers: Makers): unknown {
  if (!isObject(schema)) return value;
  const { anyOf } = schema;
  if (Array.isArray(anyOf))
    return typedInput(
      anyOf.find((one) => isMeant(one, value)),
      value,
      makers,
    );
  if (typeof value === "string") return ofText(schema, value, makers);
  if (typeof value === "number") return isBigInt(schema) && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const { items, prefixItems } = schema;
    return value.map((item, i) => typedInput(Array.isArray(prefixItems) ? prefixItems[i] : items, item, makers));
  }
  if (!isObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const of = (key: string): unknown =>
    isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, typedInput(of(key), part, makers)]));
}

function ofText(schema: Fields, text: string, makers: Makers): unknown {
  const { format, contentMediaType } = schema;
  if (format === "path") return contentMediaType === "inode/directory" ? makers.dir(text) : makers.file(text);
  if (format === "date-time") {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? text : date;
  }
  return isBigInt(schema) && /^[+-]?\d+n?$/.test(text) ? BigInt(text.replace(/^\+|n$/g, "")) : text;
}

function isBigInt({ type, pattern }: Fields): boolean {
  return Array.isArray(type) && typeof pattern === "string" && pattern.startsWith("^[+-]?");
}

/** Is it this one of several that a value is of? By its kind, and of an object by the fields that it must have. */
function isMeant(schema: unknown, value: unknown): boolean {
  if (!isObject(schema)) return false;
  const { type, required, properties, enum: values } = schema;
  if (Array.isArray(values)) return values.includes(value);
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const kinds: unknown[] = Array.isArray(type) ? type : [type];
  const isOf = kinds.includes(kind) || (kind === "number" && kinds.includes("integer"));
  if (type !== undefined && !isOf) return false;
  if (!isObject(value) || kind === "array") return true;
  if (Array.isArray(required) && !required.every((key) => typeof key === "string" && Object.hasOwn(value, key)))
    return false;
  const known = isObject(properties) ? Object.entries(properties) : [];
  // The literals that tell one alternative from another.
  return known.every(
    ([key, part]) => !isObject(part) || !Array.isArray(part["enum"]) || part["enum"].includes(value[key]),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
