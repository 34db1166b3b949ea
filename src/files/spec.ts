import { LigaseError } from "../kernel/index.ts";
import { Glob } from "./glob.ts";

/** One thing that a script must leave, read from what people write. */
export interface OutputPattern {
  /** Where in the outputs it stands: `bam`, `reports[0]`; empty when it is all there is. */
  readonly field: string;
  /** As written. */
  readonly pattern: string;
  readonly glob: Glob;
  /** One path, or all that match. */
  readonly many: boolean;
  /** With a trailing slash: directories. */
  readonly directory: boolean;
  /** May it be missing? */
  readonly optional: boolean;
  /** Patterns of the files that travel with it. */
  readonly sidecars: readonly OutputPattern[];
}

/** An output that may be missing; see {@link optional}. Plain data: it is stored with the script. */
export interface OptionalOutput<S> {
  readonly "?": S;
}

/**
 * An output that a script may leave or not: its value is `undefined` (of a glob: an empty list)
 * when it did not.
 *
 * @example
 * ```ts
 * script({ outputs: { bam: "out.bam", log: optional("warnings.txt") } })`…`
 * ```
 */
export function optional<const S>(spec: S): OptionalOutput<S> {
  return { "?": spec };
}

function refuse(field: string, pattern: string, why: string, mend: string): never {
  const which = field === "" ? "the output" : `the output ${field}`;
  throw new LigaseError("LIGASE_E_OUTPUT_OUTSIDE", `${which} (${JSON.stringify(pattern)}) ${why}`, {
    facts: { field, pattern },
    mend,
  });
}

function readPattern(
  pattern: string,
  field: string,
  isOptional: boolean,
  sidecars: readonly OutputPattern[] = [],
): OutputPattern {
  const mend = "name a path in the directory the script runs in, such as results/out.bam";
  if (pattern === "" || pattern.includes("\0")) refuse(field, pattern, "names no file", mend);
  if (pattern.startsWith("/"))
    refuse(field, pattern, "is an absolute path: it lies outside of the work directory", mend);
  if (pattern.split("/").includes("..")) refuse(field, pattern, "leads out of the work directory", mend);
  const directory = pattern.endsWith("/");
  const glob = new Glob(pattern.replace(/\/+$/, ""));
  if (glob.literal === "" || glob.literal === ".") {
    refuse(field, pattern, "is the work directory itself", "write the files into a folder, and name that: results/");
  }
  return { field, pattern, glob, many: glob.literal === undefined, directory, optional: isOptional, sidecars };
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/**
 * Reads what people write as `outputs`, and makes of each pattern in it what is wanted; records
 * and lists keep their shape.
 *
 * @throws LigaseError `LIGASE_E_OUTPUT_OUTSIDE` for a path out of the work directory, `LIGASE_E_OUTPUTS` for what is no pattern
 */
export function mapOutputs(
  spec: unknown,
  make: (pattern: OutputPattern) => unknown,
  field = "",
  isOptional = false,
): unknown {
  if (typeof spec === "string") return make(readPattern(spec, field, isOptional));
  if (isList(spec)) return spec.map((part, i) => mapOutputs(part, make, `${field}[${i}]`, isOptional));
  if (!isRecord(spec)) {
    throw new LigaseError(
      "LIGASE_E_OUTPUTS",
      `the output${field && ` ${field}`} is ${String(spec)}, which names no file`,
      {
        facts: { field },
        mend: 'give a file name, a pattern ("*.bam"), a folder ("qc/"), or a record or list of these',
      },
    );
  }
  const keys = Object.keys(spec);
  if (keys.length === 1 && keys[0] === "?") return mapOutputs(spec["?"], make, field, true);
  if (keys.length === 2 && typeof spec["file"] === "string" && "sidecars" in spec) {
    const sidecars: OutputPattern[] = [];
    mapOutputs(
      spec["sidecars"],
      (side) => sidecars.push(side),
      field === "" ? "sidecars" : `${field}.sidecars`,
      isOptional,
    );
    return make(readPattern(spec["file"], field, isOptional, sidecars));
  }
  return Object.fromEntries(
    keys.map((key) => [key, mapOutputs(spec[key], make, field === "" ? key : `${field}.${key}`, isOptional)]),
  );
}
