import { inspect } from "node:util";
import type { ParameterType } from "../../expr/definition.ts";

/** What a value must be, for people: the end of "must be …". */
export function typeText(type: ParameterType): string {
  switch (type.kind) {
    case "string":
      return "text";
    case "number":
      return "a number";
    case "integer":
      return "a whole number";
    case "bigint":
      return "a whole number of any size";
    case "boolean":
      return "true or false";
    case "file":
      return "a file";
    case "dir":
      return "a directory";
    case "date":
      return "a date (2026-01-31 or 2026-01-31T12:00:00Z)";
    case "null":
      return "null";
    case "enum":
      return type.values.length === 1 ? String(type.values[0]) : `one of ${type.values.join(", ")}`;
    case "array":
      return `a list of ${itemsText(type.of)}`;
    case "tuple":
      return `a list of ${type.of.length} (${type.of.map(typeText).join(", ")})`;
    case "record":
      return `an object of ${itemsText(type.of)}`;
    case "object":
      return `an object with ${type.fields.map((field) => field.name + (field.optional ? "?" : "")).join(", ")}`;
    case "union":
      return type.of.map(typeText).join(" or ");
    case "json":
      return type.text === "unknown" || type.text === "any" ? "any value" : `a value of the type ${type.text}`;
  }
}

function itemsText(type: ParameterType): string {
  const plural: Partial<Record<ParameterType["kind"], string>> = {
    number: "numbers",
    integer: "whole numbers",
    file: "files",
    dir: "directories",
    date: "dates",
    object: "objects",
    array: "lists",
    tuple: "lists",
    record: "objects",
    json: "values",
  };
  return plural[type.kind] ?? typeText(type);
}

/** A value as a message quotes it: short, on one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return value instanceof Date ? "a date" : "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : inspect(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A place inside a value as people write it in code: `samples[2].id`. */
export function pathText(path: readonly (string | number)[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) text += text === "" ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}
