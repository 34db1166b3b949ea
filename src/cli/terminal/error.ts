import { errorFacts, LigaseError } from "../../kernel/index.ts";
import { tracebackLines } from "../../record/traceback.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Prints an error: what it is, what to do about it, and the code to look it up by. Stack traces of the user's own code
 * are shown with their lines; ours only with `--debug`.
 */
export async function printError(error: unknown, terminal: Terminal, debug = false): Promise<void> {
  const { name, message, mend, stack, cause } = errorFacts(error);
  const { style, note } = terminal;
  const known = error instanceof LigaseError;
  const [first = "", ...rest] = message.split("\n");
  note(`${style("bad", "error")} ${style("strong", known ? first : `${name}: ${first}`)}`);
  for (const line of rest) note(`  ${line}`);
  if (mend !== undefined) note(`  ${style("dim", mend)}`);
  const traceback = stack === undefined ? undefined : tracebackLines(stack);
  if (traceback) {
    // Who wants to show it in the message has done so.
    if (rest.length === 0) for (const line of traceback) note(style("dim", `  ${line}`));
  } else if (!known && stack !== undefined) {
    for (const frame of await userFrames(stack)) note(style("dim", `  at ${frame}`));
  }
  if (known) note(`  ${style("dim", error.code)}`);
  if (debug) {
    note(style("dim", stack ?? ""));
    if (cause) note(style("dim", `caused by ${cause.stack ?? cause.message}`));
  }
}

/** The frames of a stack trace that lie in the user's own code, with their own lines. */
export async function userFrames(stack: string): Promise<string[]> {
  const { mapStack } = await import("../../code/index.ts");
  return mapStack(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !line.includes("(<anonymous>)"))
    .map((line) => line.trim().replace(/^at /, ""));
}
