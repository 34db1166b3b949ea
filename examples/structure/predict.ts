/**
 * From an alignment to a structure: what the service does with a job, without the service.
 *
 * @module
 */
import { readAlignment } from "./alignment/read.ts";
import { type Contact, correct, rankContacts } from "./coupling/contacts.ts";
import { couplingScores } from "./coupling/meanfield.ts";
import { part, type Report } from "./coupling/progress.ts";
import { sequenceWeights } from "./coupling/weights.ts";
import { residueConfidence } from "./fold/confidence.ts";
import { CONTACT, distanceOf } from "./fold/energy.ts";
import { foldChain } from "./fold/fold.ts";
import { writePdb } from "./fold/pdb.ts";
import { drawMap } from "./output/map.ts";
import { type RankedContact, writeTable } from "./output/table.ts";

/** What may be said besides the alignment. */
export interface PredictOptions {
  /** What to call it in messages and titles. */
  readonly name?: string;
  /** The sequence whose structure is asked for. Default: the first. */
  readonly query?: string;
  /** From how many random places the chain is folded. Default 8. */
  readonly starts?: number;
  /** The same seed gives the same structure. Default 1. */
  readonly seed?: number;
  /** Is told what is being done, and how far it is, from 0 to 1. */
  readonly report?: (doing: string, fraction: number) => Promise<void> | void;
}

/** What comes of an alignment. */
export interface Prediction {
  /** A Cα trace, with the confidence of each residue in the B-factor column. */
  readonly pdb: string;
  /** The strongest first. */
  readonly contacts: readonly RankedContact[];
  /** The same as a table with tabs. */
  readonly table: string;
  /** A contact map. */
  readonly svg: string;
  readonly query: string;
  readonly format: string;
  readonly sequences: number;
  /** How many they are worth once those that are alike are counted as one. */
  readonly effectiveSequences: number;
  readonly columns: number;
  /** How many of the contacts the model meets. */
  readonly contactsMet: number;
  readonly warnings: readonly string[];
}

/**
 * Predicts contacts from the couplings of an alignment, and folds a Cα trace by them.
 *
 * @param msa - FASTA, A2M, A3M or Stockholm
 * @throws {AlignmentError} naming the line and column of what cannot be read
 */
export async function predict(msa: string, options: PredictOptions = {}): Promise<Prediction> {
  const { name = "alignment", query, starts = 8, seed = 1, report = () => {} } = options;
  if (!Number.isInteger(starts) || starts < 2 || starts > 100)
    throw new Error(`starts is ${starts}, and has to be 2 to 100`);
  const progress =
    (doing: string): Report =>
    (fraction) =>
      report(doing, fraction);

  await report("reading the alignment", 0);
  const alignment = readAlignment(msa, { file: name, ...(query === undefined ? {} : { query }) });
  const { columns, residues, numbers } = alignment;
  const weights = await sequenceWeights(alignment, 0.8, part(progress("weighting sequences"), 0.01, 0.1));
  const effective = weights.reduce((sum, weight) => sum + weight, 0);
  const couplings = await couplingScores(alignment, weights, {}, part(progress("finding couplings"), 0.1, 0.6));
  const contacts = rankContacts(correct(couplings, columns), columns, effective / columns);

  // What is sure counts for more than what is not; how sure the surest is does not matter for the fold.
  const most = Math.max(contacts[0]?.confidence ?? 0, 1e-6);
  const restraints = contacts.map((contact) => ({ ...contact, weight: Math.max(0.05, contact.confidence / most) }));
  const folds = await foldChain(columns, restraints, starts, seed, part(progress("folding"), 0.6, 0.99));
  const { places } = folds[0]!;
  const met = contacts.filter(({ i, j }) => distanceOf(places, i, j) <= CONTACT + 0.5).length;

  const depth = `${effective.toFixed(1)} effective sequences, ${(effective / columns).toFixed(2)} for each residue`;
  const warnings = [...alignment.warnings, ...depthWarning(effective, columns)];
  const pdb = writePdb({
    name: alignment.query,
    residues,
    numbers,
    places,
    confidence: residueConfidence(columns, folds, contacts),
    remarks: remarksOf(contacts, met, `${alignment.names.length} sequences, ${depth}`, starts, warnings),
  });
  const ranked = contacts.map(({ i, j, score, confidence }) => ({
    i: numbers[i]!,
    j: numbers[j]!,
    residues: `${residues[i]}${residues[j]}`,
    score: rounded(score, 4),
    confidence: rounded(confidence, 3),
    distance: rounded(distanceOf(places, i, j), 1),
  }));
  return {
    pdb,
    contacts: ranked,
    table: writeTable(ranked),
    svg: drawMap({ name: alignment.query, numbers, contacts, places, note: depth }),
    query: alignment.query,
    format: alignment.format,
    sequences: alignment.names.length,
    effectiveSequences: rounded(effective, 1),
    columns,
    contactsMet: met,
    warnings,
  };
}

/** Too few sequences give contacts, too, but of chance. */
function depthWarning(effective: number, columns: number): string[] {
  const depth = effective / columns;
  if (depth >= 1) return [];
  return [
    `${effective.toFixed(1)} effective sequences for ${columns} residues are ${depth.toFixed(2)} for each: ` +
      "most of these contacts are chance. One for each residue is the least, five are better: search for more relatives",
  ];
}

function remarksOf(
  contacts: readonly Contact[],
  met: number,
  depth: string,
  starts: number,
  warnings: readonly string[],
): string[] {
  return [
    "THIS IS NO EXPERIMENT AND NOT ALPHAFOLD. It is a trace of CA atoms, folded so that residues come together whose " +
      "columns are coupled in an alignment of the family. It shows a topology at best; it has no side chains, and its " +
      "local geometry means nothing.",
    "THE HAND IS OPEN: a mirror image has the same distances, and which of the two this is, is chance.",
    "METHOD: mean-field direct-coupling analysis (pseudocount 0.5, sequences weighted at 80 % identity, average product " +
      `correction); gradient descent from ${starts} random starts, the least energy kept.`,
    `ALIGNMENT: ${depth}.`,
    `RESTRAINTS: ${met} of ${contacts.length} contacts are met (CA atoms within 8.5 A).`,
    "B FACTORS: confidence from 0 to 100: how far folds from other starts agree around a residue, times how sure its " +
      "contacts are. Not comparable to pLDDT.",
    ...warnings.map((warning) => `WARNING: ${warning}.`),
  ];
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
