import { LigaseError } from "../kernel/index.ts";

/** An error in a command line: exit status 2. */
export function usageError(code: string, message: string, mend?: string, facts: object = {}): LigaseError {
  return new LigaseError(code, message, { facts: { ...facts, exitCode: 2 }, ...(mend !== undefined && { mend }) });
}
