import { isFileTag, type WrittenFile } from "../files/written.ts";
import { LigaseError, nearest } from "../kernel/index.ts";
import { pathFrom } from "./path.ts";
import { locate, type Places, storedValueWith } from "./stored-value.ts";

/** A part of a stored value. */
export interface ValuePart {
  /** As plain data, in which files are their paths. */
  readonly data: unknown;
  /** Where it is, if it is a file or a folder: absolute, or a URL. */
  readonly place?: { readonly kind: "file" | "dir"; readonly path: string };
  /** What is in it, if it is bytes. */
  readonly bytes?: Uint8Array;
}

/**
 * Reads the way to a part of a value as people write it: `bam`, `samples[0].bam`, `samples.0.bam`, `["a.b"]`.
 *
 * @example
 * ```ts
 * readPath("samples[0].bam"); // ["samples", "0", "bam"]
 * ```
 */
export function readPath(text: string): readonly string[] {
  return Array.from(text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g), ([, quoted, bare]) =>
    quoted === undefined ? bare! : (JSON.parse(`"${quoted}"`) as string),
  );
}

/**
 * A part of a stored value. Nothing is revived, so it does not matter whether the code that made it is still there.
 *
 * @param text - as the codec writes it
 * @param path - the names and positions that lead to it; none for all of it
 * @param names - of the items of the outermost list: the parameters of a task
 * @param outputOf - says what stands in the data for a file that was handed to people; by default its path
 * @throws LigaseError `LIGASE_E_NO_FIELD`, with the nearest name or those that there are
 */
export function valuePart(
  text: string,
  path: readonly string[],
  places: Places,
  names: readonly string[] = [],
  outputOf?: (output: WrittenFile) => unknown,
): ValuePart {
  let json: unknown = JSON.parse(text);
  path.forEach((step, depth) => {
    const named = depth === 0 ? names.indexOf(step) : -1;
    const key = named === -1 ? step : String(named);
    const fields = fieldsOf(json);
    if (!fields || !Object.hasOwn(fields, key))
      throw noField(step, path.slice(0, depth), json, depth === 0 ? names : []);
    json = fields[key];
  });
  return partOf(json, places, outputOf);
}

/** The fields of a written object, the items of a list. */
function fieldsOf(json: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  if (!("$" in json)) return { ...json };
  // An object with a field of that very name is written apart.
  return json.$ === "object" && "v" in json ? { ...(json.v as object) } : undefined;
}

function noField(step: string, before: readonly string[], json: unknown, names: readonly string[]): LigaseError {
  const where = before.length === 0 ? "the value" : before.join(".");
  const facts = { field: step, exitCode: 2 };
  if (names.includes(step)) {
    return new LigaseError("LIGASE_E_NO_FIELD", `${step} was not given: its default was taken`, { facts });
  }
  const isList = Array.isArray(json);
  const known = isList ? names.slice(0, json.length) : Object.keys(fieldsOf(json) ?? {});
  const near = nearest(step, known);
  const mend =
    near !== undefined
      ? `did you mean ${near}?`
      : known.length > 0
        ? `there are ${known.slice(0, MOST_NAMES).join(", ")}${known.length > MOST_NAMES ? ", …" : ""}`
        : isList
          ? `it is a list of ${json.length}, counted from 0`
          : "it has no fields";
  return new LigaseError("LIGASE_E_NO_FIELD", `${where} has no field ${step}`, { mend, facts });
}

/** So many fields are named. */
const MOST_NAMES = 20;

function partOf(json: unknown, places: Places, outputOf?: (output: WrittenFile) => unknown): ValuePart {
  const place = (path: string): string => pathFrom(locate(path, places), process.cwd());
  const data = storedValueWith(JSON.stringify(json), place, outputOf);
  if (typeof json !== "object" || json === null || !("$" in json) || !("v" in json)) return { data };
  const { $: tag, v } = json;
  if (isFileTag(tag)) {
    return {
      data,
      place: { kind: tag === "dir" ? "dir" : "file", path: locate((v as { path: string }).path, places) },
    };
  }
  return tag === "bytes" ? { data, bytes: Buffer.from((v as [string, string])[1], "base64") } : { data };
}
