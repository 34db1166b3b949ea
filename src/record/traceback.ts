/** So many lines of a traceback are shown, of them so many of its beginning. */
const MOST_LINES = 30;
const FIRST_LINES = 8;

/**
 * The stack of an error that Python raised, line by line as Python shows it; the middle of a long one is left out.
 * Undefined for the stack of another language.
 *
 * @example
 * ```ts
 * tracebackLines('Traceback (most recent call last):\n  File "app.py", line 3, in f\nValueError: no\n');
 * // ["Traceback (most recent call last):", '  File "app.py", line 3, in f', "ValueError: no"]
 * ```
 */
export function tracebackLines(stack: string): string[] | undefined {
  // Of a module with wrong syntax nothing was called: Python shows the place alone.
  if (!/^\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):|^ {2}File ".*", line \d+/.test(stack)) {
    return undefined;
  }
  const lines = stack.trimEnd().split("\n");
  if (lines.length <= MOST_LINES) return lines;
  const last = MOST_LINES - FIRST_LINES - 1;
  const left = lines.length - FIRST_LINES - last;
  return [...lines.slice(0, FIRST_LINES), `  … ${left} more lines`, ...lines.slice(-last)];
}
