import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** Of a long log so many bytes of its beginning and of its end are looked at. */
const MOST_BYTES = 64 * 1024;
/** Of a long line so many characters: a message is shorter. */
const LONGEST_LINE = 500;

/** An error in what a job wrote. */
export interface FirstError {
  readonly text: string;
  /** Counted from 1; nothing where the log is too long to count. */
  readonly line: number | undefined;
}

/** The lines of a log, for patterns to be looked for in; nothing of one that is gone. */
export interface Output {
  readonly lines: readonly string[];
  /** Are they all there are? */
  readonly whole: boolean;
}

/** Reads a log. Of a progress bar the last state is left, but a carriage return inside of quotes is kept: it may be the cause. */
export function readOutput(path: string | null | undefined): Output {
  if (path === null || path === undefined) return { lines: [], whole: true };
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return { lines: [], whole: false };
  }
  try {
    const { size } = fstatSync(file);
    const part = (from: number, length: number): string => {
      const bytes = Buffer.alloc(length);
      return bytes.toString("utf8", 0, readSync(file, bytes, 0, length, from));
    };
    if (size <= 2 * MOST_BYTES) return { lines: linesOf(part(0, size)), whole: true };
    return { lines: [...linesOf(part(0, MOST_BYTES)), ...linesOf(part(size - MOST_BYTES, MOST_BYTES))], whole: false };
  } finally {
    closeSync(file);
  }
}

/** Text as lines that can be searched. */
export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => {
    const last = line
      .slice(0, 4 * LONGEST_LINE)
      .replace(/\r+$/, "")
      .split(/\r(?!["'’`:])/)
      .at(-1)!;
    return stripVTControlCharacters(last).slice(0, LONGEST_LINE);
  });
}

const ERROR =
  /^\[E::|\b(?:error|fatal|exception|fail(?:ed|ure|s)?|cannot|can't|couldn't|could not|unable to|abort(?:ed|ing)?|killed|not found|no such|denied|invalid|unrecogni[sz]ed|truncated|unbound)\b|\w(?:Error|Exception):/i;
/** What only sounds like one. */
const NO_ERROR = /^\[[MW]::|\bwarn(?:ing)?\b|\b(?:0|no) (?:errors|failures)\b/i;

/** The first line that tells of an error: what comes after is often its consequence. Of a trace of Python, the exception. */
export function firstError({ lines, whole }: Output): FirstError | undefined {
  const trace = lines.findIndex((line) => line.startsWith("Traceback (most recent call last)"));
  const at = lines.findIndex((line, i) => ERROR.test(line) && !NO_ERROR.test(line) && (trace === -1 || i < trace));
  const raised = trace === -1 ? -1 : lines.findIndex((line, i) => i > trace && /^\S/.test(line));
  const index = at !== -1 ? at : raised;
  const text = lines[index];
  return text === undefined ? undefined : { text, line: whole ? index + 1 : undefined };
}
