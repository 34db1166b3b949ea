import { File, script, task } from "ligase";

/** What is known of one sequence. */
interface Composition {
  name: string;
  length: number;
  /** The share of G and C. */
  gc: number;
}

/** Counts the bases of every sequence: a line each, with its name, its length, and its G and C. */
export const count = task(
  (fasta: File) =>
    // A script runs in a directory of its own. The file is brought there, and its name is quoted.
    script({ outputs: { table: "counts.txt" } })`
    awk '
      /^>/ { if (name) print name, bases, gc; name = substr($1, 2); bases = gc = 0; next }
      { bases += length($0); gc += gsub(/[GCgc]/, "") }
      END { if (name) print name, bases, gc }
    ' ${fasta} > counts.txt
  `,
);

/** Reads the counts, and leaves out what is too short. */
export const summarise = task(async (table: File, minLength: number): Promise<Composition[]> => {
  const lines = (await table.text()).trim().split("\n");
  return lines
    .map((line) => line.split(" "))
    .map(([name = "", bases, gc]) => ({
      name,
      length: Number(bases),
      gc: Math.round((1000 * Number(gc)) / Number(bases)) / 1000,
    }))
    .filter(({ length }) => length >= minLength);
});

/**
 * Measures the base composition of the sequences of a FASTA file.
 *
 * @param fasta - the sequences
 * @param minLength - shorter sequences are left out
 */
export const main = task((fasta: File = new File("data/sequences.fa"), minLength: number = 0) =>
  // A call is a promise of a value: its parts can be passed on before they are there.
  summarise(count(fasta).table, minLength),
);
