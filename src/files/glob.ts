import { LigaseError } from "../kernel/index.ts";

/** A pattern of one path, braces expanded: one expression a segment. `**` stands as itself. */
type Segments = readonly (RegExp | "**")[];

const MOST_ALTERNATIVES = 10_000;

/** The end of the bracket expression that starts at `at`, or -1 where the bracket stands for itself. */
function bracketEnd(pattern: string, at: number): number {
  let i = at + 1;
  if (pattern[i] === "!" || pattern[i] === "^") i++;
  // A `]` in first place is a member.
  if (pattern[i] === "]") i++;
  for (; i < pattern.length && pattern[i] !== "/"; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]") return i;
  }
  return -1;
}

/** Where the braces that open at `at` have their commas and their end; nothing where they stand for themselves. */
function braceParts(pattern: string, at: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = at + 1;
  for (let i = at; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") i++;
    else if (c === "{") depth++;
    else if (c === "," && depth === 1) {
      parts.push(pattern.slice(from, i));
      from = i + 1;
    } else if (c === "}" && --depth === 0) {
      const last = pattern.slice(from, i);
      if (parts.length > 0) return { parts: [...parts, last], end: i };
      const range = /^(\d{1,9})\.\.(\d{1,9})$/.exec(last);
      if (!range) return undefined;
      const [low, high] = [Number(range[1]), Number(range[2])].sort((a, b) => a - b) as [number, number];
      if (high - low >= MOST_ALTERNATIVES) return undefined;
      return { parts: Array.from({ length: high - low + 1 }, (_, n) => String(low + n)), end: i };
    }
  }
  return undefined;
}

/** `a{b,c}d` as `abd` and `acd`; `chr{1..22}` as 22 names. */
function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const todo = [{ pattern, from: 0 }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    let braces: ReturnType<typeof braceParts>;
    let i = next.from;
    for (; i < next.pattern.length && !braces; i++) {
      if (next.pattern[i] === "\\") i++;
      else if (next.pattern[i] === "[") i = Math.max(i, bracketEnd(next.pattern, i));
      else if (next.pattern[i] === "{") braces = braceParts(next.pattern, i);
    }
    if (!braces) done.push(next.pattern);
    else {
      const before = next.pattern.slice(0, i - 1);
      const after = next.pattern.slice(braces.end + 1);
      for (const part of braces.parts) todo.push({ pattern: before + part + after, from: i - 1 });
    }
    if (done.length + todo.length > MOST_ALTERNATIVES) {
      throw new LigaseError("LIGASE_E_GLOB", `the pattern ${JSON.stringify(pattern)} has too many alternatives`, {
        facts: { pattern },
        mend: "use * in place of some of the braces",
      });
    }
  }
  return done;
}

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** A bracket expression of a glob as one of a RegExp. */
function bracket(inner: string): string {
  const negated = inner[0] === "!" || inner[0] === "^";
  const members = (negated ? inner.slice(1) : inner).replace(/\\(.)|[\\\]^[]/gsu, (all, escaped: string | undefined) =>
    escaped === undefined ? `\\${all}` : /[\\\]^[-]/.test(escaped) ? `\\${escaped}` : escaped,
  );
  const text = `(?!\\/)[${negated ? "^" : ""}${members}]`;
  try {
    RegExp(text, "u");
    return text;
  } catch {
    return "(?!)"; // A range that runs backwards matches nothing, as in the shell.
  }
}

/** One segment as a RegExp, with what it says when it holds no wildcard. */
function compileSegment(segment: string): { source: string; literal: string | undefined } {
  let source = "";
  let literal: string | undefined = "";
  for (let i = 0; i < segment.length; i++) {
    const c = String.fromCodePoint(segment.codePointAt(i)!);
    const end = c === "[" ? bracketEnd(segment, i) : -1;
    if (c === "*" || c === "?" || end !== -1) {
      // As in the shell, a wildcard in first place does not match the dot of a hidden file.
      if (i === 0) source += "(?!\\.)";
      literal = undefined;
    }
    if (c === "*") source += "[^/]*";
    else if (c === "?") source += "[^/]";
    else if (end !== -1) {
      source += bracket(segment.slice(i + 1, end));
      i = end;
    } else {
      const plain = c === "\\" && i + 1 < segment.length ? String.fromCodePoint(segment.codePointAt(++i)!) : c;
      i += plain.length - 1;
      source += escape(plain);
      if (literal !== undefined) literal += plain;
    }
  }
  return { source, literal };
}

/**
 * A pattern of paths, after the shell's: `*`, `?`, `[a-z]`, `[!a]`, `{a,b}`, `{1..22}`, and `**`
 * for any number of folders. A wildcard does not match a leading dot; a backslash makes the next
 * character mean itself.
 *
 * Node's `path.matchesGlob` serves as the oracle of the tests but not as the matcher: it takes a
 * code point beyond U+FFFF for two characters, knows no folder that need not be read, and refuses
 * nothing.
 */
export class Glob {
  readonly pattern: string;
  /** The path it names, when it holds no wildcard. */
  readonly literal: string | undefined;
  readonly #whole: RegExp;
  readonly #alternatives: readonly Segments[];

  constructor(pattern: string) {
    this.pattern = pattern;
    const sources: string[] = [];
    const alternatives: Segments[] = [];
    const literals: (string | undefined)[] = [];
    for (const path of expandBraces(pattern.replace(/^(\.\/+)+/, ""))) {
      const segments: (RegExp | "**")[] = [];
      const names: (string | undefined)[] = [];
      let source = "";
      const parts = path.split("/").filter((part, i, all) => part !== "" || (i === 0 && all.length > 1));
      for (const [i, part] of parts.entries()) {
        const last = i === parts.length - 1;
        if (part === "**") {
          source += last ? "(?:(?!\\.)[^/]+\\/)*(?!\\.)[^/]+" : "(?:(?!\\.)[^/]+\\/)*";
          segments.push("**");
          names.push(undefined);
        } else {
          const segment = compileSegment(part);
          source += segment.source + (last ? "" : "\\/");
          segments.push(new RegExp(`^${segment.source}$`, "su"));
          names.push(segment.literal);
        }
      }
      sources.push(source);
      alternatives.push(segments);
      literals.push(names.includes(undefined) ? undefined : names.join("/"));
    }
    this.#whole = new RegExp(`^(?:${sources.join("|")})$`, "su");
    this.#alternatives = alternatives;
    this.literal = literals.length === 1 ? literals[0] : undefined;
  }

  /** Tells whether a relative path (with `/`) is one of those meant. */
  matches(path: string): boolean {
    return this.#whole.test(path);
  }

  /** Tells whether a folder may hold, at any depth, a path that matches. */
  mayHold(folder: string): boolean {
    const names = folder.split("/");
    return this.#alternatives.some((segments) => {
      // The places in the pattern that its next segment may be at.
      let places = new Set([0]);
      for (const name of names) {
        const next = new Set<number>();
        for (const place of places) {
          const segment = segments[place];
          if (segment === "**") {
            if (!name.startsWith(".")) next.add(place);
            places.add(place + 1); // Iterating a set takes in what is added meanwhile.
          } else if (segment?.test(name)) next.add(place + 1);
        }
        places = next;
      }
      return [...places].some((place) => place < segments.length);
    });
  }
}
