import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alignPair, readChain } from "../../../examples/structure/fold/chain.ts";
import { BOND, distanceOf, energy, type Restraint } from "../../../examples/structure/fold/energy.ts";
import { foldChain } from "../../../examples/structure/fold/fold.ts";
import { writePdb } from "../../../examples/structure/fold/pdb.ts";
import { randomNumbers } from "../../../examples/structure/fold/random.ts";
import { predict } from "../../../examples/structure/predict.ts";

const fn3 = readFileSync(new URL("../../../examples/structure/data/fn3.sto", import.meta.url), "utf8");

/** The atoms of a PDB file, by the columns that the format gives each field. */
const atomsOf = (pdb: string) =>
  pdb
    .split("\n")
    .filter((line) => line.startsWith("ATOM"))
    .map((line) => ({
      serial: Number(line.slice(6, 11)),
      name: line.slice(12, 16),
      residue: line.slice(17, 20),
      chain: line[21],
      number: Number(line.slice(22, 26)),
      x: Number(line.slice(30, 38)),
      y: Number(line.slice(38, 46)),
      z: Number(line.slice(46, 54)),
      occupancy: line.slice(54, 60),
      confidence: Number(line.slice(60, 66)),
      element: line.slice(76, 78),
    }));

describe("a prediction", () => {
  test("is a PDB file whose atoms are a chain", async () => {
    const { pdb, columns, effectiveSequences, contactsMet } = await predict(fn3, { name: "fn3.sto", starts: 3 });
    const lines = pdb.split("\n").slice(0, -1);
    expect(lines.every((line) => line.length === 80)).toBe(true);
    const records = [...new Set(lines.map((line) => line.slice(0, 6).trim()))];
    expect(records).toEqual(["HEADER", "TITLE", "EXPDTA", "REMARK", "SEQRES", "ATOM", "TER", "END"]);

    const atoms = atomsOf(pdb);
    expect(atoms).toHaveLength(columns);
    expect(atoms.map(({ serial }) => serial)).toEqual(atoms.map((_, i) => i + 1));
    expect(atoms.map(({ number }) => number)).toEqual(atoms.map((_, i) => 418 + i));
    for (const { name, chain, occupancy, element, confidence } of atoms) {
      expect({ name, chain, occupancy, element }).toEqual({
        name: " CA ",
        chain: "A",
        occupancy: "  1.00",
        element: " C",
      });
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(100);
    }
    expect(pdb).toMatch(/^TER {6}87 {6}... A 503 {54}$/m);
    const sequence = lines
      .filter((line) => line.startsWith("SEQRES"))
      .flatMap((line) => line.slice(19).trim().split(" "));
    expect(sequence).toEqual(atoms.map(({ residue }) => residue));
    for (let i = 0; i < atoms.length; i++) {
      for (let j = i + 1; j < atoms.length; j++) {
        const [a, b] = [atoms[i]!, atoms[j]!];
        const distance = Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
        if (j === i + 1) expect(Math.abs(distance - BOND)).toBeLessThan(0.1);
        else expect(distance).toBeGreaterThan(3.7);
      }
    }

    // It says what it is.
    const remarks = lines
      .filter((line) => line.startsWith("REMARK"))
      .map((line) => line.slice(11).trim())
      .join(" ");
    expect(remarks).toContain("NOT ALPHAFOLD");
    expect(remarks).toContain("mirror image");
    expect(remarks).toContain(
      `98 sequences, ${effectiveSequences.toFixed(1)} effective sequences, 1.14 for each residue`,
    );
    expect(remarks).toContain(`${contactsMet} of ${columns} contacts are met`);
  });

  test("is the same every time, and another with another seed", async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => predict(fn3, { starts: 2, seed })));
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(other!.contacts.map(({ score }) => score)).toEqual(first!.contacts.map(({ score }) => score));
    expect(other!.pdb).not.toBe(first!.pdb);
  });

  test("of few sequences has a warning, in the file, too, and no high confidence", async () => {
    const few = fn3
      .replaceAll(/^(?!#|\/\/|(?:LAR_DROME|PTPRF|7LESS|FINC)).*\S.*$/gm, "")
      .replaceAll(/^#=G[RSC].*$/gm, "");
    const { warnings, pdb, contacts } = await predict(few.replaceAll(/\n{2,}/g, "\n"), { starts: 2 });
    expect(warnings.join()).toMatch(/effective sequences for 86 residues are 0\.\d\d for each: most of these contacts/);
    expect(pdb).toContain("WARNING: ");
    expect(contacts[0]!.confidence).toBeLessThan(0.3);
  });

  test("says how far it is, never backwards", async () => {
    const seen: [string, number][] = [];
    await predict(fn3, { starts: 2, report: (doing, fraction) => void seen.push([doing, fraction]) });
    const fractions = seen.map(([, fraction]) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeCloseTo(0.99);
    expect([...new Set(seen.map(([doing]) => doing))]).toEqual([
      "reading the alignment",
      "weighting sequences",
      "finding couplings",
      "folding",
    ]);
  });

  test("has a map and a table of its contacts", async () => {
    const { svg, table, contacts } = await predict(fn3.replaceAll("LAR_DROME", "<b>&LAR"), { starts: 2 });
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
    expect(svg).not.toMatch(/NaN|Infinity|<b>|font-face|@import/);
    expect(svg).toContain("Contacts of &lt;b&gt;&amp;LAR/418-503");
    expect(svg.match(/confidence \d/g)).toHaveLength(contacts.length);
    const [header, first, ...rest] = table.trimEnd().split("\n");
    expect(header).toBe("rank\ti\tj\tresidues\tscore\tconfidence\tdistance");
    expect(first!.split("\t").slice(0, 4)).toEqual([
      "1",
      String(contacts[0]!.i),
      String(contacts[0]!.j),
      contacts[0]!.residues,
    ]);
    expect(rest).toHaveLength(contacts.length - 1);
  });

  test.each([0, 1, 2.5, 101])("%d starts are refused", async (starts) => {
    await expect(predict(fn3, { starts })).rejects.toThrow(`starts is ${starts}, and has to be 2 to 100`);
  });
});

describe("folding", () => {
  test("the gradient is the slope of the energy", () => {
    const random = randomNumbers(3);
    const places = Float64Array.from({ length: 3 * 12 }, () => 12 * random());
    const restraints: Restraint[] = [
      { i: 0, j: 9, weight: 0.7 },
      { i: 2, j: 11, weight: 1 },
      { i: 1, j: 7, weight: 0.2 },
    ];
    const weights = { bonds: 2, sterics: 3, contacts: 1.5, compaction: 0.4 };
    const gradient = new Float64Array(places.length);
    const unused = new Float64Array(places.length);
    energy(places, restraints, weights, gradient);
    for (let at = 0; at < places.length; at++) {
      const step = 1e-6;
      const shifted = (by: number) => places.map((value, k) => (k === at ? value + by : value));
      const slope =
        (energy(shifted(step), restraints, weights, unused) - energy(shifted(-step), restraints, weights, unused)) /
        (2 * step);
      expect(slope).toBeCloseTo(gradient[at]!, 3);
    }
  });

  test("finds a shape again from its contacts, up to its mirror image", async () => {
    // Four strands that run up and down, side by side: 40 residues.
    const shape = Float64Array.from({ length: 3 * 40 }, (_, at) => {
      const i = Math.floor(at / 3);
      const strand = Math.floor(i / 10);
      const along = strand % 2 === 0 ? i % 10 : 9 - (i % 10);
      return [3.3 * along, 5 * (strand % 2) + (i % 2), 5 * Math.floor(strand / 2)][at % 3]!;
    });
    const restraints: Restraint[] = [];
    for (let i = 0; i < 40; i++) {
      for (let j = i + 5; j < 40; j++) if (distanceOf(shape, i, j) <= 8) restraints.push({ i, j, weight: 1 });
    }
    const [best] = await foldChain(40, restraints, 8, 1);
    const near = (places: Float64Array, i: number, j: number) => distanceOf(places, i, j) <= 9;
    expect(restraints.filter(({ i, j }) => !near(best!.places, i, j))).toEqual([]);
    let squares = 0;
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 40; j++) squares += (distanceOf(best!.places, i, j) - distanceOf(shape, i, j)) ** 2 / 1600;
    }
    expect(Math.sqrt(squares)).toBeLessThan(3);
  });
});

