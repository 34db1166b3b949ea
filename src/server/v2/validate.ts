import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import { type Log, nearest } from "../../kernel/index.ts";

/** Says what is wrong with an input, in a sentence that names the field; nothing when it is right. */
export type InputCheck = (input: unknown) => string | undefined;

/** The checks of the inputs of endpoints: one is made for each version, when its first job comes. */
export class InputChecks {
  readonly #log: Log;
  readonly #checks = new Map<string, { readonly of: LiveEndpoint["input"]; readonly check: Promise<InputCheck> }>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The check of an endpoint; null where nothing is known of its input. */
  for(endpoint: LiveEndpoint): Promise<InputCheck> | null {
    const { name, input } = endpoint;
    if (input === null) return null;
    const known = this.#checks.get(name);
    if (known?.of === input) return known.check;
    const check = compile(input).catch((error: unknown): InputCheck => {
      // Its worker checks again: a schema that cannot be read here keeps no job out.
      this.#log.warn(`the input of ${name} is not checked: ${error instanceof Error ? error.message : String(error)}`);
      return () => undefined;
    });
    this.#checks.set(name, { of: input, check });
    return check;
  }
}

/** Reads a schema. The reader is loaded with the first one: 40 ms and 15 MB that a server without schemas does not spend. */
async function compile(schema: NonNullable<LiveEndpoint["input"]>): Promise<InputCheck> {
  const wrong = wrongType(schema);
  if (wrong !== undefined) throw new TypeError(`its schema has the type ${JSON.stringify(wrong)}`);
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  // The schema of schemas takes another 50 ms to be read: what is wrong with one mostly shows without it.
  const ajv = new Ajv2020({ strict: false, verbose: true, validateSchema: false, logger: false });
  ajv.addFormat("path", true);
  ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)));
  const validate: ValidateFunction = ajv.compile(schema);
  return (input) => {
    if (validate(input)) return undefined;
    const [error] = validate.errors ?? [];
    // A name that is not known says more than the one that is missing for it.
    return strangeField(schema, input) ?? (error ? sentence(error, input) : "input is not valid");
  };
}

const TYPES: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean", "null", "array", "object"]);

/** A `type` in a schema that is none: with it, nothing would be right. */
function wrongType(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(wrongType).find((each) => each !== undefined);
  if (!isRecord(schema)) return undefined;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "type") {
      const types: readonly unknown[] = Array.isArray(value) ? value : [value];
      const wrong = types.find((each) => !TYPES.has(each));
      if (wrong !== undefined) return wrong;
    } else if (keyword === "properties" || keyword === "$defs" || keyword === "patternProperties") {
      // Names, which may be `type` too.
      const wrong = isRecord(value) ? wrongType(Object.values(value)) : undefined;
      if (wrong !== undefined) return wrong;
    } else if (!["enum", "const", "default", "examples", "required"].includes(keyword)) {
      const wrong = wrongType(value);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function strangeField(schema: NonNullable<LiveEndpoint["input"]>, input: unknown): string | undefined {
  const { properties, additionalProperties } = schema;
  if (additionalProperties !== false || !isRecord(properties) || !isRecord(input)) return undefined;
  const name = Object.keys(input).find((each) => !Object.hasOwn(properties, each));
  if (name === undefined) return undefined;
  const free = Object.keys(properties).filter((each) => !Object.hasOwn(input, each));
  return unknownField("input", name, free, Object.keys(properties));
}

function unknownField(of: string, name: string, free: readonly string[], all: readonly string[]): string {
  const near = nearest(name, free);
  const hint = near !== undefined ? `did you mean ${near}?` : all.length > 0 ? `known: ${all.join(", ")}` : "";
  return `${of}.${name} is not known${hint === "" ? "" : `; ${hint}`}`;
}

function sentence(error: ErrorObject, input: unknown): string {
  const at = pathText(error.instancePath);
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case "type":
      return `${at} must be ${types(params["type"])}, not ${kindOf(error.data)}`;
    case "required":
      return `${at}.${String(params["missingProperty"])} is missing`;
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = isRecord(error.parentSchema?.["properties"]) ? Object.keys(error.parentSchema["properties"]) : [];
      const given = isRecord(error.data) ? error.data : {};
      const free = known.filter((each) => !Object.hasOwn(given, each));
      return unknownField(at, name, free, known);
    }
    case "enum": {
      const allowed = Array.isArray(params["allowedValues"]) ? params["allowedValues"] : [];
      return `${at} must be one of ${allowed.map((each) => JSON.stringify(each)).join(", ")}`;
    }
    case "const":
      return `${at} must be ${JSON.stringify(params["allowedValue"])}`;
    default: {
      const outer = input === error.data ? "input" : at;
      return `${outer} ${error.message ?? "is not valid"}`;
    }
  }
}

const A: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "an integer",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  null: "null",
};

function types(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map((each) => A[String(each)] ?? String(each));
  return names.join(" or ");
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return "a number";
  return typeof value === "boolean" ? String(value) : (A[typeof value] ?? typeof value);
}

/** A pointer into the input as one would write it: `input.reads[0].name`. */
function pathText(pointer: string): string {
  const steps = pointer.split("/").slice(1);
  return steps.reduce((text, step) => {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(name) ? `${text}[${name}]` : `${text}.${name}`;
  }, "input");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
