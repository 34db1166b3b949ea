import { Dir, File, Output } from "../../files/index.ts";
import { pathFrom } from "../../record/path.ts";

/** How files are written. */
interface Shown {
  readonly cwd: string;
  /** What stands for a file that was handed to people. */
  readonly output: (output: Output) => unknown;
}

/** Makes a value plain: files become their paths, as short as they are from here. */
function plain(value: unknown, shown: Shown): unknown {
  const { cwd } = shown;
  if (value instanceof Output) return shown.output(value);
  if (value instanceof File || value instanceof Dir) return pathFrom(value.path, cwd);
  if (value instanceof Error) return { error: value.message };
  if (value instanceof Map) return [...value].map((entry) => plain(entry, shown));
  if (value instanceof Set) return [...value].map((item) => plain(item, shown));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "function") return `<task ${value.name}>`;
  if (Array.isArray(value)) return value.map((item) => plain(item, shown));
  if (value !== null && typeof value === "object") {
    // By name: what comes from the cache has its keys so, and the same result is to be the same text.
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, part]) => [key, plain(part, shown)]));
  }
  return value;
}

/**
 * A value as a program reads it: one line of JSON.
 *
 * @param output - says what stands for a file that was handed to people; by default its path
 */
export function asJson(value: unknown, output?: Shown["output"], cwd = process.cwd()): string {
  return JSON.stringify(plain(value, shownWith(output, cwd))) ?? "null";
}

/** A value as people read it: text as it is, anything else as indented JSON; nothing for no value. */
export function asText(value: unknown, output?: Shown["output"], cwd = process.cwd()): string | undefined {
  if (value === undefined || value === null) return undefined;
  const simple = plain(value, shownWith(output, cwd));
  return typeof simple === "string" ? simple.replace(/\n$/, "") : JSON.stringify(simple, null, 2);
}

function shownWith(output: Shown["output"] | undefined, cwd: string): Shown {
  return { cwd, output: output ?? (({ path }) => pathFrom(path, cwd)) };
}
