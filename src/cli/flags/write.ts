import { isDeepStrictEqual } from "node:util";
import { slotsOf } from "../../code/parameters/index.ts";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { FlagNames } from "./names.ts";
import { readText } from "./text.ts";

/** How the values of a command line are written. */
export interface WriteOptions {
  /** The path of a file or directory. Without it a value is asked for its `path`, or written as text. */
  readonly pathOf?: (value: object) => string;
  /** Flags of the command itself, without dashes. */
  readonly reserved?: readonly string[];
}

const CONTAINER = new Set<ParameterType["kind"]>(["array", "tuple", "object", "record"]);
const isContainer = (type: ParameterType): boolean =>
  CONTAINER.has(type.kind) || (type.kind === "union" && type.of.some(isContainer));

/** A key that a dotted flag can say. */
const isSayable = (key: string, mayHoldDots: boolean): boolean => (mayHoldDots ? /^[^=]+$/ : /^[^=.]+$/).test(key);

/** Writes the flags of one command line. */
class Writer {
  readonly words: string[] = [];
  readonly #pathOf: (value: object) => string;

  constructor(pathOf: (value: object) => string) {
    this.#pathOf = pathOf;
  }

  write(name: string, no: string, type: ParameterType, value: unknown): void {
    if (typeof value === "boolean" && type.kind === "boolean") this.words.push(value ? name : no);
    else if (type.kind === "array" && Array.isArray(value)) this.#list(name, type.of, value);
    else if ((type.kind === "object" || type.kind === "record") && this.#parts(name, type, value)) return;
    else this.#one(name, this.#text(type, value));
  }

  #one(name: string, text: string): void {
    if (/^-[^\d.]/.test(text)) this.words.push(`${name}=${text}`);
    else this.words.push(name, text);
  }

  #list(name: string, of: ParameterType, items: readonly unknown[]): void {
    const texts = items.map((item) => this.#text(of, item));
    const alone = texts.length === 1 && texts[0]!.trimStart().startsWith("[");
    if (texts.length === 0 || alone || isContainer(of)) return this.#one(name, this.#json(items));
    if (texts.some((text) => text.startsWith("-"))) for (const text of texts) this.words.push(`${name}=${text}`);
    else this.words.push(name, ...texts);
  }

  /** Writes a value by its parts, where each can be said. */
  #parts(name: string, type: ParameterType & { kind: "object" | "record" }, value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    if (entries.length === 0) return false;
    const mayHoldDots =
      type.kind === "record" && !isContainer(type.of) && type.of.kind !== "json" && type.of.kind !== "union";
    if (!entries.every(([key]) => isSayable(key, mayHoldDots))) return false;
    for (const [key, part] of entries as [string, unknown][]) {
      const of = type.kind === "record" ? type.of : type.fields.find((field) => field.name === key)?.type;
      const at = `${name}.${key}`;
      if (of) this.write(at, `${at}=false`, of, part);
    }
    return true;
  }

  /** The text that is read as the value. */
  #text(type: ParameterType, value: unknown): string {
    const plain = this.#plain(value);
    if (type.kind === "string" || plain === undefined) return plain ?? this.#json(value);
    if (type.kind !== "union" && type.kind !== "json") return plain;
    const asPaths = { file: (path: string) => path, dir: (path: string) => path };
    const read = readText(type, plain, asPaths);
    const same =
      "value" in read &&
      isDeepStrictEqual(read.value, typeof value === "object" && !(value instanceof Date) ? plain : value);
    return same ? plain : this.#json(value);
  }

  /** A value as people type it; nothing for one with parts. */
  #plain(value: unknown): string | undefined {
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Date) return value.toISOString();
    if (value === null || typeof value !== "object") return String(value);
    return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype ? undefined : this.#pathOf(value);
  }

  #json(value: unknown): string {
    return JSON.stringify(this.#jsonable(value));
  }

  #jsonable(value: unknown): unknown {
    if (typeof value === "bigint") return `${value}n`;
    if (Array.isArray(value)) return value.map((item) => this.#jsonable(item));
    if (value === null || typeof value !== "object") return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return this.#plain(value);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#jsonable(part)]));
  }
}

function pathField(value: object): string {
  return "path" in value && typeof value.path === "string" ? value.path : JSON.stringify(value);
}

/**
 * Writes arguments as the words of a command line: {@link readFlags} reads the same values back.
 *
 * @example
 * ```ts
 * writeFlags(parameters, ["s1", [a, b], false]); // ["--sample-id", "s1", "--reads", "a.fq", "b.fq", "--no-trim"]
 * ```
 */
export function writeFlags(
  parameters: readonly Parameter[],
  args: readonly unknown[],
  options: WriteOptions = {},
): string[] {
  const slots = slotsOf(parameters);
  const names = new FlagNames(slots, options.reserved);
  const writer = new Writer(options.pathOf ?? pathField);
  for (const slot of slots) {
    const { rest } = parameters[slot.index]!;
    const arg = rest ? args.slice(slot.index) : args[slot.index];
    const within = slot.within && typeof arg === "object" && arg !== null;
    const value = within ? (arg as Readonly<Record<string, unknown>>)[slot.name] : arg;
    const isGiven = value !== undefined && !(rest && Array.isArray(value) && value.length === 0);
    if (isGiven) writer.write(names.of(slot), names.negated(slot), slot.field.type, value);
  }
  return writer.words;
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
