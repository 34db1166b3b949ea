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

/** An endpoint or a web app of a Python app as `ligase.describe_app` tells of it. */
export interface DescribedEndpoint {
  readonly kind: "queue" | "web";
  readonly name: string;
  /** The variable in the app. */
  readonly export: string;
  /** Relative to the project. */
  readonly module: string;
  /** Null where a function answers. */
  readonly command: readonly string[] | null;
  readonly doc: string;
  /** As they are written in TypeScript; an image by its definition. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: readonly string[] | null;
  readonly input: Readonly<Record<string, unknown>> | null;
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

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/**
 * Reads what a Python app said of its endpoints.
 *
 * @throws LigaseError `LIGASE_E_PYTHON` where it says something else
 */
export function readDescribedEndpoints(endpoints: unknown): readonly DescribedEndpoint[] {
  if (!Array.isArray(endpoints)) throw notUnderstood();
  return endpoints.map((one: unknown) => {
    if (!isRecord(one)) throw notUnderstood();
    const { kind, name, export: exported, module, command, doc, options, parameters, input } = one;
    if (
      (kind !== "queue" && kind !== "web") ||
      typeof name !== "string" ||
      typeof exported !== "string" ||
      typeof module !== "string" ||
      !(command === null || isTexts(command)) ||
      !(parameters === null || isTexts(parameters)) ||
      !(input === null || isRecord(input)) ||
      !isRecord(options)
    ) {
      throw notUnderstood();
    }
    const said = typeof doc === "string" ? doc : "";
    return { kind, name, export: exported, module, command, doc: said, options, parameters, input };
  });
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
