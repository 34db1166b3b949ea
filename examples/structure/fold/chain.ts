/** Names of amino acids by their letter, as PDB files have them. */
export const THREE_LETTERS: Readonly<Record<string, string>> = {
  A: "ALA",
  R: "ARG",
  N: "ASN",
  D: "ASP",
  C: "CYS",
  Q: "GLN",
  E: "GLU",
  G: "GLY",
  H: "HIS",
  I: "ILE",
  L: "LEU",
  K: "LYS",
  M: "MET",
  F: "PHE",
  P: "PRO",
  S: "SER",
  T: "THR",
  W: "TRP",
  Y: "TYR",
  V: "VAL",
  U: "SEC",
  O: "PYL",
  B: "ASX",
  Z: "GLX",
  J: "XLE",
  X: "UNK",
};

/** A residue of a structure, at its Cβ, or Cα where it has none. */
export interface Residue {
  readonly letter: string;
  readonly number: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/**
 * Reads one chain of a PDB file, of the first model.
 *
 * @param chain - its letter. Default: the first there is
 */
export function readChain(pdb: string, chain?: string): Residue[] {
  const letters = new Map(Object.entries(THREE_LETTERS).map(([letter, name]) => [name, letter]));
  const found = new Map<string, Residue & { readonly atom: string }>();
  let wanted = chain;
  for (const line of pdb.split(/\r?\n/)) {
    if (line.startsWith("ENDMDL")) break;
    const atom = line.slice(12, 16).trim();
    if (!/^(ATOM  |HETATM)/.test(line) || (atom !== "CA" && atom !== "CB")) continue;
    const letter = letters.get(line.slice(17, 20));
    wanted ??= line.charAt(21);
    if (letter === undefined || line.charAt(21) !== wanted) continue;
    const key = line.slice(22, 27);
    const known = found.get(key);
    // The first of several alternative places counts, and Cβ more than Cα.
    if (known !== undefined && (known.atom === "CB" || atom === "CA")) continue;
    const [x, y, z] = [line.slice(30, 38), line.slice(38, 46), line.slice(46, 54)].map(Number) as [
      number,
      number,
      number,
    ];
    found.set(key, { letter, number: Number(line.slice(22, 26)), x, y, z, atom });
  }
  return [...found.values()];
}

/**
 * Lays one sequence beside another (Needleman and Wunsch, affine gaps).
 *
 * @returns for each letter of the first, the place of its partner in the second, or -1
 */
export function alignPair(first: string, second: string): number[] {
  const [open, extend] = [-4, -0.5];
  const width = second.length + 1;
  const size = (first.length + 1) * width;
  // The best score that ends in a pair, in a gap of the second, in a gap of the first; and what it came from.
  const best = [0, 1, 2].map(() => new Float64Array(size).fill(-Infinity)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const from = [0, 1, 2].map(() => new Uint8Array(size)) as [Uint8Array, Uint8Array, Uint8Array];
  const take = (kind: 0 | 1 | 2, at: number, options: readonly number[]): void => {
    const most = Math.max(...options);
    best[kind][at] = most;
    from[kind][at] = options.indexOf(most);
  };
  best[0][0] = 0;
  for (let i = 0; i <= first.length; i++) {
    for (let j = 0; j <= second.length; j++) {
      const at = i * width + j;
      if (i > 0 && j > 0) {
        const score = first[i - 1] === second[j - 1] ? 3 : -1;
        take(
          0,
          at,
          best.map((scores) => scores[at - width - 1]! + score),
        );
      }
      // Gaps at an end cost nothing: a structure may have more or less of the chain.
      const free = (edge: boolean, cost: number): number => (edge ? 0 : cost);
      const edgeOfSecond = j === 0 || j === second.length;
      const edgeOfFirst = i === 0 || i === first.length;
      if (i > 0) {
        const cost = (kind: number): number => free(edgeOfSecond, kind === 1 ? extend : open);
        take(
          1,
          at,
          best.map((scores, kind) => scores[at - width]! + cost(kind)),
        );
      }
      if (j > 0) {
        const cost = (kind: number): number => free(edgeOfFirst, kind === 2 ? extend : open);
        take(
          2,
          at,
          best.map((scores, kind) => scores[at - 1]! + cost(kind)),
        );
      }
    }
  }
  const partner = Array.from(first, () => -1);
  let [i, j] = [first.length, second.length];
  let kind = best.reduce((most, scores, k) => (scores[size - 1]! > best[most as 0 | 1 | 2][size - 1]! ? k : most), 0);
  while (i > 0 || j > 0) {
    const came = from[kind as 0 | 1 | 2][i * width + j]!;
    if (kind === 0) partner[i - 1] = j - 1;
    if (kind !== 2) i--;
    if (kind !== 1) j--;
    kind = came;
  }
  return partner;
}
