type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

/** What each keyword of JSON Schema that the schema of the configuration uses asks for. */
const KEYWORDS: Readonly<Record<string, (of: never, value: unknown, schema: Schema) => boolean>> = {
  type: (name: string, value) => IS[name]!(value),
  enum: (words: readonly unknown[], value) => words.includes(value),
  anyOf: (schemas: readonly Schema[], value) => schemas.some((schema) => fits(schema, value)),
  minLength: (least: number, value) => typeof value !== "string" || value.length >= least,
  pattern: (pattern: string, value) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  format: (_format: "uri", value) => typeof value !== "string" || URL.canParse(value),
  minimum: (least: number, value) => typeof value !== "number" || value >= least,
  exclusiveMinimum: (least: number, value) => typeof value !== "number" || value > least,
  items: (schema: Schema, value) => !Array.isArray(value) || value.every((item) => fits(schema, item)),
  required: (names: readonly string[], value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (schemas: Readonly<Record<string, Schema>>, value) =>
    !isObject(value) || Object.entries(value).every(([name, each]) => !schemas[name] || fits(schemas[name], each)),
  additionalProperties: (allowed: Schema | false, value, { properties = {} }) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([name, each]) => Object.hasOwn(properties as object, name) || (allowed !== false && fits(allowed, each)),
    ),
};
const NOTES = new Set(["$schema", "title", "description", "default"]);

/** Does a value fit a JSON Schema? A keyword that is not known here is an error. */
export function fits(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, of]) => {
    if (NOTES.has(keyword)) return true;
    const check = KEYWORDS[keyword];
    if (!check) throw new Error(`the keyword ${keyword} is not known`);
    return check(of as never, value, schema);
  });
}
