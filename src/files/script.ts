import {
  checkScriptOptions,
  type Expr,
  type Interpolation,
  makeScript,
  type OutputSpec,
  type ScriptOptions,
} from "../expr/index.ts";
import type { OutputValue } from "./outputs.ts";
import { mapOutputs, plainOutputs } from "./spec.ts";

/** A template that gives a script: each gap takes text, a number, a file, or a list of them. */
export type ScriptTemplate<T> = (parts: TemplateStringsArray, ...values: readonly Interpolation[]) => Expr<T>;

/**
 * Runs a script in a process and a directory of its own. Every value is quoted for the shell; a
 * `File` (or a lazy value of one) is staged and replaced by its path. Backslashes mean what they
 * mean in a shell: only a backtick and `${` need one for JavaScript. It runs under
 * `set -euo pipefail`.
 *
 * Given options first, its value is the files named in `outputs`; without, what it wrote to
 * stdout, as text.
 *
 * @throws LigaseError `LIGASE_E_SCRIPT`, naming the value, when one cannot be interpolated or stands
 * inside quotes; `LIGASE_E_OPTION` for an unknown option; `LIGASE_E_OUTPUT_OUTSIDE` for an output
 * outside of the work directory
 * @example
 * ```ts
 * const { bam } = script({ outputs: { bam: { file: "out.bam", sidecars: "out.bam.bai" } } })`
 *   samtools sort -o out.bam ${sam}
 *   samtools index out.bam
 * `;
 * const count = lift(Number)(script`samtools view -c ${bam}`);
 * ```
 */
export function script(parts: TemplateStringsArray, ...values: readonly Interpolation[]): Expr<string>;
export function script<const S extends OutputSpec>(
  options: ScriptOptions<S> & { readonly outputs: S },
): ScriptTemplate<OutputValue<S>>;
export function script(options: ScriptOptions & { readonly outputs?: undefined }): ScriptTemplate<string>;
export function script(given: TemplateStringsArray | ScriptOptions, ...values: readonly Interpolation[]): unknown {
  if (isTemplate(given)) return makeScript({}, given.raw, values);
  checkScriptOptions(given);
  const options = given.outputs === undefined ? given : { ...given, outputs: plainSpec(given.outputs) };
  return (parts: TemplateStringsArray, ...values: readonly Interpolation[]) => makeScript(options, parts.raw, values);
}

/** The outputs as they are stored; a name that leads out of the work directory is found here, where it stands. */
function plainSpec(outputs: OutputSpec): OutputSpec {
  const plain = plainOutputs(outputs);
  mapOutputs(plain, () => undefined);
  // What was text or an object is so still.
  return plain as OutputSpec;
}

function isTemplate(given: TemplateStringsArray | ScriptOptions): given is TemplateStringsArray {
  return Array.isArray(given) && "raw" in given;
}
