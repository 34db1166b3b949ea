import { errorFacts, LigaseError, reviveError, type ErrorFacts } from "./errors.ts";
import { hashText, type Hash } from "./hash.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * How one class of values that floors above define (a file, a task) is written and read.
 * Its instances are atoms: never looked into.
 */
export interface AtomCodec<T extends object = object> {
  /** The name under which it is written; unique within a codec. */
  readonly tag: string;
  /** Tells whether a value is of this class. */
  is(value: object): value is T;
  /** What makes two of them the same value; nothing when that is not known yet (an unread file). */
  identity(value: T): Json | undefined;
  /** Everything needed to make it again. */
  encode(value: T): Json;
  /** Makes it again. */
  decode(json: Json): T;
}

/** A value as text. */
export interface Encoded {
  /** The text that {@link Codec.decode} reads. */
  readonly text: string;
  /** The text that is equal for equal values: what is hashed. Differs from `text` only where atoms do. */
  readonly identity: string;
  /** The atoms found, in order of appearance. */
  readonly atoms: readonly object[];
  /** Those of them whose identity is not known yet. While there are any, `identity` means nothing. */
  readonly unresolved: readonly object[];
}

/** How deep values may be nested: what is written with this depth can be read again on an ordinary stack (1 MB). */
const DEEPEST = 1000;
const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** Writes a place inside a value the way people write it in code: `[2].reads["r 1"]`; a long way is cut in its middle. */
function place(path: readonly (string | number)[]): string {
  const steps = path.map((key) =>
    typeof key === "number" ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  );
  return (steps.length > 12 ? [...steps.slice(0, 6), " … ", ...steps.slice(-4)] : steps).join("");
}

/** One pass over one value. */
class Writer {
  readonly atoms: object[] = [];
  readonly unresolved: object[] = [];
  readonly path: (string | number)[] = [];
  readonly #above: object[] = [];
  readonly #codecs: readonly AtomCodec[];
  readonly #replace: ((value: object) => string | undefined) | undefined;
  /** Whether any part is written otherwise for identity than for storage. */
  differs = false;
  forIdentity = false;

  constructor(codecs: readonly AtomCodec[], replace: ((value: object) => string | undefined) | undefined) {
    this.#codecs = codecs;
    this.#replace = replace;
  }

  write(value: unknown): string {
    if (value === undefined) return '{"$":"undefined"}';
    switch (typeof value) {
      case "string":
        return JSON.stringify(value);
      case "number":
        if (Number.isFinite(value) && !Object.is(value, -0)) return String(value);
        return `{"$":"number","v":"${Object.is(value, -0) ? "-0" : value}"}`;
      case "boolean":
        return value ? "true" : "false";
      case "bigint":
        return `{"$":"bigint","v":"${value}"}`;
      case "symbol":
        return this.refuse(`${String(value)} is a symbol`);
      case "object":
      case "function":
        return value === null ? "null" : this.#object(value);
      default:
        return this.refuse(`it is a ${typeof value}`);
    }
  }

