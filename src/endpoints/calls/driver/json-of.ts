import { Dir, File } from "../../../files/index.ts";
import { LigaseError } from "../../../kernel/index.ts";

/**
 * A value as JSON for `output`: files are their paths, as in what `ligase run --json` prints.
 *
 * @throws LigaseError `LIGASE_E_UNSERIALISABLE` for what JSON cannot say: a function, a structure that holds itself
 */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(plain(value)) ?? "null";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LigaseError("LIGASE_E_UNSERIALISABLE", `JSON cannot say what the handler returned: ${why}`, {
      mend: "return plain objects, lists, text and numbers",
      cause: error,
    });
  }
}

function plain(value: unknown): unknown {
  if (value instanceof File || value instanceof Dir) return value.path;
  if (value instanceof Error) return { error: value.message };
  if (value instanceof Map) return [...value].map(plain);
  if (value instanceof Set) return [...value].map(plain);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  }
  return value;
}
