import { inspect } from "node:util";
import { slotsOf, type Slot } from "../../code/parameters/index.ts";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { wrap } from "../terminal/text.ts";
import { FlagNames, PARAMS } from "./names.ts";
import { shellWord, writeFlags } from "./write.ts";

/** What help needs to know of the command around it. */
export interface HelpOptions {
  /** How the command line begins: `ligase run workflow.ts align`. */
  readonly command?: string;
  /** Flags of the command itself, without dashes. */
  readonly reserved?: readonly string[];
}

/** A flag with its value, and what is said of it. */
interface Row {
  readonly flag: string;
  readonly text: string;
}

/** The longest list of choices that stands beside its flag. */
const CHOICES = 32;

/** What stands for a value of a type beside its flag: `FILE`, `fast|exact`. */
export function placeholder(type: ParameterType): string {
  switch (type.kind) {
    case "string":
      return "TEXT";
    case "number":
      return "NUMBER";
    case "integer":
    case "bigint":
      return "INTEGER";
    case "boolean":
      return "true|false";
    case "file":
      return "FILE";
    case "dir":
      return "DIR";
    case "date":
      return "DATE";
    case "enum": {
      const choices = type.values.join("|");
      return choices.length <= CHOICES ? choices : "CHOICE";
    }
    case "array":
      return `${placeholder(type.of)}...`;
    case "record":
      return `KEY=${placeholder(type.of)}`;
    case "union":
      return [...new Set(type.of.map(placeholder))].join("|");
    case "null":
      return "null";
    case "tuple":
    case "object":
    case "json":
      return "JSON";
  }
}

/** The choices that had no place beside the flag. */
function choices(type: ParameterType): string {
  if (type.kind === "enum" && type.values.join("|").length > CHOICES) return `one of ${type.values.join(", ")}`;
  return type.kind === "array" ? choices(type.of) : "";
}

/** A default as people would type it. */
function defaultText(field: Parameter): string | undefined {
  const { default: value } = field;
  if (value === undefined) return undefined;
  // `= {}` says no more than that it may be left out.
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0 && !(value instanceof Date))
    return undefined;
  if (typeof value === "string") return value === "" ? '""' : value;
  if (typeof value !== "object") return inspect(value);
  if (value instanceof Date) return value.toISOString().replace("T00:00:00.000Z", "");
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}

function describe(field: Parameter, mustBeGiven: boolean): string {
  const value = defaultText(field);
  const said = value === undefined ? (mustBeGiven ? "(required)" : "") : `(default: ${value})`;
  return [field.doc, choices(field.type), said].filter(Boolean).join(" ");
}

function rowsOf(slot: Slot, field: Parameter, path: readonly string[], mustBeGiven: boolean, names: FlagNames): Row[] {
  const { type } = field;
  const long = names.of(slot, path);
  // What is called by one letter is given by it.
  const flag = /^--[A-Za-z]$/.test(long) && type.kind !== "boolean" ? long.slice(1) : long;
  if (type.kind === "object" && type.fields.length > 0) {
    const whole: Row[] = field.doc
      ? [{ flag: `${flag} JSON`, text: `${field.doc.replace(/\.$/, "")}, by its fields:` }]
      : [];
    return whole.concat(
      type.fields.flatMap((part) => rowsOf(slot, part, [...path, part.name], mustBeGiven && !part.optional, names)),
    );
  }
  const text = describe(field, mustBeGiven);
  if (type.kind !== "boolean") return [{ flag: `${flag} ${placeholder(type)}`, text }];
  const negated = names.negated(slot, path);
  return [{ flag: negated === `--no-${flag.slice(2)}` ? `--[no-]${flag.slice(2)}` : flag, text }];
}

