import type { SQLOutputValue } from "node:sqlite";
import { LigaseError } from "../../kernel/index.ts";

/** A row as the driver answers it. */
export type Row = Record<string, SQLOutputValue>;

function unexpected(value: unknown, wanted: string): never {
  throw new LigaseError("LIGASE_E_STORE_CORRUPT", `the store holds ${typeof value} where ${wanted} should be`, {
    mend: "another program wrote into store.db: restore it from a copy, or move it away to start afresh",
  });
}

/** Reads a column of text. */
export function text(value: SQLOutputValue | undefined): string {
  return typeof value === "string" ? value : unexpected(value, "text");
}

/** Reads a column of text that may be null. */
export function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null ? null : text(value);
}

/** Reads a column of numbers. */
export function number(value: SQLOutputValue | undefined): number {
  return typeof value === "number" ? value : unexpected(value, "a number");
}

/** Reads a column of numbers that may be null. */
export function numberOrNull(value: SQLOutputValue | undefined): number | null {
  return value === null ? null : number(value);
}

/** Reads a boolean, which is 0 or 1 in the database. */
export function flag(value: SQLOutputValue | undefined): boolean {
  return number(value) !== 0;
}

/** Reads a boolean that may be null. */
export function flagOrNull(value: SQLOutputValue | undefined): boolean | null {
  return value === null ? null : flag(value);
}

/** Reads a word out of a closed set. */
export function word<T extends string>(words: readonly T[], value: SQLOutputValue | undefined): T {
  return words.find((known) => known === value) ?? unexpected(value, words.join(" or "));
}

/** Reads a record of texts, stored as JSON. */
export function texts(value: SQLOutputValue | undefined): Record<string, string> {
  const json: unknown = JSON.parse(text(value));
  if (typeof json !== "object" || json === null) return unexpected(json, "a record");
  // Not by assignment: a tag may be called `__proto__`.
  return Object.fromEntries(
    Object.entries(json).map(([key, part]) => [key, typeof part === "string" ? part : unexpected(part, "text")]),
  );
}

/** Reads a record of texts that may be null. */
export function textsOrNull(value: SQLOutputValue | undefined): Record<string, string> | null {
  return value === null ? null : texts(value);
}

/** Reads a record of records of texts, stored as JSON. */
export function record(value: SQLOutputValue | undefined): Record<string, Record<string, string>> {
  const json: unknown = JSON.parse(text(value));
  if (typeof json !== "object" || json === null) return unexpected(json, "a record");
  return Object.fromEntries(Object.entries(json).map(([key, part]) => [key, texts(JSON.stringify(part))]));
}

/** Reads a list, stored as JSON, part by part. */
export function list<T>(value: SQLOutputValue | undefined, part: (part: Row[string]) => T): T[] {
  const json: unknown = JSON.parse(text(value));
  return Array.isArray(json) ? json.map(part) : unexpected(json, "a list");
}

/** Writes a record as JSON; null stays null. */
export function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Writes a boolean as 0 or 1; null stays null. */
export function bit(value: boolean | null): number | null {
  return value === null ? null : value ? 1 : 0;
}
