import { type DiffLine, diffLines } from "../../record/text-diff.ts";
import type { Paint } from "../terminal/terminal.ts";

/** So many lines around a change are shown with it. */
const CONTEXT = 2;

/**
 * A comparison for the screen: the changes, with a little of what is around them.
 *
 * @param before - nothing for a text that is new
 * @param after - nothing for one that is gone
 */
export function diffReport(before: string | undefined, after: string | undefined, paint: Paint): string[] {
  const all = (text: string, kind: DiffLine["kind"]): DiffLine[] =>
    text.split("\n").map((line) => ({ kind, text: line }));
  const lines =
    before === undefined
      ? all(after ?? "", "new")
      : after === undefined
        ? all(before, "gone")
        : diffLines(before, after);
  const isNear = (i: number): boolean =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((line) => line.kind !== "same");
  const shown: string[] = [];
  let skipped = false;
  for (const [i, { kind, text }] of lines.entries()) {
    if (!isNear(i)) {
      skipped = true;
      continue;
    }
    if (skipped && shown.length > 0) shown.push(paint("dim", "  ⋮"));
    skipped = false;
    if (kind === "same") shown.push(`  ${text}`);
    else shown.push(kind === "gone" ? paint("bad", `- ${text}`) : paint("good", `+ ${text}`));
  }
  return shown;
}
