import type { Paint } from "../terminal/terminal.ts";

/** One line of a comparison. */
export interface DiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** Texts with more lines are not compared: the table below would have a hundred million fields. */
const MOST_LINES = 5000;
/** So many lines around a change are shown with it. */
const CONTEXT = 2;

/**
 * Compares two texts line by line: what they have in common is a longest common subsequence of their lines.
 *
 * @example
 * ```ts
 * diffLines("a\nb", "a\nc"); // same a, gone b, new c
 * ```
 */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  if (Math.max(a.length, b.length) > MOST_LINES) {
    return [
      ...a.map((text): DiffLine => ({ kind: "gone", text })),
      ...b.map((text): DiffLine => ({ kind: "new", text })),
    ];
  }
  // Length of a longest common subsequence of what remains from line i of one and line j of the other.
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i++]! });
      j++;
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      lines.push({ kind: "gone", text: a[i++]! });
    } else lines.push({ kind: "new", text: b[j++]! });
  }
  return lines;
}

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
