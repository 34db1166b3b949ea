import { isAbsolute } from "node:path";
import { LigaseError } from "../../kernel/index.ts";

/** A function of a Python program as `ligase.describe` tells of it; see `python/PROTOCOL.md`. */
export interface Described {
  readonly name: string;
  /** Relative to the project; absolute when it lies outside. */
  readonly module: string;
  readonly function: string;
  /** Absolute. */
  readonly file: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads what a Python program said of its functions. Those outside of the project, as of an installed package, are left out.
 *
 * @throws LigaseError `LIGASE_E_PYTHON` where it says something else
 */
export function readDescribed(functions: unknown): readonly Described[] {
  if (!Array.isArray(functions)) throw notUnderstood();
  return functions.map(readOne).filter(({ module }) => !isAbsolute(module) && !module.startsWith(".."));
}

function readOne(one: unknown): Described {
  if (!isRecord(one)) throw notUnderstood();
  const { name, module, function: fn, file, options } = one;
  if (typeof name !== "string" || typeof module !== "string" || typeof fn !== "string" || typeof file !== "string") {
    throw notUnderstood();
  }
  return { name, module, function: fn, file, options: isRecord(options) ? options : {} };
}

function notUnderstood(): LigaseError {
  return new LigaseError(
    "LIGASE_E_PYTHON",
    "the Python package of Ligase says something that this version does not know",
    {
      mend: "install the Python package that came with this version of Ligase: its folder python",
    },
  );
}
