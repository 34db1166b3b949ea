import type { WrittenFile } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { NamedParameter } from "../../record/index.ts";

/**
 * The arguments of a run as a params file of `ligase run` says them.
 *
 * @param args - the arguments, parsed
 * @param place - where a file lies in the bundle
 * @throws LigaseError `LIGASE_E_NOT_BUNDLED` for a value that a params file cannot say
 */
export function paramsOf(
  args: readonly unknown[],
  names: readonly NamedParameter[],
  place: (file: WrittenFile) => string,
): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = {};
  args.forEach((json, i) => {
    const name = names[i]?.name;
    if (name === undefined) throw notSaid(`argument ${i + 1}`, "its parameter has no name in the recorded code");
    const value = plain(json, name === "" ? `argument ${i + 1}` : name, place);
    if (value === undefined) return;
    // A parameter that is taken apart at once: its fields are the parameters.
    if (name === "") Object.assign(params, value);
    else params[name] = value;
  });
  return params;
}

function plain(json: unknown, where: string, place: (file: WrittenFile) => string): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((item, i) => plain(item, `${where}[${i}]`, place));
  if ("$" in json) {
    const { $: tag, v } = json as { $: unknown; v?: unknown };
    // A file with its path, which the codec has written; see `files/codec.ts`.
    if (tag === "file" || tag === "dir") return place(v as WrittenFile);
    if (tag === "undefined") return undefined;
    if (tag === "date" && typeof v === "number") return new Date(v).toISOString();
    if (tag === "object") return plain(v, where, place);
    throw notSaid(where, `it is a value of the kind ${String(tag)}, which a params file cannot say`);
  }
  return Object.fromEntries(
    Object.entries(json).map(([field, part]) => [field, plain(part, `${where}.${field}`, place)]),
  );
}

function notSaid(where: string, why: string): LigaseError {
  return new LigaseError("LIGASE_E_NOT_BUNDLED", `the run cannot be bundled: ${where}: ${why}`, {
    facts: { argument: where },
    mend: "let its task take text, numbers, files, and lists and records of these",
  });
}
