/** What stands in place of a secret. */
export const REDACTED = "***";

/** Shorter values are not looked for: `42` or `yes` as a secret would take every other word out of a log. */
const SHORTEST = 4;
/** Lines of a value that has several (a private key) count on their own from this length on. */
const SHORTEST_LINE = 8;
/** Pieces of Base64 are no words: shorter ones occur by chance. */
const SHORTEST_BASE64 = 8;

/** Takes secrets out of a text. */
export type Redactor = (text: string) => string;

/** Takes secrets out of bytes that come in pieces. */
export interface RedactingStream {
  /** The bytes that may be shown by now: those that could be the beginning of a secret are kept back. */
  write(chunk: Buffer): Buffer;
  /** What was kept back, when nothing more comes. */
  end(): Buffer;
}

/**
 * Replaces secret values wherever they occur in a text by `***`: as they are, and as programs write them: in Base64 (also
 * in the middle of a longer text that was encoded, such as `user:password`), for URLs, in hexadecimal, in JSON and quoted
 * for a shell. Of a value of several lines each line counts. Values of fewer than four characters are left alone.
 *
 * @example
 * ```ts
 * const redact = createRedactor(["s3cr3t-key"]);
 * redact("curl -H 'Authorization: Bearer s3cr3t-key'"); // curl -H 'Authorization: Bearer ***'
 * ```
 */
export function createRedactor(values: Iterable<string>): Redactor {
  const needles = needlesOf(values);
  if (needles.length === 0) return (text) => text;
  const pattern = patternOf(needles);
  return (text) => (needles.some((needle) => text.includes(needle)) ? text.replaceAll(pattern, REDACTED) : text);
}

/**
 * The same for bytes that come in pieces, of whatever encoding: a value that is split over two of them is found too.
 *
 * @example
 * ```ts
 * const stream = createRedactingStream(["s3cr3t-key"]);
 * stream.write(Buffer.from("key=s3cr")); // key=
 * stream.write(Buffer.from("3t-key\n")); // ***⏎
 * ```
 */
export function createRedactingStream(values: Iterable<string>): RedactingStream {
  // One character a byte: what is no text stays what it is.
  const needles = needlesOf(values)
    .map((needle) => Buffer.from(needle, "utf8").toString("latin1"))
    .toSorted(longestFirst);
  if (needles.length === 0) return { write: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const pattern = patternOf(needles);
  const longest = needles[0]?.length ?? 0;
  let kept = "";
  return {
    write(chunk) {
      const text = kept + chunk.toString("latin1");
      let from = 0;
      let shown = "";
      let open = openEnd(text, needles, longest, 0);
      if (needles.some((needle) => text.includes(needle))) {
        pattern.lastIndex = 0;
        for (let match = pattern.exec(text); match && match.index < open; match = pattern.exec(text)) {
          shown += text.slice(from, match.index) + REDACTED;
          from = match.index + match[0].length;
          if (from > open) open = openEnd(text, needles, longest, from);
        }
      }
      kept = text.slice(open);
      return Buffer.from(shown + text.slice(from, open), "latin1");
    },
    end() {
      const rest = kept.replaceAll(pattern, REDACTED);
      kept = "";
      return Buffer.from(rest, "latin1");
    },
  };
}

/**
 * Takes secrets out of all text in plain data: the facts of an error, a record for a log. Keys stay.
 *
 * @example
 * ```ts
 * redactDeep(redact, { url: "https://x/?key=s3cr3t-key" }); // { url: "https://x/?key=***" }
 * ```
 */
export function redactDeep<T>(redact: Redactor, data: T): T;
export function redactDeep(redact: Redactor, data: unknown): unknown {
  if (typeof data === "string") return redact(data);
  if (Array.isArray(data)) return data.map((item: unknown) => redactDeep(redact, item));
  if (typeof data !== "object" || data === null) return data;
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redactDeep(redact, value)]));
}

/** Where the first suffix of a text begins that a longer needle could begin with; its length when there is none. */
function openEnd(text: string, needles: readonly string[], longest: number, from: number): number {
  for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++) {
    const rest = text.slice(at);
    if (needles.some((needle) => needle.length > rest.length && needle.startsWith(rest))) return at;
  }
  return text.length;
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

function patternOf(needles: readonly string[]): RegExp {
  return new RegExp(
    needles.map((needle) => needle.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|"),
    "g",
  );
}

/** All that is looked for, the longest first: of two that begin at one place the longer one is taken. */
function needlesOf(values: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const value of values) {
    const lines = value.includes("\n") ? value.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE) : [];
    for (const plain of [value, value.trim(), ...lines, ...lines.map((line) => line.trim())]) {
      if (plain.length < SHORTEST) continue;
      for (const form of [plain, ...encodings(plain)]) found.add(form);
    }
  }
  return [...found].toSorted(longestFirst);
}

function encodings(plain: string): string[] {
  const bytes = Buffer.from(plain, "utf8");
  const forUrls = bytes.toString("utf8") === plain ? encodeURIComponent(plain) : plain;
  const hex = bytes.toString("hex");
  return [
    ...base64Pieces(bytes),
    forUrls,
    forUrls.replaceAll("%20", "+"),
    forUrls.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    JSON.stringify(plain).slice(1, -1),
    plain.replaceAll("'", `'\\''`),
  ];
}

/**
 * What stands in the Base64 of any text that contains these bytes, whatever is around them: three bytes make four
 * characters, so they may begin at three places of such a group. Characters that neighbours have a part in are left out.
 */
function base64Pieces(bytes: Buffer): string[] {
  const pieces: string[] = [];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = before === 0 ? 0 : before + 1;
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const piece = text.slice(first, last);
    if (piece.length >= SHORTEST_BASE64) pieces.push(piece, piece.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return pieces;
}
