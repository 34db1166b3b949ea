import { AMINO_ACIDS } from "./letters.ts";
import type { Alignment } from "./read.ts";

/** Writes an alignment as A3M without insertions, the query first. */
export function writeA3m({ names, columns, states, residues }: Alignment): string {
  const rows = names.map((name, m) => {
    const letters = Array.from(states.subarray(m * columns, (m + 1) * columns), (state) => AMINO_ACIDS[state] ?? "-");
    return `>${name}\n${m === 0 ? residues : letters.join("")}\n`;
  });
  return rows.join("");
}
