import { eachWritten, nameOf, type WrittenFile } from "../../files/index.ts";

/** A file or folder as it stands in a value. */
export interface ValueFile extends WrittenFile {
  readonly kind: "file" | "dir";
}

/** A part of a value: an argument, or a field of a result. */
export interface Part {
  /** The name of the parameter, or of the field. */
  readonly name: string;
  readonly json: unknown;
}

/** The files and folders in a parsed value, sidecars too. */
export function filesIn(json: unknown): readonly ValueFile[] {
  const files: ValueFile[] = [];
  eachWritten(json, (file, kind) => void files.push({ ...file, kind }));
  return files;
}

const isTagged = (json: unknown, ...tags: readonly string[]): boolean =>
  typeof json === "object" && json !== null && "$" in json && tags.includes(String(json.$));

/** Is it a file or folder, or a list or record of these, and nothing else? */
export function isFiles(json: unknown): boolean {
  if (isTagged(json, "file", "dir")) return true;
  if (typeof json !== "object" || json === null || "$" in json) return false;
  const parts = Object.values(json);
  return parts.length > 0 && parts.every(isFiles);
}

/** The types of a value, as formal parameters name types: files and folders, where it is nothing else. */
export function typesOf(json: unknown): readonly string[] {
  if (!isFiles(json)) return [plainType(json)];
  return [...new Set(filesIn(json).map(({ kind }) => (kind === "dir" ? "Dataset" : "File")))];
}

function plainType(json: unknown): string {
  if (typeof json === "boolean") return "Boolean";
  if (typeof json === "number") return Number.isInteger(json) ? "Integer" : "Float";
  return typeof json === "string" ? "Text" : "PropertyValue";
}

/** The fields of a result, or all of it under one name. */
export function partsOf(json: unknown): readonly Part[] {
  const isRecord = typeof json === "object" && json !== null && !Array.isArray(json) && !("$" in json);
  if (!isRecord) return [{ name: "result", json }];
  return Object.entries(json).map(([name, part]: [string, unknown]) => ({ name, json: part }));
}

/** Longer texts of values are cut: who wants them in full imports the archive. */
const LONGEST = 2000;

/** A value as text: files are their names. */
export function plainText(json: unknown): string {
  const text = JSON.stringify(json, (_, part: unknown) => {
    if (!isTagged(part, "file", "dir")) return isTagged(part, "undefined") ? null : part;
    return nameOf((part as { v: WrittenFile }).v.path);
  });
  const shown = typeof json === "string" ? json : (text ?? "null");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}
