import { changeTexts, type EnvironmentChange, packageText } from "../../record/environments/index.ts";
import type { Paint } from "../terminal/terminal.ts";

/** So many steps of a definition are told. */
const MOST_STEPS = 12;
/** So many packages that no definition names are told: a new release of a system brings hundreds. */
const MOST_PACKAGES = 6;

/** What differs between two environments: how their definitions do, and which other versions were installed. */
export function environmentLines(change: EnvironmentChange, paint: Paint, indent: string): string[] {
  const steps = changeTexts(change);
  const lines = steps.slice(0, MOST_STEPS).map((text) => `${indent}${text}`);
  if (steps.length > MOST_STEPS) lines.push(more(steps.length - MOST_STEPS, "in its definition", paint, indent));
  const { packages } = change;
  if (packages.length === 0) return lines;
  const others = packages.filter(({ named }) => !named);
  const shown = [...packages.filter(({ named }) => named), ...others.slice(0, MOST_PACKAGES)];
  lines.push(paint("dim", `${indent}installed`));
  lines.push(...shown.map((each) => `${indent}  ${packageText(each)}`));
  const rest = packages.length - shown.length;
  if (rest > 0) lines.push(more(rest, rest === 1 ? "package" : "packages", paint, `${indent}  `));
  return lines;
}

function more(count: number, what: string, paint: Paint, indent: string): string {
  return paint("dim", `${indent}… and ${count} more ${what} (--json has them all)`);
}
