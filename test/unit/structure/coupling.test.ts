import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAlignment } from "../../../examples/structure/alignment/read.ts";
import { type Contact, correct, rankContacts } from "../../../examples/structure/coupling/contacts.ts";
import { cholesky, type Matrix, solveRows } from "../../../examples/structure/coupling/matrix.ts";
import { couplingScores } from "../../../examples/structure/coupling/meanfield.ts";
import { sequenceWeights } from "../../../examples/structure/coupling/weights.ts";
import { randomNumbers } from "../../../examples/structure/fold/random.ts";
import { type Planted, simulate } from "./potts.ts";

const family = (text: string) => readAlignment(text, { file: "simulated" });
const contactsOf = async (text: string): Promise<Contact[]> => {
  const alignment = family(text);
  const weights = await sequenceWeights(alignment);
  const depth = weights.reduce((sum, weight) => sum + weight, 0) / alignment.columns;
  return rankContacts(correct(await couplingScores(alignment, weights), alignment.columns), alignment.columns, depth);
};
const pairs = (contacts: readonly Planted[]) => contacts.map(({ i, j }) => `${i}-${j}`).toSorted();

/** Pairs of columns at least five apart, no column in two of them. */
function plant(columns: number, count: number, seed: number): Planted[] {
  const random = randomNumbers(seed);
  const planted: Planted[] = [];
  while (planted.length < count) {
    const [a, b] = [Math.floor(random() * columns), Math.floor(random() * columns)];
    const [i, j] = [Math.min(a, b), Math.max(a, b)];
    if (j - i >= 5 && planted.every((each) => ![each.i, each.j].some((at) => at === i || at === j))) {
      planted.push({ i, j });
    }
  }
  return planted;
}

describe("planted couplings", () => {
  test.each([1, 2, 3])("are the first of all that is found (seed %d)", async (seed) => {
    const planted = plant(40, 12, seed);
    const found = await contactsOf(simulate({ sequences: 400, columns: 40, planted, strength: 2, seed }));
    expect(pairs(found.slice(0, 12))).toEqual(pairs(planted));
    // What is real stands far above what comes after it.
    expect(found[11]!.score).toBeGreaterThan(2 * found[12]!.score);
    expect(found[11]!.confidence).toBeGreaterThan(0.9);
  });

  test("are told from those that only follow from them", async () => {
    // A chain of columns: each is coupled with the next, and so it correlates with the one after.
    const chain = [0, 7, 14, 21, 28, 35];
    const planted = chain.slice(1).map((j, at) => ({ i: chain[at]!, j }));
    const found = await contactsOf(simulate({ sequences: 800, columns: 40, planted, strength: 2.5, seed: 4 }));
    expect(pairs(found.slice(0, 5))).toEqual(pairs(planted));
    const indirect = found.find(({ i, j }) => j - i === 14 && i % 7 === 0);
    expect(indirect?.score ?? 0).toBeLessThan(found[4]!.score / 3);
  });

  test("are not made up where there are none", async () => {
    const found = await contactsOf(simulate({ sequences: 400, columns: 40, planted: [], strength: 0, seed: 5 }));
    expect(found.filter(({ confidence }) => confidence > 0.5)).toEqual([]);
  });
});

test("both ways to the couplings give the same", async () => {
  for (const [sequences, columns] of [
    [25, 15],
    [300, 10],
  ] as const) {
    const alignment = family(simulate({ sequences, columns, planted: [{ i: 1, j: 8 }], strength: 2, seed: 6 }));
    const weights = await sequenceWeights(alignment);
    const a = await couplingScores(alignment, weights, { by: "columns" });
    const b = await couplingScores(alignment, weights, { by: "sequences" });
    expect(Math.max(...a)).toBeGreaterThan(0.1);
    a.forEach((score, at) => expect(score).toBeCloseTo(b[at]!, 10));
  }
});

test("an alignment too large for the memory is refused, with what to do", async () => {
  const names = Array.from({ length: 12_001 }, (_, m) => `s${m}`);
  const alignment = { ...family(">q\nMKVLAWGHTR\n>a\nMRVLAWGHTR\n"), names, columns: 601 };
  await expect(couplingScores(alignment, new Float64Array(0))).rejects.toThrow(
    /601 columns of 12001 sequences would take 2\.2 GiB of memory; cut the alignment .*hhfilter/,
  );
});

