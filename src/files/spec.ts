import { LigaseError } from "../kernel/index.ts";
import { Glob } from "./glob.ts";
import { givenName, Output, type OutputOptions, saidType } from "./output.ts";

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
  /** Of a file, or a folder as a zip file, that is handed to people: a path, whatever lies there. */
  readonly shared: OutputOptions | undefined;
}

/** An output of a script that is handed to people, as it is stored with the script; people write `output("plot.svg")`. */
interface SharedOutput {
  readonly "^": string;
  readonly mediaType?: string;
}

/**
 * Makes plain data of what people write as `outputs`: each `output(…)` in it becomes what is stored.
 *
 * @throws LigaseError `LIGASE_E_OUTPUTS` for an output of a file that is there already
 */
export function plainOutputs(spec: unknown): unknown {
  if (spec instanceof Output) return sharedOutput(spec);
  if (isList(spec)) return spec.map(plainOutputs);
  if (!isRecord(spec)) return spec;
  return Object.fromEntries(Object.entries(spec).map(([key, part]) => [key, plainOutputs(part)]));
}

function sharedOutput(output: Output): SharedOutput {
  const name = givenName(output);
  const mediaType = saidType(output);
  if (name !== undefined) return { "^": name, ...(mediaType !== undefined && { mediaType }) };
  throw new LigaseError("LIGASE_E_OUTPUTS", `the outputs name ${output.path}, which the script does not write`, {
    facts: { path: output.path },
    mend: 'name it as the script does: output("plot.svg")',
  });
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
  { sidecars = [], shared }: Partial<Pick<OutputPattern, "sidecars" | "shared">> = {},
): OutputPattern {
  const mend = "name a path in the directory the script runs in, such as results/out.bam";
  if (pattern === "" || pattern.includes("\0")) refuse(field, pattern, "names no file", mend);
  if (pattern.startsWith("/"))
    refuse(field, pattern, "is an absolute path: it lies outside of the work directory", mend);
  if (pattern.split("/").includes("..")) refuse(field, pattern, "leads out of the work directory", mend);
  const directory = shared === undefined && pattern.endsWith("/");
  const path = pattern.replace(/\/+$/, "");
  const glob = new Glob(shared ? path.replaceAll(/[\\*?[\]{}]/g, String.raw`\$&`) : path);
  if (glob.literal === "" || glob.literal === ".") {
    refuse(field, pattern, "is the work directory itself", "write the files into a folder, and name that: results/");
  }
  return { field, pattern, glob, many: glob.literal === undefined, directory, optional: isOptional, sidecars, shared };
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
    return make(readPattern(spec["file"], field, isOptional, { sidecars }));
  }
  if (typeof spec["^"] === "string") {
    const { mediaType } = spec;
    return make(
      readPattern(spec["^"], field, isOptional, { shared: typeof mediaType === "string" ? { mediaType } : {} }),
    );
  }
  return Object.fromEntries(
    keys.map((key) => [key, mapOutputs(spec[key], make, field === "" ? key : `${field}.${key}`, isOptional)]),
  );
}
