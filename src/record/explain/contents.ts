import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { locate } from "../stored-value.ts";
import type { ProjectRecord } from "../open.ts";
import type { FileFacts } from "./differences.ts";

/** What changed in a file. */
export interface FileChange {
  readonly before: FileFacts;
  readonly after: FileFacts;
  /** So many bytes more; negative for fewer. */
  readonly bytes: number | undefined;
  /** The first line that differs, where both contents are still there and are text. */
  readonly firstLine: FirstLine | undefined;
}

/** The first line at which two texts differ. */
export interface FirstLine {
  /** Counted from 1. */
  readonly line: number;
  /** Nothing where the text had ended. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Larger files are not looked into. */
const LARGEST = 2 ** 20;
/** Of a compressed file so much text. */
const LARGEST_TEXT = 2 ** 24;
const LONGEST_LINE = 200;
/** So many places are looked at for a content. */
const MOST_PLACES = 20;

/** Compares two versions of a file: their sizes, and their texts as far as the contents can still be found. */
export async function fileChange(record: ProjectRecord, before: FileFacts, after: FileFacts): Promise<FileChange> {
  const bytes = before.size !== undefined && after.size !== undefined ? after.size - before.size : undefined;
  return { before, after, bytes, firstLine: await firstLine(record, before, after) };
}

async function firstLine(record: ProjectRecord, before: FileFacts, after: FileFacts): Promise<FirstLine | undefined> {
  if (before.hash === after.hash) return undefined;
  // The newer one first: where that is gone too, nobody needs to look for the older.
  const b = await textOf(record, after);
  const a = b === undefined ? undefined : await textOf(record, before);
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [linesOf(a), linesOf(b)];
  const at = x.findIndex((line, i) => line !== y[i]);
  const line = at === -1 ? x.length : at;
  if (x[line] === undefined && y[line] === undefined) return undefined;
  return { line: line + 1, before: x[line]?.slice(0, LONGEST_LINE), after: y[line]?.slice(0, LONGEST_LINE) };
}

/** A line end at the end begins no further line; an empty text has none. */
const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** The text of a recorded file, from wherever its content still is. */
async function textOf(record: ProjectRecord, file: FileFacts): Promise<string | undefined> {
  const { kind, hash, size } = file;
  if (kind === "dir" || hash === undefined || size === undefined || size > LARGEST) return undefined;
  const here = contentAt(locate(file.path, record), size, hash);
  if (here) return decode(here);
  for (const { path } of await record.store.findPlaces({ hash }, MOST_PLACES)) {
    const there = contentAt(path, size, hash);
    if (there) return decode(there);
  }
  return undefined;
}

function contentAt(path: string, size: number, hash: string): Buffer | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.size !== size) return undefined;
    const bytes = readFileSync(path);
    return createHash("sha256").update(bytes).digest("hex") === hash ? bytes : undefined;
  } catch {
    return undefined; // not readable for us, which is as good as gone
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: LARGEST_TEXT }) : bytes;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(plain);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined; // no text, or too much of it
  }
}
