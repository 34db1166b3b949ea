import type { Comment, Span } from "oxc-parser";
import type { TypeScope } from "./scope.ts";

/** A doc comment, taken apart. */
export interface DocComment {
  /** What stands before the first `@` tag. */
  readonly text: string;
  /** `@param name - text`, in order; a field of a parameter has a dotted name (`sample.id`). */
  readonly params: ReadonlyMap<string, string>;
}

/** Comments that speak to tools. */
const DIRECTIVE = /^\s*(?:eslint|oxlint|prettier|biome|istanbul|c8|v8|@ts-|@vite|#__|@__|webpack)/;

function withoutStars(comment: string): string[] {
  const inside = comment
    .trim()
    .replace(/^\/\*+/, "")
    .replace(/\*+\/$/, "");
  return inside
    .split(/\r?\n/)
    .map((line, i) => line.replace(i === 0 ? /^\s*\**[ \t]?/ : /^\s*\*?[ \t]?/, "").trimEnd());
}

/** `{@link Sample | a sample}` reads "a sample". */
function plainText(text: string): string {
  return text.replaceAll(
    /\{@\w+\s+([^}|]*?)(?:\s*\|\s*([^}]*?))?\s*\}/g,
    (_, target: string, label?: string) => label ?? target,
  );
}

/**
 * Takes a doc comment apart: with or without its slashes and stars.
 *
 * @example
 * ```ts
 * readDoc("* Count reads.\n * @param reads - the FASTQ file").params.get("reads"); // "the FASTQ file"
 * ```
 */
export function readDoc(comment: string | undefined): DocComment {
  const text: string[] = [];
  const params = new Map<string, string>();
  let param: string | undefined;
  let inText = true;
  let fenced = false;
  for (const line of comment === undefined ? [] : withoutStars(comment)) {
    const tag = fenced ? null : /^\s*@([\w-]+)\s*(.*)$/.exec(line);
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (tag) {
      inText = false;
      const named = /^(?:\{[^}]*\}\s*)?\[?([\w$]+(?:\.[\w$]+|\[\])*)(?:\s*=[^\]]*)?\]?\s*(?:[-–—:]\s*)?(.*)$/.exec(
        tag[2]!,
      );
      param = named && ["param", "arg", "argument"].includes(tag[1]!) ? named[1]!.replaceAll("[]", "") : undefined;
      if (param !== undefined) params.set(param, named![2]!.trim());
    } else if (inText) text.push(line);
    else if (param !== undefined) params.set(param, `${params.get(param)} ${line.trim()}`.trim());
  }
  for (const [name, said] of params) params.set(name, plainText(said));
  return { text: plainText(text.join("\n").trim()), params };
}

/** The text of any comment, on one line. */
function said(comment: Comment): string {
  if (DIRECTIVE.test(comment.value)) return "";
  const text = comment.type === "Block" ? readDoc(comment.value).text : comment.value.trim();
  return text.replaceAll(/\s+/g, " ").trim();
}

/** What stands before an item: its last doc comment, or else all its comments. */
function leading(comments: readonly Comment[]): string {
  const doc = comments.findLast((comment) => comment.type === "Block" && comment.value.startsWith("*"));
  return doc ? said(doc) : comments.map(said).filter(Boolean).join(" ");
}

/**
 * What the comments among the items of a list (parameters, the fields of an interface) say of
 * each: those before it, or else the one behind it on its line.
 *
 * @param open - where the list begins
 * @param close - where it ends
 */
export function itemDocs(scope: TypeScope, open: number, items: readonly Span[], close: number): string[] {
  const before: Comment[][] = items.map(() => []);
  const behind: Comment[][] = items.map(() => []);
  for (const comment of scope.comments) {
    if (comment.start < open) continue;
    if (comment.end > close) break;
    const next = items.findIndex((item) => item.start >= comment.end);
    const last = next === -1 ? items.length - 1 : next - 1;
    const item = items[last];
    if (item && item.end > comment.start) continue; // inside it
    if (item) {
      const between = scope.source.slice(item.end, comment.start);
      const after = scope.source.slice(comment.end, items[next]?.start ?? close);
      const ownLine =
        comment.type === "Line" ||
        next === -1 ||
        after.includes("\n") ||
        !/[,;]/.test(scope.source.slice(item.end - 1, comment.start));
      if (/^[ \t,;]*$/.test(between) && ownLine) {
        behind[last]!.push(comment);
        continue;
      }
    }
    if (next !== -1) before[next]!.push(comment);
  }
  return items.map((_, i) => leading(before[i]!) || behind[i]!.map(said).filter(Boolean).join(" "));
}
