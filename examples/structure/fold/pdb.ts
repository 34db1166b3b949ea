import { THREE_LETTERS } from "./chain.ts";

/** A chain of Cα atoms, and what is said about it. */
export interface Trace {
  readonly name: string;
  /** One letter for each. */
  readonly residues: string;
  readonly numbers: readonly number[];
  /** x, y, z of each residue, in Å. */
  readonly places: Float64Array;
  /** From 0 to 100 for each: the B-factor column. */
  readonly confidence: Float64Array;
  readonly remarks: readonly string[];
}

/** Writes a PDB file (version 3.3): every line has 80 columns. */
export function writePdb({ name, residues, numbers, places, confidence, remarks }: Trace): string {
  const names = Array.from(residues, (letter) => THREE_LETTERS[letter] ?? "UNK");
  const lines = [
    "HEADER    MODEL FROM COEVOLUTION",
    ...wrap(`CA TRACE OF ${name.toUpperCase()} FROM THE COUPLINGS OF ITS FAMILY`, 70).map(
      (text, i) => `TITLE   ${i === 0 ? "  " : `${String(i + 1).padStart(2)} `}${text}`,
    ),
    "EXPDTA    THEORETICAL MODEL",
    ...remarks.flatMap((remark) => ["", ...wrap(remark, 68)]).map((text) => `REMARK   6 ${text}`),
  ];
  for (let at = 0; at < names.length; at += 13) {
    const serial = String(at / 13 + 1).padStart(3);
    lines.push(`SEQRES ${serial} A ${String(names.length).padStart(4)}  ${names.slice(at, at + 13).join(" ")}`);
  }
  const residue = (i: number): string => `${names[i]} A${String(numbers[i]).padStart(4)}`;
  for (let i = 0; i < names.length; i++) {
    const place = [0, 1, 2].map((d) => fixed(places[3 * i + d]!, 3, 8)).join("");
    lines.push(
      `ATOM  ${String(i + 1).padStart(5)}  CA  ${residue(i)}    ${place}  1.00${fixed(confidence[i]!, 2, 6)}           C`,
    );
  }
  lines.push(`TER   ${String(names.length + 1).padStart(5)}      ${residue(names.length - 1)}`, "END");
  return lines.map((line) => `${line.padEnd(80)}\n`).join("");
}

/** A number as wide as its columns. No zero is negative. */
function fixed(value: number, digits: number, width: number): string {
  return value
    .toFixed(digits)
    .replace(/^-(0\.?0*)$/, "$1")
    .padStart(width);
}

/** Breaks words into lines. What is not ASCII has no place in the format. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text
    .replaceAll(/[^\x20-\x7E]/g, "?")
    .split(" ")
    .flatMap((each) => each.match(new RegExp(`.{1,${width}}`, "g")) ?? [])) {
    const last = lines.at(-1)!;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
