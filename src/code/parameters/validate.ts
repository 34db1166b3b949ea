import type { StandardSchemaV1 } from "@standard-schema/spec";
import { inputError, type Problem } from "./values.ts";

function pathOf(issue: StandardSchemaV1.Issue): (string | number)[] {
  return (issue.path ?? []).map((segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "number" ? key : String(key);
  });
}

/**
 * Validates the arguments of a task with its Standard Schemas.
 *
 * @param input - one schema for the first argument, or one for each
 * @param args - concrete values
 * @param names - of the parameters, for messages; empty for one that its fields stand for
 * @returns the arguments as the schemas return them: with their defaults, coerced, transformed
 * @throws LigaseError `LIGASE_E_INPUT` naming every place that a schema refuses, with its message
 */
export async function validateInput(
  input: StandardSchemaV1 | readonly StandardSchemaV1[],
  args: readonly unknown[],
  names: readonly string[] = [],
): Promise<unknown[]> {
  const schemas = "~standard" in input ? [input] : input;
  const problems: Problem[] = [];
  const valid = await Promise.all(
    schemas.map(async (schema, i): Promise<unknown> => {
      const result = await schema["~standard"].validate(args[i]);
      if (!result.issues) return result.value;
      const name = names[i] ?? (schemas.length > 1 ? `argument${i + 1}` : "");
      for (const issue of result.issues) {
        problems.push({
          path: [...(name === "" ? [] : [name]), ...pathOf(issue)],
          message: `is not valid: ${issue.message}`,
        });
      }
      return undefined;
    }),
  );
  if (problems.length > 0) throw inputError(problems);
  const checked = [...valid, ...args.slice(schemas.length)];
  // An optional argument that was not given stays away: it is no part of the call's identity.
  while (checked.length > args.length && checked.at(-1) === undefined) checked.pop();
  return checked;
}
