/**
 * Sequences in pieces of a size that a model takes. Knows nothing of workflows.
 *
 * @module
 */

/** A piece of a sequence. */
export interface Chunk {
  /** The record it is of. */
  readonly id: string;
  /** Where it begins, counted from 1. */
  readonly start: number;
  readonly sequence: string;
}

/**
 * Cuts a sequence into pieces; the last may be shorter.
 *
 * @param size - bases of a piece, at least 1
 * @throws RangeError for a size that is none
 */
export function split(id: string, sequence: string, size: number): Chunk[] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`a chunk of ${size} bases: it is a whole number from 1`);
  return Array.from({ length: Math.ceil(sequence.length / size) }, (_, i) => ({
    id,
    start: i * size + 1,
    sequence: sequence.slice(i * size, (i + 1) * size),
  }));
}
