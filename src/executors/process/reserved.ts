import type { ScriptSpec } from "../../expr/script.ts";
import { mapOutputs } from "../../files/index.ts";

const OURS = [
  ".command.sh",
  ".command.out",
  ".command.err",
  ".command.py",
  ".command.R",
  ".command.mjs",
  ".command.script",
  ".command.tmp",
  ".command.left",
  ".command.enclosure",
];

/**
 * Names that no staged input may take: those the script declares to write (a redirection onto a
 * link would overwrite the user's file), and those of the executor.
 */
export function reservedNames({ outputs }: Pick<ScriptSpec, "outputs">): string[] {
  const names = [...OURS];
  if (outputs === undefined) return names;
  mapOutputs(outputs, (pattern) => {
    for (const { glob } of [pattern, ...pattern.sidecars]) if (glob.literal !== undefined) names.push(glob.literal);
  });
  return names;
}
