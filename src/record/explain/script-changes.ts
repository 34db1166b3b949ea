import { type Difference, differences } from "./differences.ts";

/** What a script's one argument is, as the codec writes it; see `ScriptSpec`. */
interface Spec {
  readonly parts: readonly string[];
  readonly values: readonly unknown[];
}

function isSpec(json: unknown): json is Spec {
  return typeof json === "object" && json !== null && "parts" in json && "values" in json;
}

/** A gap in a script, for people. */
const GAP = "${…}";

/**
 * The places at which two calls of a script differ: its text as a whole, its values by what stands before them in the
 * text, and its options by name.
 *
 * @param before - its arguments, as the codec writes them
 */
export function scriptDifferences(before: string, after: string): readonly Difference[] {
  const [a, b] = [specIn(before), specIn(after)];
  if (!a || !b) return differences(before, after);
  const found: Difference[] = [];
  const [x, y] = [a.parts.join(GAP), b.parts.join(GAP)];
  if (x !== y) {
    found.push({ path: "script", steps: [0, "parts"], before: x, after: y, texts: { before: x, after: y } });
  }
  const { parts: _, values: valuesBefore, ...optionsBefore } = a;
  const { parts: __, values: valuesAfter, ...optionsAfter } = b;
  // Gaps of another text stand for other things.
  if (x === y) {
    const names = b.parts.slice(0, -1).map((part, i) => `value ${i + 1}${context(part)}`);
    for (const difference of differences(JSON.stringify(valuesBefore), JSON.stringify(valuesAfter), names)) {
      found.push({ ...difference, steps: [0, "values", ...difference.steps] });
    }
  }
  for (const difference of differences(JSON.stringify(optionsBefore), JSON.stringify(optionsAfter))) {
    found.push({ ...difference, steps: [0, ...difference.steps] });
  }
  return found;
}

function specIn(args: string): Spec | undefined {
  const json: unknown = JSON.parse(args);
  const spec: unknown = Array.isArray(json) ? json[0] : undefined;
  return isSpec(spec) ? spec : undefined;
}

/** The last word or two before a gap: `samtools view -b ${…}`. */
function context(part: string): string {
  const words = part.trimEnd().split("\n").at(-1)!.trim().split(/\s+/).slice(-2).join(" ");
  return words === "" ? "" : ` (after ${words})`;
}
