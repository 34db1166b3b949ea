import { diffLines } from "../../record/text-diff.ts";
import type { Paint } from "../terminal/terminal.ts";

/** So many lines around a change are shown with it. */
const CONTEXT = 2;

/** A comparison for the screen: the changes, with a little of what is around them. */
export function diffReport(before: string, after: string, paint: Paint): string[] {
  const lines = diffLines(before, after);
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
