import { isRaw, type ScriptSpec } from "../../expr/index.ts";
import { Dir, File } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { cannotInterpolate, type Language, languageOf } from "./language.ts";

/** Where a staged file is, relative to the work directory. */
export type PathOf = (file: File | Dir) => string;

function refuse(gap: string, what: string): never {
  throw new LigaseError("LIGASE_E_SCRIPT", `${gap} of the script is ${what}`, {
    mend: "interpolate text, numbers, files, or lists of them ([] for nothing at all)",
  });
}

/** Writes one value the way the script's language writes it. */
function literal(value: unknown, gap: string, language: Language, pathOf: PathOf): string {
  if (value === null) return language.nothing;
  switch (typeof value) {
    case "string":
      return value.includes("\0") ? refuse(gap, "text with a NUL character in it") : language.text(value);
    case "number":
      return Number.isFinite(value) ? String(value) : refuse(gap, String(value));
    case "bigint":
      return String(value);
    case "boolean":
      return value ? language.yes : language.no;
    case "object":
      if (value instanceof File || value instanceof Dir) return language.text(pathOf(value));
      if (isRaw(value)) return rawText(value["!"], gap);
      if (Array.isArray(value)) return language.list(value.map((item) => literal(item, gap, language, pathOf)));
      return refuse(gap, "an object");
    default:
      return refuse(gap, typeof value === "undefined" ? "undefined" : `a ${typeof value}`);
  }
}

function rawText(text: unknown, gap: string): string {
  return typeof text === "string" || typeof text === "number" ? String(text) : refuse(gap, `raw(${typeof text})`);
}

/**
 * The text of a script with its values in place. For shells every value is one quoted word
 * (numbers bare, lists as several words, `false` and `null` as none); for Python, R and JavaScript
 * a literal of the language. `raw()` text goes in as it is.
 *
 * @throws LigaseError `LIGASE_E_SCRIPT`, naming the gap, for a value that cannot be written
 * @example
 * ```ts
 * renderScript({ parts: ["wc -l ", ""], values: ["it's"], interpreter: "bash" }, pathOf); // wc -l 'it'\''s'
 * ```
 */
export function renderScript(spec: Pick<ScriptSpec, "parts" | "values" | "interpreter">, pathOf: PathOf): string {
  const { parts, values, interpreter } = spec;
  const language = languageOf(interpreter);
  let text = parts[0] ?? "";
  values.forEach((value, i) => {
    const gap = `value ${i + 1}`;
    if (language) text += literal(value, gap, language, pathOf);
    else text += isRaw(value) ? rawText(value["!"], gap) : cannotInterpolate(interpreter, gap);
    text += parts[i + 1] ?? "";
  });
  return text;
}

/** All Files and Dirs that a script names, in order: what has to be staged. */
export function filesOf(spec: Pick<ScriptSpec, "values" | "inputs">): (File | Dir)[] {
  const found: (File | Dir)[] = [];
  const look = (value: unknown): void => {
    if (value instanceof File || value instanceof Dir) found.push(value);
    else if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      Object.values(value).forEach(look);
    }
  };
  spec.values.forEach(look);
  spec.inputs?.forEach(look);
  return found;
}
