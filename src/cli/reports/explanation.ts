import type { Because, Change, CodeChange, Explanation } from "../../record/explain/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { Paint } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { diffReport } from "./diff.ts";

/** Where an explanation is read. */
export interface ExplanationOptions {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** So many items of one list are shown. */
const MOST_ITEMS = 4;
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
  const lines = indented(summary, "  ", width);
  if (changes.length > 0 && previous) lines.push(paint("dim", `  compared with run ${short(previous.run)}:`));
  lines.push(...changesLines(changes, paint));
  for (const [i, each] of because.entries()) {
    lines.push(...indented(`${i === 0 ? "" : "in turn, "}${becauseText(each)}`, "  ", width));
  }
  const code = changes.flatMap((change) => (change.part === "code" && change.texts ? [change.texts] : []));
  const declarations = [...code, ...definition];
  for (const each of declarations.slice(0, MOST_DIFFS)) lines.push("", ...declarationLines(each, paint));
  const rest = declarations.length - MOST_DIFFS;
  if (rest > 0) lines.push("", paint("dim", `  … and ${rest} more declarations (--json has them all)`));
  return lines;
}

function becauseText({ how, job, task, argument, reason }: Because): string {
  const who = `${task} (${short(job)})`;
  if (how === "below") return `below it ran ${who}: ${reason}`;
  return `${argument} ${how === "result" ? "is the result of" : "was given to it by"} ${who}: ${reason}`;
}

/** A sentence set to a width; lines that follow stand a little further in. */
function indented(text: string, indent: string, width: number): string[] {
  const room = Math.max(20, Math.min(width, 100) - indent.length - 2);
  return wrap(text, room).map((line, i) => `${indent}${i === 0 ? "" : "  "}${line}`);
}

/** One declaration then and now, with its place. */
function declarationLines({ before, after }: NonNullable<CodeChange["texts"]>, paint: Paint): string[] {
  const place = after ?? before;
  const gone = after ? "" : ", gone";
  return [
    paint("dim", `  ${place?.file}:${place?.line}${gone}`),
    ...diffReport(before?.text, after?.text, paint).map((line) => `  ${line}`),
  ];
}

/** Of the items of a list the first few. */
function changesLines(changes: readonly Change[], paint: Paint): string[] {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (const change of changes) {
    const list = change.part === "argument" ? listOf(change.path) : "";
    const count = (counts.get(list) ?? 0) + 1;
    counts.set(list, count);
    if (!list.endsWith("[]") || count <= MOST_ITEMS) lines.push(...changeLines(change, paint));
  }
  for (const [list, count] of counts) {
    if (!list.endsWith("[]") || count <= MOST_ITEMS) continue;
    lines.push(paint("dim", `    … and ${count - MOST_ITEMS} more in ${list} (--json has them all)`));
  }
  return lines;
}

/** `parts[3].bam` → `parts[]` */
const listOf = (path: string): string => path.replaceAll(/\[\d+\].*/g, "[]");

function changeLines(change: Change, paint: Paint): string[] {
  const head = (part: string, name: string, rest = ""): string =>
    `    ${paint("dim", part.padEnd(8))} ${paint("strong", name)}${rest}`;
  switch (change.part) {
    case "code": {
      const { name, how, before = "none", after = "none" } = change;
      const said = how === "version" ? `${before} → ${after}` : how;
      return [head("code", name.replace(/^npm:/, "package ").replace(/^(task|asset):/, "$1 "), ` ${said}`)];
    }
    case "image":
      return [head("image", `${shortImage(change.before)} → ${shortImage(change.after)}`)];
    case "environment":
      return [head("env", "its variables", " (option env)")];
    case "argument":
      return [head("argument", change.path === "" ? "(all)" : change.path), ...valueLines(change, paint)];
  }
}

/** A value then and now. */
function valueLines(change: Change & { readonly part: "argument" }, paint: Paint): string[] {
  const { before = "not given", after = "not given", texts, content } = change;
  if (texts) return diffReport(texts.before, texts.after, paint).map((line) => `      ${line}`);
  const lines = [paint("bad", `      - ${before}`), paint("good", `      + ${after}`)];
  if (!content) return lines;
  const { bytes, firstLine } = content;
  const size = bytes === undefined ? "" : sizeText(bytes);
  const line = firstLine ? `line ${firstLine.line} is the first to differ` : "";
  lines.push(paint("dim", `        ${[size, line].filter(Boolean).join("; ")}`));
  if (firstLine) {
    lines.push(paint("bad", `        - ${firstLine.before ?? "(it ended here)"}`));
    lines.push(paint("good", `        + ${firstLine.after ?? "(it ends here)"}`));
  }
  return lines;
}

function sizeText(bytes: number): string {
  if (bytes === 0) return "the same size";
  const count = Math.abs(bytes);
  const amount = count < 1024 ? `${count} ${count === 1 ? "byte" : "bytes"}` : formatBytes(count);
  return `${amount} ${bytes > 0 ? "more" : "fewer"}`;
}

/** The beginning of a definition's hash is enough to tell two apart. */
function shortImage(image: string | undefined): string {
  if (image === undefined) return "another";
  return image === "" ? "none" : image.replace(/^([0-9a-f]{12})[0-9a-f]+/, "$1");
}