describe("PDB files", () => {
  const trace = fc.array(
    fc.record({
      letter: fc.constantFrom(...Array.from("ACDEFGHIKLMNPQRSTVWY")),
      place: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -900, max: 900, noNaN: true }))),
      confidence: fc.double({ min: 0, max: 100, noNaN: true }),
    }),
    { minLength: 1, maxLength: 60 },
  );

  test("are read as they were written", () => {
    fc.assert(
      fc.property(trace, fc.integer({ min: 1, max: 9900 }), (residues, first) => {
        const pdb = writePdb({
          name: "ünknown ".repeat(20),
          residues: residues.map(({ letter }) => letter).join(""),
          numbers: residues.map((_, i) => first + i),
          places: Float64Array.from(residues.flatMap(({ place }) => place)),
          confidence: Float64Array.from(residues, ({ confidence }) => confidence),
          remarks: ["one ".repeat(60)],
        });
        expect(
          pdb
            .split("\n")
            .slice(0, -1)
            .every((line) => /^[\x20-\x7E]{80}$/.test(line)),
        ).toBe(true);
        const found = readChain(pdb);
        expect(found.map(({ letter }) => letter)).toEqual(residues.map(({ letter }) => letter));
        expect(found.map(({ number }) => number)).toEqual(residues.map((_, i) => first + i));
        found.forEach(({ x, y, z }, i) =>
          [x, y, z].forEach((value, d) => expect(Math.abs(value - residues[i]!.place[d]!)).toBeLessThan(0.00051)),
        );
      }),
    );
  });

  test("Cβ counts where there is one, the first of alternatives, and the chain that is asked for", () => {
    const line = (name: string, alternative: string, residue: string, chain: string, number: number, x: number) =>
      `ATOM      1 ${name}${alternative}${residue} ${chain}${String(number).padStart(4)}    ` +
      `${x.toFixed(3).padStart(8)}   0.000   0.000  1.00  0.00`;
    const pdb = [
      line(" CA ", " ", "ALA", "A", 5, 1),
      line(" CB ", "A", "ALA", "A", 5, 2),
      line(" CB ", "B", "ALA", "A", 5, 3),
      line(" CA ", " ", "GLY", "A", 6, 4),
      line(" CA ", " ", "TRP", "B", 1, 5),
    ].join("\n");
    expect(readChain(pdb).map(({ letter, x }) => [letter, x])).toEqual([
      ["A", 2],
      ["G", 4],
    ]);
    expect(readChain(pdb, "B").map(({ letter, x }) => [letter, x])).toEqual([["W", 5]]);
  });

  test("a sequence is laid beside that of a structure", () => {
    expect(alignPair("CDEF", "ABCDEFGH")).toEqual([2, 3, 4, 5]);
    expect(alignPair("ABCDEFGHIK", "ABCDEGHIK")).toEqual([0, 1, 2, 3, 4, -1, 5, 6, 7, 8]);
    expect(alignPair("WWABCDEF", "ABCDEF")).toEqual([-1, -1, 0, 1, 2, 3, 4, 5]);
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Y]{5,30}$/), fc.nat(20), (whole, cut) => {
        const piece = whole.slice(Math.min(cut, whole.length - 3));
        const partner = alignPair(piece, whole);
        expect(partner.map((at) => whole[at]).join("")).toBe(piece);
      }),
    );
  });
});
