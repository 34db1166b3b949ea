/**
 * Locations of features as the INSDC feature table writes them: `87..1109`, `complement(join(1..9,20..30))`, `<1..>500`.
 * (The DDBJ/ENA/GenBank Feature Table Definition, section 3.4.)
 *
 * @module
 */

/** Where a feature lies on its record. */
export interface Location {
  /** Stretches in the order in which they are read: counted from 1, both ends included. */
  readonly parts: readonly { readonly start: number; readonly end: number }[];
  /** On which strand; 0 where its parts lie on both. */
  readonly strand: 1 | -1 | 0;
}

const OPERATORS = /^(complement|join|order|one-of|bond)\((.*)\)$/;
const STRETCH = /^[<>]?(\d+)(?:(?:\.\.|\.|\^)[<>]?(\d+))?$/;

/**
 * Reads a location. Parts on other records (`J00194.1:100..202`) lie elsewhere, and are left out.
 *
 * @throws Error for text that is no location
 * @example
 * ```ts
 * parseLocation("complement(1815..2000)"); // { parts: [{ start: 1815, end: 2000 }], strand: -1 }
 * ```
 */
export function parseLocation(text: string): Location {
  const stretches = read(text.replaceAll(/\s+/g, ""), 1);
  const strands = new Set(stretches.map(({ strand }) => strand));
  const [strand = 1] = strands;
  return { parts: stretches.map(({ start, end }) => ({ start, end })), strand: strands.size > 1 ? 0 : strand };
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly strand: 1 | -1;
}

function read(text: string, strand: 1 | -1): Stretch[] {
  const [, operator, inside = ""] = OPERATORS.exec(text) ?? [];
  if (operator === "complement") return read(inside, strand === 1 ? -1 : 1);
  if (operator !== undefined) return splitList(inside).flatMap((part) => read(part, strand));
  if (/^[\w.]+:/.test(text)) return [];
  const [, first, last = first] = STRETCH.exec(text) ?? [];
  if (first === undefined) throw new Error(`${JSON.stringify(text)} is no location of a feature`);
  return [{ start: Number(first), end: Number(last), strand }];
}

/** Splits at commas that are in no brackets. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (text[i] === "," && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}
