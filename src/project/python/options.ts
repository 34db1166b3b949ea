import { checkOptions } from "../../expr/check-options.ts";
import type { AttemptContext, TaskOptions } from "../../expr/options.ts";
import { Image } from "../../images/index.ts";

/**
 * The options of a function in Python, as `task()` takes them: images by their definitions, `{ attempts: […] }` as a function
 * of the attempt.
 *
 * @throws LigaseError `LIGASE_E_OPTION`, `LIGASE_E_IMAGE_DEFINITION`
 */
export function readOptions(written: Readonly<Record<string, unknown>>, task: string): TaskOptions {
  const options = Object.fromEntries(Object.entries(written).map(([name, value]) => [name, readOption(name, value)]));
  const { stub: _, ...checked } = checkOptions(options, task);
  return checked;
}

function readOption(name: string, value: unknown): unknown {
  if (name === "image") return Image.fromJSON(value);
  if (typeof value !== "object" || value === null || !("attempts" in value)) return value;
  const values: unknown = value.attempts;
  if (!Array.isArray(values) || values.length === 0) return value;
  return ({ attempt }: AttemptContext): unknown => values[Math.min(attempt, values.length) - 1];
}
