import type { Contact } from "../coupling/contacts.ts";
import { CONTACT, distanceOf } from "../fold/energy.ts";
import { element, path, text } from "./svg.ts";

/** What a contact map shows. */
export interface MapOfContacts {
  readonly name: string;
  /** The number of each residue. */
  readonly numbers: readonly number[];
  readonly contacts: readonly Contact[];
  /** x, y, z of each residue of the model, in Å. */
  readonly places: Float64Array;
  /** A line below the title. */
  readonly note: string;
}

const SIZE = 600;
const LEFT = 80;
const TOP = 90;
const INK = "#1a202c";
const PALE = "#718096";

/**
 * Draws a contact map: above the diagonal what is predicted, the darker the more confident; below it which residues touch
 * in the model.
 */
export function drawMap({ name, numbers, contacts, places, note }: MapOfContacts): string {
  const cell = SIZE / numbers.length;
  const square = (i: number, j: number, attributes: Readonly<Record<string, string | number>>, title: string): string =>
    element(
      "rect",
      { x: LEFT + j * cell, y: TOP + i * cell, width: cell, height: cell, ...attributes },
      `<title>${title}</title>`,
    );
  const model: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    for (let j = i + 3; j < numbers.length; j++) {
      const distance = distanceOf(places, i, j);
      if (distance > CONTACT) continue;
      model.push(
        square(j, i, { fill: "#cbd5e0" }, `${numbers[i]} and ${numbers[j]}: ${distance.toFixed(1)} Å in the model`),
      );
    }
  }
  const predicted = contacts.map(({ i, j, confidence }) =>
    square(
      i,
      j,
      { fill: "#2b6cb0", "fill-opacity": Math.max(0.15, confidence) },
      `${numbers[i]} and ${numbers[j]}: confidence ${confidence.toFixed(2)}`,
    ),
  );
  const step = tickStep(numbers.length);
  const ticks = numbers.flatMap((number, i) => {
    if (number % step !== 0) return [];
    const at = (i + 0.5) * cell;
    return [
      path(["M", LEFT + at, TOP + SIZE, "v", 6], { stroke: PALE }),
      text(LEFT + at, TOP + SIZE + 20, String(number), { "text-anchor": "middle", fill: INK }),
      path(["M", LEFT, TOP + at, "h", -6], { stroke: PALE }),
      text(LEFT - 10, TOP + at + 4, String(number), { "text-anchor": "end", fill: INK }),
    ];
  });
  const middle = TOP + SIZE / 2;
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${LEFT + SIZE + 30} ${TOP + SIZE + 90}`,
      width: LEFT + SIZE + 30,
      height: TOP + SIZE + 90,
      "font-family": "sans-serif",
      "font-size": 12,
      role: "img",
    },
    [
      element("title", {}, escapeTitle(`Contacts of ${name}`)),
      element("rect", { width: "100%", height: "100%", fill: "#ffffff" }),
      text(LEFT, 36, `Contacts of ${name}`, { "font-size": 20, "font-weight": "bold", fill: INK }),
      text(LEFT, 58, note, { fill: PALE }),
      text(LEFT, 76, "above the diagonal: predicted, the darker the more confident; below: within 8 Å in the model", {
        fill: PALE,
      }),
      element("rect", { x: LEFT, y: TOP, width: SIZE, height: SIZE, fill: "#f7fafc", stroke: PALE }),
      ...model,
      ...predicted,
      path(["M", LEFT, TOP, "l", SIZE, SIZE], { stroke: PALE }),
      ...ticks,
      text(LEFT + SIZE / 2, TOP + SIZE + 45, "residue", { "text-anchor": "middle", fill: INK }),
      text(22, middle, "residue", { "text-anchor": "middle", fill: INK, transform: `rotate(-90 22 ${middle})` }),
    ].join("\n"),
  )}\n`;
}

/** Ticks at round numbers, about ten. */
function tickStep(residues: number): number {
  return [5, 10, 20, 25, 50, 100, 200, 250, 500].find((step) => residues / step <= 12) ?? 1000;
}

function escapeTitle(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
