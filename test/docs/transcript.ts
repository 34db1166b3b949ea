/** One command of a console block, with what the page says it prints. */
export interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** `$ ligase log` and the lines below it, up to the next `$`. */
export function stepsOf(text: string): Step[] {
  const steps: { command: string; shown: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), shown: [] });
    else if (steps.length === 0) throw new Error(`a console block begins with a command, not with ${line}`);
    else steps.at(-1)!.shown.push(line);
  }
  return steps;
}

const ID = "[0-9a-hjkmnp-tv-z]{8}(?:[0-9a-hjkmnp-tv-z]{5})?";

/** What is another each time, as it looks. The first that fits counts. */
const VARYING: readonly (readonly [seen: RegExp, pattern: string])[] = [
  // A time: 412ms, 1.2s, 3m 4s.
  [/^(?:\d+h )?(?:\d+m )?\d+(?:\.\d+)?(?:ms|s|m|h)\b/, String.raw`(?:\d+h )?(?:\d+m )?\d+(?:\.\d+)?(?:ms|s|m|h)`],
  // A moment.
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`],
  [/^(?:just now|\d+[smhd] ago)/, String.raw`(?:just now|\d+[smhd] ago)`],
  // An amount that was measured.
  [/^\d+(?:\.\d+)? (?:KiB|MiB|GiB)\b/, String.raw`\d+(?:\.\d+)? (?:B|KiB|MiB|GiB)`],
  [/^sha256 [0-9a-f]{12}/, "sha256 [0-9a-f]{12}"],
];

/** What a line of the page may look like, as an expression whose groups are the ids in it. */
function patternOf(line: string, ids: string[]): RegExp {
  let pattern = "";
  for (let i = 0; i < line.length;) {
    const rest = line.slice(i);
    const fresh = i === 0 || !/\w/.test(line[i - 1]!);
    const id = fresh ? new RegExp(`^${ID}(?![\\w])`).exec(rest)?.[0] : undefined;
    const varying = fresh ? VARYING.find(([seen]) => seen.test(rest)) : undefined;
    const space = /^\s+/.exec(rest)?.[0];
    if (id !== undefined && /\d/.test(id)) {
      ids.push(id);
      pattern += `(${id.length === 8 ? ID.slice(0, ID.indexOf("(")) : ID})`;
      i += id.length;
    } else if (varying) {
      pattern += varying[1];
      i += varying[0].exec(rest)![0].length;
    } else if (space !== undefined) {
      pattern += String.raw`\s+`;
      i += space.length;
    } else if (rest.startsWith("…")) {
      pattern += ".*";
      i += 1;
    } else {
      pattern += RegExp.escape(rest[0]!);
      i += 1;
    }
  }
  return new RegExp(`^${pattern}\\s*$`);
}

/**
 * Compares what a page shows with what was printed. Times, ids and measured amounts may be others;
 * `…` stands for any text, alone on a line for any lines.
 *
 * @param ids - the ids of the page, with those of this run; those met here are added
 * @returns the first line of the page that was not printed; nothing when all were
 */
export function mismatch(
  shown: readonly string[],
  printed: readonly string[],
  ids: Map<string, string>,
): string | undefined {
  let at = 0;
  let skipping = false;
  for (const line of shown) {
    if (line.trim() === "…") {
      skipping = true;
      continue;
    }
    const names: string[] = [];
    const pattern = patternOf(line, names);
    const found = skipping ? printed.findIndex((each, i) => i >= at && pattern.test(each)) : at;
    const match = pattern.exec(printed[found] ?? "\0");
    if (!match) return line;
    names.forEach((name, i) => ids.set(name, match[i + 1]!));
    at = found + 1;
    skipping = false;
  }
  return skipping || at === printed.length ? undefined : "(nothing more)";
}
