import type { Change, CodeChange } from "../../record/explain/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { environmentLines } from "./environment-lines.ts";
import type { Paint } from "../terminal/terminal.ts";
import { diffReport } from "./diff.ts";

/** So many items of one list are shown. */
const MOST_ITEMS = 4;

/** One declaration then and now, with its place. */
export function declarationLines({ before, after }: NonNullable<CodeChange["texts"]>, paint: Paint): string[] {
  const place = after ?? before;
  const gone = after ? "" : ", gone";
  return [
    paint("dim", `  ${place?.file}:${place?.line}${gone}`),
    ...diffReport(before?.text, after?.text, paint).map((line) => `  ${line}`),
  ];
}

/** What changes are of. */
export type ChangeLabel = "argument" | "result";

/**
 * Changes, each with what was and is; of the items of a list the first few.
 *
 * @param of - results stand under a heading that says so, arguments among other changes
 */
export function changesLines(changes: readonly Change[], paint: Paint, of: ChangeLabel = "argument"): string[] {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (const change of changes) {
    const list = change.part === "argument" ? listOf(change.path) : "";
    const count = (counts.get(list) ?? 0) + 1;
    counts.set(list, count);
    if (!list.endsWith("[]") || count <= MOST_ITEMS) lines.push(...changeLines(change, paint, of));
  }
  for (const [list, count] of counts) {
    if (!list.endsWith("[]") || count <= MOST_ITEMS) continue;
    lines.push(paint("dim", `    … and ${count - MOST_ITEMS} more in ${list} (--json has them all)`));
  }
  return lines;
}

/** `parts[3].bam` → `parts[]` */
const listOf = (path: string): string => path.replaceAll(/\[\d+\].*/g, "[]");

function changeLines(change: Change, paint: Paint, of: ChangeLabel): string[] {
  const head = (part: string, name: string, rest = ""): string =>
    `    ${paint("dim", part.padEnd(8))} ${paint("strong", name)}${rest}`;
  switch (change.part) {
    case "code": {
      const { name, how, before = "none", after = "none" } = change;
      const said = how === "version" ? `${before} → ${after}` : how;
      return [head("code", name.replace(/^npm:/, "package ").replace(/^(task|asset):/, "$1 "), ` ${said}`)];
    }
    case "image":
      return [
        head("image", `${shortImage(change.before)} → ${shortImage(change.after)}`),
        ...(change.environment ? environmentLines(change.environment, paint, "      ") : []),
      ];
    case "environment":
      return [head("env", "its variables", " (option env)")];
    case "argument":
      return [
        of === "argument" ? head("argument", pathText(change.path)) : `    ${paint("strong", pathText(change.path))}`,
        ...valueLines(change, paint, of),
      ];
  }
}

const pathText = (path: string): string => (path === "" ? "(all)" : path);

/** A value then and now. */
function valueLines(change: Change & { readonly part: "argument" }, paint: Paint, of: ChangeLabel): string[] {
  const absent = of === "argument" ? "not given" : "not there";
  const { before = absent, after = absent, texts, content } = change;
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

/** The beginning of a hash is enough to tell two apart: of the definition, of its lock, of what a tag meant. */
function shortImage(image: string | undefined): string {
  if (image === undefined) return "another";
  return image === "" ? "none" : image.replaceAll(/([0-9a-f]{12})[0-9a-f]+/g, "$1");
}
