/** A contact as people read it. */
export interface RankedContact {
  /** Numbers of residues. */
  readonly i: number;
  readonly j: number;
  /** Their letters: `LV`. */
  readonly residues: string;
  readonly score: number;
  readonly confidence: number;
  /** How far their Cα atoms are apart in the model, in Å. */
  readonly distance: number;
}

/** Writes contacts as a table with tabs, the strongest first. */
export function writeTable(contacts: readonly RankedContact[]): string {
  const header = ["rank", "i", "j", "residues", "score", "confidence", "distance"];
  const rows = contacts.map((each, rank) => [
    rank + 1,
    each.i,
    each.j,
    each.residues,
    each.score.toFixed(4),
    each.confidence.toFixed(3),
    each.distance.toFixed(1),
  ]);
  return [header, ...rows].map((row) => `${row.join("\t")}\n`).join("");
}
