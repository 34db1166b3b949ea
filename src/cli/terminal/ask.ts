import { createInterface } from "node:readline/promises";
import type { Terminal } from "./terminal.ts";

/** Is somebody there who can be asked? */
export function canAsk(terminal: Pick<Terminal, "live">): boolean {
  return terminal.live && process.stdin.isTTY;
}

/** Asks a question that is answered with yes or no; an empty answer, and the end of the input, are no. */
export async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
