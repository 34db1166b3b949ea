import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  /** Relative to the repository. */
  readonly page: string;
  /** Of its first line of text, counted from 1. */
  readonly line: number;
  /** `ts`, `console`, … */
  readonly language: string;
  /** What stands behind the language: `samples.csv`. */
  readonly info: string;
  readonly text: string;
}

/** The pages people read, relative to the repository. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** The fenced blocks of a page, in order; what they hold loses the indentation of the fence. */
export function blocksOf(page: string, text = readPage(page)): Block[] {
  const blocks: Block[] = [];
  let open:
    | { fence: string; indent: string; language: string; info: string; line: number; lines: string[] }
    | undefined;
  text.split("\n").forEach((line, i) => {
    if (open) {
      if (line.trim() === open.fence) {
        const { language, info, line: first, lines } = open;
        blocks.push({ page, line: first, language, info, text: lines.map((each) => `${each}\n`).join("") });
        open = undefined;
      } else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
      return;
    }
    const fence = /^(\s*)(`{3,})(\w*)\s*(.*)$/.exec(line);
    if (fence) {
      open = {
        indent: fence[1]!,
        fence: fence[2]!,
        language: fence[3]!,
        info: fence[4]!.trim(),
        line: i + 2,
        lines: [],
      };
    }
  });
  if (open) throw new Error(`${page}:${open.line - 1}: the block is not closed`);
  return blocks;
}

/** The file that a block shows: its first line says so (`// workflow.ts`), or what stands behind its language. */
export function fileOf({ language, info, text }: Block): string | undefined {
  if (language === "ts") return /^\/\/ ([\w./-]+\.ts)\n/.exec(text)?.[1];
  return /^[\w./-]+\.\w+$/.test(info) ? info : undefined;
}
