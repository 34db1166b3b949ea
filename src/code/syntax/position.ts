import { LigaseError } from "../../kernel/index.ts";

/** A text with a name that people know it by. */
export interface SourceText {
  /** Relative to the project, with `/`. */
  readonly id: string;
  readonly source: string;
}

/** A place in a text, counted from 1 as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where an offset is. */
export function positionAt(source: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = source.indexOf("\n"); at !== -1 && at < offset; at = source.indexOf("\n", start)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The lines around a place, with a mark below it. */
export function codeFrame(source: string, { line, column }: Position): string {
  const lines = source.split("\n");
  const first = Math.max(1, line - 1);
  const last = Math.min(lines.length, line + 1);
  const width = String(last).length;
  const frame: string[] = [];
  for (let n = first; n <= last; n++) {
    const text = (lines[n - 1] ?? "").replace(/\r$/, "");
    frame.push(`${n === line ? ">" : " "} ${String(n).padStart(width)} | ${text}`.trimEnd());
    if (n === line) {
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
      frame.push(`  ${" ".repeat(width)} | ${indent}^`);
    }
  }
  return frame.join("\n");
}

/** An error about a place in the user's code: file, line and column first, the lines around it below. */
export function sourceError(
  code: string,
  message: string,
  at: SourceText,
  offset: number,
  options: { readonly mend?: string; readonly facts?: Readonly<Record<string, unknown>> } = {},
): LigaseError {
  const position = positionAt(at.source, offset);
  return new LigaseError(
    code,
    `${at.id}:${position.line}:${position.column}: ${message}\n${codeFrame(at.source, position)}`,
    {
      ...(options.mend !== undefined && { mend: options.mend }),
      facts: { file: at.id, ...position, ...options.facts },
    },
  );
}