describe("weights", () => {
  test("sequences that are alike share one", async () => {
    const q = "MKVLAWGHTR";
    // One of ten differs: 90 %. Two of ten: 80 %, which is alike still. Three of ten is not.
    const rows = [q, "MRVLAWGHTR", "MRVLAWGHTK", "AAAAAAAAAA"];
    const alignment = family(rows.map((row, m) => `>s${m}\n${row}\n`).join(""));
    expect([...(await sequenceWeights(alignment))]).toEqual([1 / 3, 1 / 3, 1 / 3, 1]);
    expect([...(await sequenceWeights(alignment, 0.85))]).toEqual([1 / 2, 1 / 3, 1 / 2, 1]);
  });

  test("a family that is sampled twice is worth no more", async () => {
    const text = simulate({ sequences: 30, columns: 30, planted: [], strength: 0, seed: 7 });
    const sum = async (each: string) =>
      (await sequenceWeights(family(each))).reduce((total, weight) => total + weight, 0);
    expect(await sum(text + text)).toBeCloseTo(await sum(text), 10);
  });
});

describe("linear algebra", () => {
  const square = fc.integer({ min: 1, max: 150 }).chain((n) => fc.tuple(fc.constant(n), fc.nat()));

  test("a factor times itself is the matrix, and its rows are solved", async () => {
    await fc.assert(
      fc.asyncProperty(square, async ([n, seed]) => {
        const random = randomNumbers(seed);
        const a: Matrix = { rows: n, columns: n, data: new Float64Array(n * n) };
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) a.data[i * n + j] = a.data[j * n + i] = i === j ? n + 1 : random() - 0.5;
        }
        const l = { ...a, data: a.data.slice() };
        await cholesky(l);
        const entry = (i: number, j: number) => {
          let sum = 0;
          for (let k = 0; k <= Math.min(i, j); k++) sum += l.data[i * n + k]! * l.data[j * n + k]!;
          return sum;
        };
        const inverse: Matrix = { rows: n, columns: n, data: new Float64Array(n * n) };
        for (let i = 0; i < n; i++) inverse.data[i * n + i] = 1;
        const full = { ...inverse, data: inverse.data.slice() };
        await solveRows(inverse, l, true);
        await solveRows(full, l, false);
        let worst = 0;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) worst = Math.max(worst, Math.abs(entry(i, j) - a.data[i * n + j]!));
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let k = 0; k <= j; k++) sum += inverse.data[i * n + k]! * l.data[j * n + k]!;
            worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
            worst = Math.max(worst, Math.abs(inverse.data[i * n + j]! - full.data[i * n + j]!));
          }
        }
        expect(worst).toBeLessThan(1e-9);
      }),
      { numRuns: 12 },
    );
  });

  test("a matrix that has no factor is an error", async () => {
    const a: Matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 2, 2, 1) };
    await expect(cholesky(a)).rejects.toThrow(/not positive definite \(row 2\)/);
  });
});

describe("contacts", () => {
  test("are at least five apart, one for each column, the strongest first", () => {
    const columns = 30;
    const random = randomNumbers(8);
    const scores = Float64Array.from({ length: columns * columns }, () => random());
    for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) scores[i * columns + j] = scores[j * columns + i]!;
    const found = rankContacts(scores, columns, 5);
    expect(found).toHaveLength(columns);
    expect(found.every(({ i, j }) => j - i >= 5)).toBe(true);
    for (let k = 1; k < found.length; k++) {
      expect(found[k]!.score).toBeLessThanOrEqual(found[k - 1]!.score);
      expect(found[k]!.confidence).toBeLessThanOrEqual(found[k - 1]!.confidence);
    }
  });

  test("the correction takes off what columns score with all others", () => {
    // Scores that are products of what each column has are nothing but background.
    const own = Float64Array.from({ length: 20 }, (_, i) => 1 + i / 10);
    const scores = Float64Array.from({ length: 400 }, (_, at) => own[Math.floor(at / 20)]! * own[at % 20]!);
    const corrected = correct(scores, 20);
    expect(Math.max(...corrected.map(Math.abs))).toBeLessThan(0.1 * Math.max(...scores));
    scores[3 * 20 + 15]! += 3;
    scores[15 * 20 + 3]! += 3;
    expect(rankContacts(correct(scores, 20), 20, 5)[0]).toMatchObject({ i: 3, j: 15 });
  });
});
