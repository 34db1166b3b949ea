/** Stands for a value while the text around it is treated as one. */
const GAP = "\0";

/**
 * The text of a template as the shell should see it: backslashes are kept as they were written
 * (so that `\t`, `\(` and line continuations mean what they mean in a shell), except those that
 * JavaScript needs before a backtick and before `${`. Indentation that all lines share is taken
 * away, and so are the first line when it is empty, and blanks at the end: formatting the source
 * runs nothing again.
 *
 * @param raw - the parts as they were written
 * @returns as many parts
 */
export function scriptText(raw: readonly string[]): string[] {
  const text = raw
    .map((part) => part.replace(/\\(`|\$\{)/g, "$1").replace(/\$\\\{/g, "${"))
    .join(GAP)
    .replace(/^[ \t]*\n/, "")
    .trimEnd();
  const indents = text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [/^[ \t]*/.exec(line)![0]]));
  let common = indents[0] ?? "";
  for (const indent of indents) while (!indent.startsWith(common)) common = common.slice(0, -1);
  const lines = text.split("\n").map((line) => (line.startsWith(common) ? line.slice(common.length) : ""));
  return `${lines.join("\n")}\n`.split(GAP);
}
