import { errorFacts, LigaseError } from "../../kernel/index.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Prints an error: what it is, and what to do about it. Stack traces of the user's own code are
 * shown with their lines; ours only with `--debug`.
 */
export async function printError(error: unknown, terminal: Terminal, debug = false): Promise<void> {
  const { name, message, mend, stack, cause } = errorFacts(error);
  const known = error instanceof LigaseError;
  const [first, ...rest] = message.split("\n");
  const title = known ? first! : `${name}: ${first}`;
  terminal.note(`${terminal.style("bad", "error")} ${terminal.style("strong", title)}`);
  for (const line of rest) terminal.note(`  ${line}`);
  if (mend !== undefined) terminal.note(`  ${terminal.style("dim", mend)}`);
  if (!known && stack !== undefined) {
    const { mapStack } = await import("../../code/index.ts");
    for (const line of mapStack(stack).split("\n").filter((line) => /^\s+at /.test(line))) {
      terminal.note(terminal.style("dim", `  ${line.trim()}`));
    }
  }
  if (debug) {
    terminal.note(terminal.style("dim", stack ?? ""));
    if (cause) terminal.note(terminal.style("dim", `caused by ${cause.stack ?? cause.message}`));
  }
}
