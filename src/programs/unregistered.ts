import { LigaseError } from "../kernel/index.ts";

/** The error of a program that was not read before it started. */
export function unregistered(): LigaseError {
  return new LigaseError("LIGASE_E_UNREGISTERED", "run() needs to have read this program's tasks before it started", {
    mend: 'put import "ligase/register" first in the program, or start it with: node --import ligase/register app.ts',
  });
}
