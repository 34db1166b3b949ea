import type { Because, Explanation } from "../../record/explain/index.ts";
import { short } from "../../record/short.ts";
import type { Paint } from "../terminal/terminal.ts";
import { sentence } from "../terminal/text.ts";
import { changesLines, declarationLines } from "./changes.ts";

/** Where an explanation is read. */
export interface ExplanationOptions {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** So many declarations are shown with their differences; of the others only the names. */
const MOST_DIFFS = 12;

/**
 * Why a job did what it did: in a sentence, then what changed, where that came from, and the declarations that changed
 * line by line.
 */
export function explanationLines(explanation: Explanation, options: ExplanationOptions): string[] {
  const { job, summary, changes, previous, definition, because } = explanation;
  const { paint, width } = options;
  if (job.state === "failed" && job.reason === "hit")
    return ["  its body was taken from the cache; a call that it makes failed"];
  const lines = sentence(summary, "  ", width);
  if (changes.length > 0 && previous) lines.push(paint("dim", `  compared with run ${short(previous.run)}:`));
  lines.push(...changesLines(changes, paint));
  for (const [i, each] of because.entries()) {
    lines.push(...sentence(`${i === 0 ? "" : "in turn, "}${becauseText(each)}`, "  ", width));
  }
  const code = changes.flatMap((change) => (change.part === "code" && change.texts ? [change.texts] : []));
  const declarations = [...code, ...definition];
  for (const each of declarations.slice(0, MOST_DIFFS)) lines.push("", ...declarationLines(each, paint));
  const rest = declarations.length - MOST_DIFFS;
  if (rest > 0) lines.push("", paint("dim", `  … and ${rest} more declarations (--json has them all)`));
  return lines;
}

function becauseText({ how, job, task, argument, reason }: Because): string {
  const who = job === "" ? task : `${task} (${short(job)})`;
  if (how === "below") return `below it ran ${who}: ${reason}`;
  return `${argument} ${how === "result" ? "is the result of" : "was given to it by"} ${who}: ${reason}`;
}
