import type { Paint } from "../terminal/terminal.ts";

/** A part of a tree: its lines, and what is below it. */
export interface Branch {
  readonly lines: readonly string[];
  readonly below: readonly Branch[];
}

/** Lines of branches, joined by strokes. */
export function outline(branches: readonly Branch[], paint: Paint, indent = ""): string[] {
  return branches.flatMap(({ lines, below }, i) => {
    const isLast = i === branches.length - 1;
    const rest = indent + (isLast ? "   " : `${paint("dim", "│")}  `);
    const more = below.length > 0 ? paint("dim", "│") : " ";
    return [
      ...lines.map((line, at) =>
        at === 0 ? `${indent}${paint("dim", isLast ? "└─" : "├─")} ${line}` : `${rest}${more}  ${line}`,
      ),
      ...outline(below, paint, rest),
    ];
  });
}
