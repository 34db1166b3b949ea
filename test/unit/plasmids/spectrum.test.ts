import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { split } from "../../../examples/plasmid-embeddings/lib/chunks.ts";
import { cosine, spectrum } from "../../../examples/plasmid-embeddings/lib/kmers.ts";
import { nearestOf, nearestTable } from "../../../examples/plasmid-embeddings/lib/nearest.ts";

const dna = fc.string({ unit: fc.constantFrom("A", "C", "G", "T"), minLength: 10, maxLength: 400 });
const reverse = (sequence: string) =>
  sequence
    .split("")
    .reverse()
    .map((base) => ({ A: "T", C: "G", G: "C", T: "A" })[base])
    .join("");

describe("the spectrum", () => {
  test("counts a word and its reverse complement together", () => {
    // AC GT: AC, CG, GT; GT is AC on the other strand. Places for k = 2: AA AC AG AT CA CC CG GA GC TA.
    const counts = [0, 2, 0, 0, 0, 0, 1, 0, 0, 0];
    expect(spectrum("ACGT", 2)).toEqual(counts.map((count) => count / Math.sqrt(5)));
  });

  test.each([
    [1, 2],
    [2, 10],
    [3, 32],
    [4, 136],
    [5, 512],
    [6, 2080],
  ])("for k = %d has %d places", (k, size) => {
    expect(spectrum("ACGT", k)).toHaveLength(size);
  });

  test("is the same on both strands, and of length 1", () => {
    fc.assert(
      fc.property(dna, fc.integer({ min: 1, max: 5 }), (sequence, k) => {
        const vector = spectrum(sequence, k);
        expect(spectrum(reverse(sequence), k)).toEqual(vector);
        expect(cosine(vector, vector)).toBeCloseTo(1);
      }),
    );
  });

  test("a letter that is no base parts the words around it", () => {
    expect(spectrum("AANCC", 2)).toEqual(spectrum("AANNNCC", 2));
    expect(spectrum("NNNN", 2)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  test.each([0, 9, 1.5])("k = %d is refused", (k) => {
    expect(() => spectrum("ACGT", k)).toThrow(/a whole number from 1 to 8/);
  });
});

describe("chunks", () => {
  test("put together are the sequence, each of the size but the last", () => {
    fc.assert(
      fc.property(dna, fc.integer({ min: 1, max: 500 }), (sequence, size) => {
        const chunks = split("p", sequence, size);
        expect(chunks.map((chunk) => chunk.sequence).join("")).toBe(sequence);
        expect(chunks.slice(0, -1).every((chunk) => chunk.sequence.length === size)).toBe(true);
        for (const { start, sequence: piece } of chunks) expect(sequence.startsWith(piece, start - 1)).toBe(true);
      }),
    );
  });
});

describe("the nearest", () => {
  test("is never itself, and is mutual for a pair", () => {
    const near = nearestOf([
      { id: "a", vector: [1, 0] },
      { id: "b", vector: [0.8, 0.6] },
      { id: "c", vector: [0, 1] },
      { id: "a", vector: [1, 0] },
    ]);
    expect(near.map(({ id, nearest }) => [id, nearest])).toEqual([
      ["a", "b"],
      ["b", "a"],
      ["c", "b"],
    ]);
    expect(nearestTable(near).split("\n")[1]).toBe("a\tb\t0.8000");
  });

  test("of one alone is none", () => {
    expect(nearestOf([{ id: "a", vector: [1] }])).toEqual([{ id: "a", nearest: "", similarity: 0 }]);
  });
});
