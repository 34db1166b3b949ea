import { eachWritten, holdsFiles, type WrittenFile } from "../files/index.ts";
import type { Hash } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import type { RunRows } from "./run-rows.ts";

/** So many texts are in memory at once. */
const AT_ONCE = 500;

/** The texts of values, in the order of their hashes, a few at a time. Values that are gone are passed over. */
export async function* textsOf(store: Store, hashes: readonly Hash[]): AsyncGenerator<readonly [Hash, string]> {
  for (let start = 0; start < hashes.length; start += AT_ONCE) {
    const some = hashes.slice(start, start + AT_ONCE);
    const texts = await store.findValues(some);
    for (const hash of some) {
      const text = texts.get(hash);
      if (text !== undefined) yield [hash, text];
    }
  }
}

/** The values of a run that are traces of async bodies: in them expressions stand as text. */
export function tracesOf({ calls }: Pick<RunRows, "calls">): ReadonlySet<Hash> {
  return new Set(calls.filter((call) => call.bodyKind === "trace").map((call) => call.bodyValue));
}

/** A trace as far as files can be in it; see `engine/trace.ts`. */
interface TraceText {
  readonly entries: readonly { readonly expr: string }[];
  readonly result: string;
}

/**
 * Looks at each file in the text of a value, and lets it be changed.
 *
 * @param trace - is it the trace of an async body?
 * @returns the text with what was changed
 */
export function withFiles(
  text: string,
  trace: boolean,
  visit: (file: WrittenFile, kind: "file" | "dir") => void,
): string {
  if (trace) {
    const read = JSON.parse(text) as TraceText;
    const entries = read.entries.map((entry) => ({ ...entry, expr: withFiles(entry.expr, false, visit) }));
    return JSON.stringify({ ...read, entries, result: withFiles(read.result, false, visit) });
  }
  if (!holdsFiles(text)) return text;
  const json: unknown = JSON.parse(text);
  eachWritten(json, visit);
  return JSON.stringify(json);
}