/** Prose for a width: lines of a paragraph are filled anew; lists, indented lines and code stay as they are. */
function prose(text: string, width: number): string[] {
  const lines: string[] = [];
  let fenced = false;
  let open = false;
  for (const line of text.split("\n")) {
    const isFence = /^\s*```/.test(line);
    const isKept = fenced || isFence || /^\s{2,}\S|^\s*$|^#/.test(line);
    if (isFence) fenced = !fenced;
    if (!isKept && open && !/^\s*(?:[-*+]|\d+\.)\s/.test(line)) lines.push(`${lines.pop()} ${line.trim()}`);
    else lines.push(line);
    open = !isKept;
  }
  return lines.flatMap((line) => (/^\s{2,}\S/.test(line) ? [line] : wrap(line, width)));
}

/** The words of an example, on as many lines as a shell takes for one. */
function exampleLines(command: string, words: readonly string[], width: number): string[] {
  // A flag stays with its values.
  const chunks: string[] = [];
  for (const word of words) {
    if (word.startsWith("-")) chunks.push(word);
    else chunks.push(`${chunks.pop() ?? ""} ${word}`.trim());
  }
  const lines: string[] = [];
  let line = `  ${command}`;
  for (const chunk of chunks) {
    // Room is kept for the backslash.
    if (line.length + 1 + chunk.length > width - 2) {
      lines.push(`${line} \\`);
      line = `    ${chunk}`;
    } else line += ` ${chunk}`;
  }
  return [...lines, line];
}

function layOut(rows: readonly Row[], width: number): string[] {
  const widest = Math.max(...rows.map((row) => row.flag.length));
  const column = Math.min(widest, Math.max(16, Math.floor(width * 0.42))) + 4;
  // Two columns need room for a few words in the second.
  const stacked = width - column < 24;
  return rows.flatMap(({ flag, text }) => {
    const indent = stacked ? 6 : column;
    const lines = text === "" ? [] : wrap(text, Math.max(16, width - indent));
    const head = `  ${flag}`;
    if (stacked || head.length > column - 2) return [head, ...lines.map((line) => " ".repeat(indent) + line)];
    const [first = "", ...more] = lines;
    return [(head.padEnd(column) + first).trimEnd(), ...more.map((line) => " ".repeat(indent) + line)];
  });
}

/** A value that shows how one of its type is written. */
function example(name: string, field: Parameter): unknown {
  if (field.default !== undefined) return field.default;
  const of = (type: ParameterType): unknown => {
    switch (type.kind) {
      case "string":
        return "text";
      case "number":
      case "integer":
      case "bigint":
        return 10;
      case "boolean":
        return true;
      case "file":
      case "dir":
        return `path/to/${name}`;
      case "date":
        return "2026-01-31";
      case "enum":
        return type.values[0];
      case "array":
        return [of(type.of)];
      case "tuple":
        return type.of.map(of);
      case "record":
        return { key: of(type.of) };
      case "object":
        return Object.fromEntries(
          type.fields.filter((part) => !part.optional).map((part) => [part.name, example(part.name, part)]),
        );
      case "union":
        return of(type.of.find((part) => part.kind !== "null") ?? { kind: "null" });
      case "null":
      case "json":
        return null;
    }
  };
  return of(field.type);
}

function exampleWords(parameters: readonly Parameter[], slots: readonly Slot[], reserved: readonly string[]): string[] {
  const required = slots.filter((slot) => !slot.field.optional);
  const shown = required.length > 0 ? required : slots.slice(0, 2);
  const args: unknown[] = [];
  for (const slot of shown) {
    const value = example(slot.name, slot.field);
    args[slot.index] = slot.within ? { ...(args[slot.index] as object | undefined), [slot.name]: value } : value;
  }
  const rest = parameters.at(-1)?.rest ? args[parameters.length - 1] : undefined;
  return writeFlags(parameters, Array.isArray(rest) ? [...args.slice(0, -1), ...(rest as unknown[])] : args, {
    reserved,
  });
}

/**
 * The `--help` of a task: what it does, its flags with their types, defaults and docs, and an
 * example.
 *
 * @param doc - the task's doc comment, without tags
 * @param width - of the terminal, in columns
 */
export function helpText(
  taskName: string,
  doc: string,
  parameters: readonly Parameter[],
  width: number,
  options: HelpOptions = {},
): string {
  const { command = `ligase run <file> ${taskName}`, reserved = [] } = options;
  const slots = slotsOf(parameters);
  const names = new FlagNames(slots, reserved);
  const required = slots.filter((slot) => !slot.field.optional);
  const usage = required.map((slot) => {
    const flag = names.of(slot);
    return slot.field.type.kind === "boolean" ? flag : `${flag} ${placeholder(slot.field.type)}`;
  });
  const optional = slots.length > required.length ? ["[flags]"] : [];
  const lines = wrap(["Usage:", command, ...usage, ...optional].join(" "), width);
  if (doc !== "") lines.push("", ...prose(doc, width));
  const rows = slots.flatMap((slot) => rowsOf(slot, slot.field, [], !slot.field.optional, names));
  if (slots.length > 0) {
    rows.push({ flag: `--${PARAMS} FILE`, text: "Read parameters from a YAML or JSON file; flags win over it." });
    lines.push("", "Parameters:", ...layOut(rows, width));
    const words = exampleWords(parameters, slots, reserved).map(shellWord);
    lines.push("", "Example:", ...exampleLines(command, words, width));
    if (rows.some(({ flag }) => flag.endsWith("..."))) {
      lines.push("", ...wrap("Flags with ... take every word up to the next flag, and may be repeated.", width));
    }
  }
  return `${lines.join("\n")}\n`;
}
