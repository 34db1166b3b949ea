import { LigaseError } from "../../kernel/index.ts";
import { argumentsOf, isGiven, slotsOf } from "../../code/parameters/index.ts";
import type { Parameter } from "../../expr/definition.ts";
import { Builder, missing } from "./build.ts";
import type { FlagContext, FlagProblem } from "./context.ts";
import { FlagNames } from "./names.ts";
import { readParamsFile } from "./params-file.ts";
import { makersAt } from "./paths.ts";
import { sortWords } from "./words.ts";

/** What a command line gives a task. */
export interface FlagValues {
  /** The arguments, in the order of the parameters; what was not given is left to the function's defaults. */
  readonly args: unknown[];
  /** The names that were given a value. */
  readonly given: readonly string[];
}

function flagError(taskName: string, problems: readonly FlagProblem[], context: FlagContext): LigaseError {
  const [only] = problems;
  const help = `${context.command ?? `ligase run … ${taskName}`} --help lists the flags`;
  const lines = problems.map(
    ({ where, message, mend }) => `${where} ${message}${mend === undefined ? "" : `; ${mend}`}`,
  );
  const text =
    problems.length === 1
      ? `${only!.where} ${only!.message}`
      : `${problems.length} things are wrong with the flags of ${taskName}:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new LigaseError("LIGASE_E_FLAG", text, {
    mend: (problems.length === 1 ? only!.mend : undefined) ?? help,
    facts: {
      exitCode: 2,
      task: taskName,
      problems: problems.map(({ where, message, mend }) => ({ where, message, ...(mend !== undefined && { mend }) })),
    },
  });
}

/**
 * Reads the arguments of a task from the words of a command line.
 *
 * - A parameter `sampleId` is `--sample-id s1` or `--sample-id=s1`; `-k 31` where it is called `k`.
 * - A list takes every word up to the next flag (`--reads *.fq`), may be repeated
 *   (`--reads a.fq --reads b.fq`), or is one JSON list. Commas do not part items.
 * - `--trim`, `--no-trim`, `--trim=false`. Only these are never positional.
 * - An object is given by its fields (`--sample.id s1`), as JSON (`--sample '{"id":"s1"}'`), or both;
 *   a record too, or as `--label batch=7`.
 * - Where several types may fit, the narrower does; text in JSON's quotes is text (`--x '"12"'`).
 * - `--params file` (YAML or JSON; `-` for stdin) gives everything in one place: paths in it start
 *   from its folder, flags win over it, a later file over an earlier one.
 * - `--params.NAME` gives the parameter NAME, whatever the command's own flags are called.
 * - Words without a flag fill, in order, the parameters that no flag named; after `--` every word is one.
 *
 * @param argv - without the command's own flags, which {@link splitFlags} takes away
 * @throws LigaseError `LIGASE_E_FLAG` (`facts.exitCode` 2) with everything that is wrong (`facts.problems`)
 * @example
 * ```ts
 * readFlags("align", parameters, ["--sample-id", "s1", "--reads", "a.fq", "b.fq"], context).args;
 * ```
 */
export function readFlags(
  taskName: string,
  parameters: readonly Parameter[],
  argv: readonly string[],
  context: FlagContext,
): FlagValues {
  const slots = slotsOf(parameters);
  const names = new FlagNames(slots, context.reserved);
  const problems: FlagProblem[] = [];
  const words = sortWords(names, argv, problems);
  const given = new Map(words.given);
  for (const file of words.paramsFiles) readParamsFile(file, slots, given, context.cwd, problems);

  const guessed = new Set(problems.map((problem) => problem.meant));
  const builder = new Builder(context.cwd, (base) => makersAt(context, base), names, problems);
  const values = new Map<(typeof slots)[number], unknown>();
  for (const slot of slots) {
    const part = given.get(slot);
    const isSaid = part && (part.words.length > 0 || part.fields.size > 0 || isGiven(slot.field, part.written?.value));
    if (isSaid) values.set(slot, builder.build(slot.field.type, part, slot));
    else if (!slot.field.optional && !guessed.has(slot)) {
      problems.push({ where: names.of(slot), message: missing(slot.field) });
    }
  }
  if (problems.length > 0) throw flagError(taskName, problems, context);
  return { args: argumentsOf(parameters, values), given: [...values.keys()].map((slot) => slot.name) };
}
