/** What an error carries beside its message. */
export interface ErrorOptions {
  /** One line that says what to do about it. */
  readonly mend?: string;
  /** The facts: names, paths, numbers. They become fields that programs can read. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** What caused it. */
  readonly cause?: unknown;
}

/**
 * An error that Ligase raises for a reason it knows. It has a stable code (`LIGASE_E_…`), the
 * facts as fields and, where there is one, a mend. The command line prints these without a stack
 * trace; any other error is either the user's or a defect of ours.
 *
 * @example
 * ```ts
 * throw new LigaseError("LIGASE_E_NO_FILE", "samples.csv does not exist", {
 *   facts: { path: "samples.csv" },
 *   mend: "check the path given to --samples",
 * });
 * ```
 */
export class LigaseError extends Error {
  override readonly name: string = "LigaseError";
  /** Stable across versions: programs may compare it. */
  readonly code: string;
  /** What to do about it. */
  readonly mend: string | undefined;
  /** Names, paths and numbers of the case. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
    this.facts = options.facts ?? {};
  }
}

/** An error as plain data: what is stored and what crosses between processes. */
export interface ErrorFacts {
  /** The class: `TypeError`, `LigaseError`, `MyError`. */
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly mend?: string | undefined;
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  readonly stack?: string | undefined;
  readonly cause?: ErrorFacts | undefined;
}

/** What JSON keeps of a value, or nothing. */
function plain(value: unknown): unknown {
  try {
    // Not always text, whatever its type says: nothing for a function and for undefined.
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What something thrown that is no error says. */
function messageOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (typeof thrown === "bigint") return String(thrown);
  try {
    const text: string | undefined = JSON.stringify(thrown);
    return text ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

/**
 * Turns whatever was thrown into plain data, with its class name, its own enumerable fields, its
 * stack and its causes.
 */
export function errorFacts(thrown: unknown, depth = 8): ErrorFacts {
  if (!(thrown instanceof Error)) return { name: "NonErrorThrown", message: messageOf(thrown) };
  const facts: Record<string, unknown> = {};
  const given = thrown instanceof LigaseError ? thrown.facts : {};
  for (const [key, value] of [...Object.entries(thrown), ...Object.entries(given)]) {
    if (["name", "message", "code", "mend", "facts", "stack", "cause"].includes(key)) continue;
    const kept = plain(value);
    if (kept !== undefined) facts[key] = kept;
  }
  const code = (thrown as { code?: unknown }).code;
  return {
    name: thrown.name !== "Error" ? thrown.name : thrown.constructor.name || "Error",
    message: thrown.message,
    ...(typeof code === "string" && { code }),
    ...(thrown instanceof LigaseError && thrown.mend !== undefined && { mend: thrown.mend }),
    ...(Object.keys(facts).length > 0 && { facts }),
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
    ...(thrown.cause !== undefined && depth > 0 && { cause: errorFacts(thrown.cause, depth - 1) }),
  };
}

const BUILT_IN: Readonly<Record<string, new (message: string, options?: { cause?: unknown }) => Error>> = {
  // Nothing inherited: people may name a class as they like.
  __proto__: null as never,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/**
 * Makes an error of stored facts. Built-in classes and `LigaseError` come back as themselves, so
 * `instanceof` holds; a class of the user's comes back as an `Error` with its name, message,
 * code, fields and stack.
 */
export function reviveError(facts: ErrorFacts): Error {
  const cause = facts.cause === undefined ? undefined : reviveError(facts.cause);
  let error: Error;
  if (facts.code?.startsWith("LIGASE_E_")) {
    error = new LigaseError(facts.code, facts.message, {
      ...(facts.mend !== undefined && { mend: facts.mend }),
      ...(facts.facts && { facts: facts.facts }),
      cause,
    });
    if (facts.name !== "LigaseError") Object.defineProperty(error, "name", { value: facts.name, configurable: true });
  } else {
    error = new (BUILT_IN[facts.name] ?? Error)(facts.message, cause && { cause });
    if (error.name !== facts.name) Object.defineProperty(error, "name", { value: facts.name, configurable: true });
    if (facts.code !== undefined) Object.assign(error, { code: facts.code });
    Object.assign(error, facts.facts);
  }
  if (facts.stack !== undefined) error.stack = facts.stack;
  return error;
}
