import { LigaseError, nearest } from "../../kernel/index.ts";
import {
  byNarrowness,
  isFields,
  type Makers,
  type Problem,
  readBigInt,
  readDate,
  readValue,
  typeText,
  valueText,
} from "../../code/parameters/index.ts";
import type { ParameterType } from "../../expr/definition.ts";

/** A value, or what is wrong with its text. */
export type TextResult = { readonly value: unknown } | { readonly problems: readonly Problem[] };

const wrong = (message: string, mend?: string): TextResult => ({ problems: [{ path: [], message, mend }] });

/** A value that text spells; what it spells may be `undefined` of none. */
function must(type: ParameterType, text: string, value: unknown, mend?: string): TextResult {
  return value === undefined ? wrong(`must be ${typeText(type)}, got ${valueText(text)}`, mend) : { value };
}

function readNumber(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) || /^(?:NaN|[+-]?Infinity)$/.test(text))
    return Number(text);
  return undefined;
}

/** The value of a text that is JSON; a box, because the value may be `null`. */
export function readJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function made(kind: "file" | "dir", text: string, makers: Makers): TextResult {
  try {
    return { value: makers[kind](text) };
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    return wrong(`is no ${kind === "file" ? "file" : "directory"}: ${error.message}`, error.mend);
  }
}

/** Reads JSON by its type. */
function checked(type: ParameterType, json: unknown, makers: Makers): TextResult {
  const problems: Problem[] = [];
  const value = readValue(type, json, { makers, problems });
  return problems.length > 0 ? { problems } : { value };
}

/** A type that is written as JSON, where it is not written by its parts. */
function asJson(type: ParameterType, text: string, makers: Makers): TextResult {
  const json = readJson(text);
  if ("value" in json) return checked(type, json.value, makers);
  if (/^\s*[[{]/.test(text)) return wrong(`is not valid JSON: ${json.error}`);
  if (type.kind === "array") {
    const item = readText(type.of, text, makers);
    return "value" in item ? { value: [item.value] } : item;
  }
  const pair = type.kind === "record" ? /^([^=]+)=(.*)$/s.exec(text) : null;
  if (type.kind === "record" && pair) {
    const part = readText(type.of, pair[2]!, makers);
    return "value" in part ? { value: Object.fromEntries([[pair[1]!, part.value]]) } : part;
  }
  return wrong(`must be ${typeText(type)}, got ${valueText(text)}`, "write it as JSON");
}

/** The narrowest alternative that the text fits. Text in the quotes of JSON is text: `--x '"12"'`. */
function readUnion(type: ParameterType & { kind: "union" }, text: string, makers: Makers): TextResult {
  const json = /^\s*[[{"]/.test(text) ? readJson(text) : undefined;
  const parsed = json && "value" in json ? checked(type, json.value, makers) : undefined;
  if (parsed && "value" in parsed) return parsed;
  const choices: string[] = [];
  for (const alternative of byNarrowness(type.of)) {
    const read = readText(alternative, text, makers);
    if ("value" in read) return read;
    if (alternative.kind === "enum") choices.push(...alternative.values.map(String));
  }
  if (parsed && json && "value" in json && typeof json.value === "object") return parsed;
  const near = nearest(text, choices);
  return must(type, text, undefined, near && `did you mean ${near}?`);
}

/**
 * Reads a value as people type it on a command line.
 *
 * @example
 * ```ts
 * readText({ kind: "integer" }, "-3", makers); // { value: -3 }
 * ```
 */
export function readText(type: ParameterType, text: string, makers: Makers): TextResult {
  switch (type.kind) {
    case "string":
      return { value: text };
    case "number":
      return must(type, text, readNumber(text));
    case "integer": {
      const value = readNumber(text);
      return must(type, text, Number.isInteger(value) ? value : undefined);
    }
    case "boolean":
      return must(type, text, text === "true" ? true : text === "false" ? false : undefined);
    case "null":
      return text === "null" ? { value: null } : must(type, text, undefined);
    case "bigint":
      return must(type, text, readBigInt(text));
    case "date":
      return must(type, text, readDate(text));
    case "enum": {
      const near = nearest(text, type.values.map(String));
      return must(
        type,
        text,
        type.values.find((choice) => String(choice) === text),
        near && `did you mean ${near}?`,
      );
    }
    case "file":
    case "dir":
      return made(type.kind, text, makers);
    case "json": {
      const json = readJson(text);
      return { value: "value" in json ? json.value : text };
    }
    case "union":
      return readUnion(type, text, makers);
    case "array":
    case "tuple":
    case "object":
    case "record":
      return asJson(type, text, makers);
  }
}

/**
 * Reads the words given for a list: one that is a JSON list is the whole of it, any others are an
 * item each.
 */
export function readList(of: ParameterType, words: readonly string[], makers: Makers): TextResult {
  const [first] = words;
  const json = words.length === 1 && /^\s*\[/.test(first!) ? readJson(first!) : undefined;
  if (json && "value" in json) {
    const whole = checked({ kind: "array", of }, json.value, makers);
    if ("value" in whole) return whole;
    const item = readText(of, first!, makers);
    return "value" in item ? { value: [item.value] } : whole;
  }
  const values: unknown[] = [];
  const problems: Problem[] = [];
  for (const word of words) {
    const item = readText(of, word, makers);
    if ("value" in item) values.push(item.value);
    else problems.push(...item.problems);
  }
  return problems.length > 0 ? { problems } : { value: values };
}

/** The fields of a text that is a JSON object. */
export function readFields(text: string): Readonly<Record<string, unknown>> | undefined {
  const json = readJson(text);
  return "value" in json && isFields(json.value) ? json.value : undefined;
}
