/**
 * Which plasmids resemble which, by the embeddings of their chunks. Knows nothing of workflows.
 *
 * @module
 */
import { centroid, cosine } from "./kmers.ts";

/** The embedding of one chunk of a plasmid. */
export interface Embedded {
  readonly id: string;
  readonly vector: readonly number[];
}

/** A plasmid with the one most like it. */
export interface Neighbour {
  readonly id: string;
  /** Empty where there is no other. */
  readonly nearest: string;
  /** Cosine of their embeddings: 1 for equal ones. */
  readonly similarity: number;
}

/** The nearest other plasmid of each, in the order in which they come; of equals the first. */
export function nearestOf(embedded: readonly Embedded[]): Neighbour[] {
  const groups = [...Map.groupBy(embedded, ({ id }) => id)].map(
    ([id, chunks]) => [id, centroid(chunks.map(({ vector }) => vector))] as const,
  );
  return groups.map(([id, vector]) => {
    let nearest = { id, nearest: "", similarity: 0 };
    for (const [other, theirs] of groups) {
      const similarity = cosine(vector, theirs);
      if (other !== id && (nearest.nearest === "" || similarity > nearest.similarity)) {
        nearest = { id, nearest: other, similarity };
      }
    }
    return nearest;
  });
}

/** The table as tab-separated text with a heading. */
export function nearestTable(neighbours: readonly Neighbour[]): string {
  const rows = neighbours.map(({ id, nearest, similarity }) => [id, nearest, similarity.toFixed(4)]);
  return [["plasmid", "nearest", "similarity"], ...rows].map((row) => `${row.join("\t")}\n`).join("");
}
