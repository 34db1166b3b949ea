import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { JsonSchema } from "../../code/parameters/index.ts";
import { formatBytes, nearest } from "../../kernel/index.ts";
import { badRequest, tooLarge } from "./problems.ts";
import type { QueryParameter } from "./route.ts";

/** Reads a body as JSON, and compares it with its schema. */
export type ReadBody = (request: Request) => Promise<unknown>;

/**
 * Makes the reader of a route's body.
 *
 * @param limit - bytes
 * @returns it throws LigaseError `LIGASE_E_TOO_LARGE`, `LIGASE_E_REQUEST`, naming the field
 */
export function bodyReader(schema: JsonSchema, limit: number): ReadBody {
  let validate: Promise<ValidateFunction> | undefined;
  return async (request) => {
    let body: unknown;
    const text = await textOf(request, limit);
    try {
      body = text.trim() === "" ? {} : JSON.parse(text);
    } catch (error) {
      throw badRequest(`this is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    const check = await (validate ??= compile(schema));
    if (!check(body)) throw refused(check.errors?.[0]);
    return body;
  };
}

/** The reader of schemas is loaded when the first body comes: it takes 30 ms. */
async function compile(schema: JsonSchema): Promise<ValidateFunction> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  return new Ajv2020({ strict: false, verbose: true, logger: false }).compile(schema);
}

function refused(error: ErrorObject | undefined) {
  const at = (error?.instancePath ?? "").slice(1).replaceAll("/", ".");
  const { keyword, message = "is not right", params, parentSchema } = error ?? {};
  if (keyword === "additionalProperties") {
    const name = String(params?.["additionalProperty"]);
    const properties: unknown = parentSchema?.["properties"];
    const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
    const near = nearest(name, known);
    return badRequest(
      `${under(at, name)} is not known`,
      near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`,
    );
  }
  if (keyword === "required") return badRequest(`${under(at, String(params?.["missingProperty"]))} is missing`);
  if (keyword === "enum") {
    const allowed: unknown = params?.["allowedValues"];
    return badRequest(`${at} must be one of ${Array.isArray(allowed) ? allowed.join(", ") : ""}`);
  }
  return badRequest(`${at === "" ? "the body" : at} ${message}`);
}

function under(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

async function textOf(request: Request, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytesOf(request, limit)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The bytes of a body as they come, and no more than there may be. */
export async function* bytesOf(request: Request, limit: number): AsyncGenerator<Uint8Array> {
  // Refused before the first byte where it is said; what is said need not be true.
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(formatBytes(limit));
  let size = 0;
  const body: ReadableStream<Uint8Array> | null = request.body;
  if (!body) return;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(formatBytes(limit));
    yield chunk;
  }
}

/** Reads the query: numbers, yes or no, text. */
export function readQuery(
  given: Readonly<Record<string, string>>,
  known: Readonly<Record<string, QueryParameter>>,
): Record<string, string | number | boolean> {
  const read: Record<string, string | number | boolean> = {};
  for (const [name, { schema }] of Object.entries(known)) {
    const text = given[name];
    if (text !== undefined && text !== "") read[name] = valueOf(name, text, schema);
  }
  return read;
}

function valueOf(name: string, text: string, { type, minimum, maximum }: JsonSchema): string | number | boolean {
  if (type === "boolean") {
    if (["true", "1"].includes(text)) return true;
    if (["false", "0"].includes(text)) return false;
    throw badRequest(`${name} must be true or false`);
  }
  if (type !== "integer") return text;
  const number = Number(text);
  if (!Number.isInteger(number)) throw badRequest(`${name} must be an integer`);
  if (typeof minimum === "number" && number < minimum) throw badRequest(`${name} must be at least ${minimum}`);
  if (typeof maximum === "number" && number > maximum) throw badRequest(`${name} must be at most ${maximum}`);
  return number;
}
