/**
 * How many of the strongest contacts are real: compares what is predicted from an alignment with a structure that was
 * solved.
 *
 *     node precision.ts --msa PF02518.fasta --query PHOQ_ECOLI/374-480 --structure 1id0.pdb
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { readAlignment } from "./alignment/read.ts";
import { correct, rankContacts } from "./coupling/contacts.ts";
import { couplingScores } from "./coupling/meanfield.ts";
import { sequenceWeights } from "./coupling/weights.ts";
import { alignPair, readChain } from "./fold/chain.ts";

const { values } = parseArgs({
  options: {
    msa: { type: "string" },
    query: { type: "string" },
    structure: { type: "string" },
    chain: { type: "string" },
    /** Two residues touch where their Cβ atoms are this near, in Å. */
    distance: { type: "string", default: "8" },
    separation: { type: "string", default: "5" },
  },
});
if (values.msa === undefined || values.structure === undefined) {
  console.error("usage: node precision.ts --msa FILE --structure FILE.pdb [--chain A] [--query NAME]");
  process.exit(2);
}

const msa = readAlignment(readFileSync(values.msa, "utf8"), {
  file: basename(values.msa),
  ...(values.query === undefined ? {} : { query: values.query }),
});
const chain = readChain(readFileSync(values.structure, "utf8"), values.chain);
const partner = alignPair(msa.residues, chain.map(({ letter }) => letter).join(""));
const known = partner.filter((at) => at >= 0).length;
const same = partner.filter((at, i) => at >= 0 && chain[at]!.letter === msa.residues[i]).length;
console.log(`${msa.query}: ${msa.columns} residues, ${known} of them in the structure, ${same} the same there`);

const weights = await sequenceWeights(msa);
const effective = weights.reduce((sum, weight) => sum + weight, 0);
console.log(
  `${msa.names.length} sequences, ${effective.toFixed(1)} effective, ${(effective / msa.columns).toFixed(2)} for each column`,
);

/** Do two columns touch in the structure? Undefined where it has not both. */
const touch = (i: number, j: number): boolean | undefined => {
  const a = chain[partner[i]!];
  const b = chain[partner[j]!];
  return a && b && Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z) <= Number(values.distance);
};
const scores = correct(await couplingScores(msa, weights), msa.columns);
const separation = Number(values.separation);
const ranked = rankContacts(scores, msa.columns, effective / msa.columns, { separation, perColumn: msa.columns })
  .map((contact) => ({ ...contact, real: touch(contact.i, contact.j) }))
  .filter(({ real }) => real !== undefined);
const share = (pairs: typeof ranked): number => pairs.filter(({ real }) => real).length / pairs.length;
const line = (name: string, pairs: typeof ranked): void =>
  console.log(
    `${name.padEnd(12)} ${String(pairs.length).padStart(5)}   ${(100 * share(pairs)).toFixed(1).padStart(5)} %`,
  );
console.log(`\npairs at least ${separation} apart: how many are within ${values.distance} Å`);
for (const [name, fraction] of [
  ["top L/10", 0.1],
  ["top L/5", 0.2],
  ["top L/2", 0.5],
  ["top L", 1],
] as const) {
  line(name, ranked.slice(0, Math.round(fraction * msa.columns)));
}
line("any pair", ranked);