  #object(value: object): string {
    const replaced = this.#replace?.(value);
    if (replaced !== undefined) return replaced;
    if (Array.isArray(value)) return this.#nested(value, () => this.#array(value));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.#nested(value, () => this.#record(value as Record<string, unknown>));
    }
    for (const codec of this.#codecs) if (codec.is(value)) return this.#atom(codec, value);
    if (typeof value === "function") {
      return this.refuse(
        `${value.name ? `${value.name} is` : "it is"} a function, which cannot leave the process`,
        "make it a task or a lift at the top of a module, and pass that",
      );
    }
    return this.#builtIn(value);
  }

  #atom(codec: AtomCodec, value: object): string {
    const identity = codec.identity(value);
    if (!this.forIdentity) {
      this.atoms.push(value);
      if (identity === undefined) this.unresolved.push(value);
      this.differs = true;
    }
    const body = this.forIdentity ? (identity ?? null) : codec.encode(value);
    // The parts of an atom are plain JSON: they are written canonically, and hold no atoms.
    return `{"$":${JSON.stringify(codec.tag)},"v":${new Writer([], undefined).write(body)}}`;
  }

  #array(value: readonly unknown[]): string {
    let text = "[";
    for (let i = 0; i < value.length; i++) {
      this.path.push(i);
      text += (i === 0 ? "" : ",") + this.write(value[i]);
      this.path.pop();
    }
    return `${text}]`;
  }

  #record(value: Record<string, unknown>): string {
    const keys = Object.keys(value).sort();
    let text = "";
    let tagged = false;
    for (const key of keys) {
      const part = value[key];
      // An absent property and an undefined one are the same value, as in JSON.
      if (part === undefined) continue;
      if (key === "$") tagged = true;
      this.path.push(key);
      text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${this.write(part)}`;
      this.path.pop();
    }
    return tagged ? `{"$":"object","v":{${text}}}` : `{${text}}`;
  }

  #builtIn(value: object): string {
    if (value instanceof Date) return `{"$":"date","v":${value.getTime()}}`.replace("NaN", '"NaN"');
    if (value instanceof Map) return `{"$":"map","v":${this.#nested(value, () => this.#array([...value]))}}`;
    if (value instanceof Set) return `{"$":"set","v":${this.#nested(value, () => this.#array([...value]))}}`;
    if (value instanceof RegExp) return `{"$":"regexp","v":${JSON.stringify([value.source, value.flags])}}`;
    if (value instanceof URL) return `{"$":"url","v":${JSON.stringify(value.href)}}`;
    if (value instanceof Error) {
      const { name, message, code, ...more } = errorFacts(value);
      this.differs = true;
      // A stack and the facts (a work directory, a pid) differ from one failure to the next; the failure is the same.
      const kept = this.forIdentity ? { name, message, code } : { name, message, code, ...more };
      return `{"$":"error","v":${new Writer([], undefined).write(kept)}}`;
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const type = Object.entries(TYPED_ARRAYS).find(([, type]) => value instanceof type)?.[0];
      if (type !== undefined) {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
        return `{"$":"bytes","v":${JSON.stringify([type, bytes])}}`;
      }
    }
    const name = value.constructor?.name ?? "an unknown class";
    return this.refuse(
      value instanceof Promise ? "it is a promise" : `it is an instance of ${name}, which cannot leave the process`,
      value instanceof Promise ? "await it first" : "use a plain object with the same fields",
    );
  }

  /** Writes something with parts, unless it contains itself. */
  #nested(value: object, write: () => string): string {
    if (this.#above.includes(value)) this.refuse("it contains itself");
    if (this.#above.length === DEEPEST) this.refuse(`it is nested deeper than ${DEEPEST} levels`);
    this.#above.push(value);
    const text = write();
    this.#above.pop();
    return text;
  }

  refuse(why: string, mend?: string): never {
    const at = place(this.path);
    throw new LigaseError("LIGASE_E_UNSERIALISABLE", `the value${at && ` at ${at}`} cannot be stored: ${why}`, {
      facts: { path: at },
      ...(mend !== undefined && { mend }),
    });
  }
}

/** Makes a value of parsed JSON that may hold tags. */
function revive(json: unknown, codecs: ReadonlyMap<string, AtomCodec>): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((part) => revive(part, codecs));
  const { $: tag, v } = json as { $?: unknown; v?: unknown };
  if (tag === undefined) return reviveRecord(json, codecs);
  switch (tag) {
    case "object":
      return reviveRecord(v as object, codecs);
    case "undefined":
      return undefined;
    case "number":
      return Number(v);
    case "bigint":
      return BigInt(v as string);
    case "date":
      return new Date(v === "NaN" ? Number.NaN : (v as number));
    case "map":
      return new Map(revive(v, codecs) as [unknown, unknown][]);
    case "set":
      return new Set(revive(v, codecs) as unknown[]);
    case "regexp":
      return new RegExp(...(v as [string, string]));
    case "url":
      return new URL(v as string);
    case "error":
      return reviveError(v as ErrorFacts);
    case "bytes": {
      const [type, base64] = v as [keyof typeof TYPED_ARRAYS, string];
      return new TYPED_ARRAYS[type](Uint8Array.from(Buffer.from(base64, "base64")).buffer);
    }
    default: {
      const codec = codecs.get(tag as string);
      if (codec) return codec.decode(v as Json);
      throw new LigaseError(
        "LIGASE_E_UNKNOWN_TAG",
        `a stored value is of the kind ${JSON.stringify(tag)}, unknown here`,
        {
          mend: "it was written by a newer version: update ligase",
        },
      );
    }
  }
}

function reviveRecord(json: object, codecs: ReadonlyMap<string, AtomCodec>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(json)) {
    if (key === "__proto__") {
      Object.defineProperty(record, key, {
        value: revive(part, codecs),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else record[key] = revive(part, codecs);
  }
  return record;
}

/**
 * Writes values as text and reads them back: one text for equal values, whatever the order of
 * their keys (canonical JSON after RFC 8785, with tags for what JSON lacks: `undefined`, `NaN`,
 * `-0`, bigint, Date, Map, Set, RegExp, URL, Error, bytes, and the atoms given).
 *
 * @example
 * ```ts
 * const codec = new Codec();
 * codec.hash({ b: 1, a: 2 }) === codec.hash({ a: 2, b: 1 }); // true
 * codec.decode(codec.encode(new Map([["chr17", 4200]])).text); // Map { "chr17" => 4200 }
 * ```
 */
export class Codec {
  readonly #list: readonly AtomCodec[];
  readonly #byTag: ReadonlyMap<string, AtomCodec>;

  constructor(atoms: readonly AtomCodec[] = []) {
    this.#list = atoms;
    this.#byTag = new Map(atoms.map((atom) => [atom.tag, atom]));
  }

  /**
   * Writes a value.
   *
   * @param replace - asked first about every object and function; text that it returns is taken as it is
   * @throws LigaseError `LIGASE_E_UNSERIALISABLE`, naming the place inside the value, when it holds a
   * function, a symbol, a promise, an instance of an unknown class, or itself
   */
  encode(value: unknown, replace?: (value: object) => string | undefined): Encoded {
    const writer = new Writer(this.#list, replace);
    const text = writer.write(value);
    const { atoms, unresolved } = writer;
    if (!writer.differs) return { text, identity: text, atoms, unresolved };
    writer.forIdentity = true;
    return { text, identity: unresolved.length > 0 ? "" : writer.write(value), atoms, unresolved };
  }

  /** Reads what {@link Codec.encode} wrote. */
  decode(text: string): unknown {
    const json: unknown = JSON.parse(text);
    // Most values hold no tag, and JSON.parse alone is five times faster than a walk.
    return text.includes('"$"') ? revive(json, this.#byTag) : json;
  }

  /** Makes a value of JSON that was parsed already. */
  revive(json: unknown): unknown {
    return revive(json, this.#byTag);
  }

  /** The hash of a value whose atoms all have an identity. */
  hash(value: unknown): Hash {
    return hashText(this.encode(value).identity);
  }
}
