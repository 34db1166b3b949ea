const SECRET = "password|passwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?";

/** Each with what takes its place. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // A user's name and password in an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]+@/gi, "$1…@"],
  // What opens a signed address.
  [new RegExp(`([?&][\\w.-]*(?:signature|${SECRET})[\\w.-]*|[?&](?:sig|key))=[^&\\s"'<>)\\]}]*`, "gi"), "$1=…"],
  // Flags of a command line, and fields of a value.
  [new RegExp(`(--[\\w-]*(?:${SECRET}))([= ])(?:'[^']*'|"[^"]*"|\\S+)`, "gi"), "$1$2…"],
  [new RegExp(`(\\b\\w*(?:${SECRET})"?: ?)"(?:[^"\\\\]|\\\\.)*"`, "gi"), '$1"…"'],
];
const SECRET_NAME = new RegExp(`(?:${SECRET})$`, "i");

/** Does a parameter of this name hold what is nobody else's business? */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * A copy of plain data without what opens something: user names and passwords in addresses (`https://me:pass@host`),
 * signatures in their queries, and what is called a password, a token, a secret or a key. A report is handed around.
 */
export function redact<T>(data: T): T {
  // Casts: what is made has the shape of what was given.
  if (typeof data === "string") {
    return PATTERNS.reduce((text, [pattern, by]) => text.replace(pattern, by), data as string) as T & string;
  }
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((part) => redact<unknown>(part)) as T;
  return Object.fromEntries(Object.entries(data).map(([key, part]) => [key, redact<unknown>(part)])) as T;
}
