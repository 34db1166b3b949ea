import { LigaseError, nearest } from "../../kernel/index.ts";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { pathText, typeText, valueText } from "./describe.ts";
import { findNamed } from "./names.ts";
import { argumentsOf, slotsOf } from "./slots.ts";

/** How a path becomes a file or a directory. They throw when there is none at it. */
export interface Makers {
  file(path: string): unknown;
  dir(path: string): unknown;
}

/** What is wrong with a value, and where inside it: "[samples, 2, id] must be text, got 3". */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly mend?: string | undefined;
}

/** Reads values of JSON by their types. One pass over one value. */
export interface ValueReading {
  readonly makers: Makers;
  /** What was found wrong so far. */
  readonly problems: Problem[];
}

/** Types are tried in this order where several may fit: the narrower first. */
const NARROWNESS: readonly ParameterType["kind"][] = [
  "null",
  "enum",
  "boolean",
  "integer",
  "number",
  "bigint",
  "date",
  "dir",
  "file",
  "string",
  "tuple",
  "array",
  "object",
  "record",
  "union",
  "json",
];

/** A union's alternatives, the narrower first. */
export function byNarrowness(types: readonly ParameterType[]): ParameterType[] {
  return types.toSorted((a, b) => NARROWNESS.indexOf(a.kind) - NARROWNESS.indexOf(b.kind));
}

/** Is it an object with fields, as JSON has them? */
export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** May a value of the type be `null`? */
function allowsNull(type: ParameterType): boolean {
  return type.kind === "null" || type.kind === "json" || (type.kind === "union" && type.of.some(allowsNull));
}

/**
 * Reads a date: `2026-01-31`, or with a time, in UTC where no zone is said, so that a command means
 * the same on every machine. Nothing when the text is none, or the day does not exist.
 */
export function readDate(text: string): Date | undefined {
  const match = /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, year, month, day, time, zone] = match;
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript reads 30 February as 1 or 2 March.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined;
  if (time === undefined) return midnight;
  const date = new Date(`${year}-${month}-${day}T${time}${zone ?? "Z"}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Reads an integer of any size; `5n` is one too. */
export function readBigInt(text: string): bigint | undefined {
  return /^[+-]?\d+n?$/.test(text) ? BigInt(text.replace(/n$/, "").replace(/^\+/, "")) : undefined;
}

class Reader {
  readonly #reading: ValueReading;

  constructor(reading: ValueReading) {
    this.#reading = reading;
  }

  read(type: ParameterType, value: unknown, path: readonly (string | number)[]): unknown {
    switch (type.kind) {
      case "json":
        return value;
      case "string":
        if (typeof value === "string") return value;
        return this.#refuse(type, value, path, typeof value === "number" ? "write it in quotes" : undefined);
      case "number":
        return typeof value === "number" ? value : this.#refuse(type, value, path);
      case "integer":
        return Number.isInteger(value) ? value : this.#refuse(type, value, path);
      case "boolean":
        return typeof value === "boolean" ? value : this.#refuse(type, value, path);
      case "null":
        return value === null ? value : this.#refuse(type, value, path);
      case "bigint":
        return this.#bigint(type, value, path);
      case "date":
        if (value instanceof Date) return value;
        return (typeof value === "string" ? readDate(value) : undefined) ?? this.#refuse(type, value, path);
      case "enum": {
        if (type.values.some((choice) => choice === value)) return value;
        const near = typeof value === "string" ? nearest(value, type.values.map(String)) : undefined;
        return this.#refuse(type, value, path, near && `did you mean ${near}?`);
      }
      case "file":
      case "dir":
        return typeof value === "string" ? this.#made(type.kind, value, path) : this.#refuse(type, value, path);
      case "array":
        if (!Array.isArray(value)) return this.#refuse(type, value, path);
        return value.map((item, i) => this.read(type.of, item, [...path, i]));
      case "tuple":
        if (!Array.isArray(value) || value.length !== type.of.length) return this.#refuse(type, value, path);
        return type.of.map((of, i) => this.read(of, value[i], [...path, i]));
      case "record":
        if (!isFields(value)) return this.#refuse(type, value, path);
        return Object.fromEntries(
          Object.entries(value).map(([key, part]) => [key, this.read(type.of, part, [...path, key])]),
        );
      case "object":
        return isFields(value) ? this.#object(type.fields, value, path) : this.#refuse(type, value, path);
      case "union":
        return this.#union(type, value, path);
    }
  }

  #object(
    fields: readonly Parameter[],
    value: Readonly<Record<string, unknown>>,
    path: readonly (string | number)[],
  ): unknown {
    const given = matchFields(fields, value, path, this.#reading.problems);
    const entries: [string, unknown][] = [];
    for (const field of fields) {
      const part = given.get(field.name);
      if (isGiven(field, part)) entries.push([field.name, this.read(field.type, part, [...path, field.name])]);
      else if (!field.optional) this.#problem([...path, field.name], `is missing (${typeText(field.type)})`);
    }
    return Object.fromEntries(entries);
  }

  #union(type: ParameterType & { kind: "union" }, value: unknown, path: readonly (string | number)[]): unknown {
    let closest: readonly Problem[] | undefined;
    for (const alternative of byNarrowness(type.of)) {
      const problems: Problem[] = [];
      const read = new Reader({ ...this.#reading, problems }).read(alternative, value, path);
      if (problems.length === 0) return read;
      // Of `{ kind: "bam", … } | { kind: "cram", … }` the one that was meant says what is wrong.
      const meant = problems.some(({ path: at }) => at.length > path.length) && isMeant(alternative, value);
      if (meant && (!closest || problems.length < closest.length)) closest = problems;
    }
    if (!closest) return this.#refuse(type, value, path);
    this.#reading.problems.push(...closest);
    return undefined;
  }

  #bigint(type: ParameterType, value: unknown, path: readonly (string | number)[]): unknown {
    if (typeof value === "bigint") return value;
    if (Number.isSafeInteger(value)) return BigInt(value as number);
    const read = typeof value === "string" ? readBigInt(value) : undefined;
    return (
      read ??
      this.#refuse(type, value, path, typeof value === "number" ? "quote it, so that no digit is lost" : undefined)
    );
  }

  #made(kind: "file" | "dir", location: string, path: readonly (string | number)[]): unknown {
    try {
      return this.#reading.makers[kind](location);
    } catch (error) {
      if (!(error instanceof LigaseError)) throw error;
      this.#problem(path, `is no ${kind === "file" ? "file" : "directory"}: ${error.message}`, error.mend);
      return undefined;
    }
  }

  #problem(path: readonly (string | number)[], message: string, mend?: string): void {
    this.#reading.problems.push({ path, message, mend });
  }

  #refuse(type: ParameterType, value: unknown, path: readonly (string | number)[], mend?: string): undefined {
    this.#problem(path, `must be ${typeText(type)}, got ${valueText(value)}`, mend);
  }
}

/** Does a value have the literals that tell one alternative of a union from the others, or at least its shape? */
function isMeant(type: ParameterType, value: unknown): boolean {
  if (type.kind === "array" || type.kind === "tuple") return Array.isArray(value);
  if (type.kind !== "object" || !isFields(value)) return type.kind === "record" && isFields(value);
  return type.fields.every(
    ({ name, type: of }) =>
      of.kind !== "enum" || of.values.length > 1 || of.values.some((choice) => choice === value[name]),
  );
}

/** Was a value given? `null` for what may be left out, and may not be null, means that it was not: `depth:` in YAML. */
export function isGiven(field: Parameter, value: unknown): boolean {
  return value !== undefined && !(value === null && field.optional && !allowsNull(field.type));
}

/** What an object gives for each field, by the field's own name. Keys that name none are problems. */
export function matchFields(
  fields: readonly Parameter[],
  value: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  problems: Problem[],
): Map<string, unknown> {
  const given = new Map<string, unknown>();
  for (const [key, part] of Object.entries(value)) {
    const field = findNamed(fields, key);
    if (!field) {
      const near = nearest(
        key,
        fields.map((known) => known.name),
      );
      const known = fields.map(({ name }) => name).join(", ");
      problems.push({
        path: [...path, key],
        message: "is not known here",
        mend: near ? `did you mean ${near}?` : `known: ${known}`,
      });
    } else if (given.has(field.name)) {
      problems.push({ path: [...path, key], message: `is given twice, as ${field.name} too` });
    } else given.set(field.name, part);
  }
  return given;
}

/**
 * Reads a value of JSON as a type says: paths become files, texts dates and so on. What is wrong
 * is added to the problems, with its place; the value returned then means nothing.
 */
export function readValue(
  type: ParameterType,
  value: unknown,
  reading: ValueReading,
  path: readonly (string | number)[] = [],
): unknown {
  return new Reader(reading).read(type, value, path);
}

/**
 * Reads the arguments of a task from one JSON object with a property per parameter: the body of a
 * request, or a params file.
 *
 * @returns the arguments in the order of the parameters
 * @throws LigaseError `LIGASE_E_INPUT` with everything that is wrong (`facts.problems`), each with its place
 * @example
 * ```ts
 * readArguments(parameters, { reads: "a.fq", minDepth: 10 }, { file: File.at, dir: Dir.at });
 * ```
 */
export function readArguments(parameters: readonly Parameter[], input: unknown, makers: Makers): unknown[] {
  const slots = slotsOf(parameters);
  const problems: Problem[] = [];
  const fields = slots.map((slot) => slot.field);
  const read = new Reader({ makers, problems }).read({ kind: "object", fields }, input, []) as
    | Record<string, unknown>
    | undefined;
  if (problems.length > 0) throw inputError(problems);
  return argumentsOf(parameters, new Map(slots.map((slot) => [slot, read?.[slot.name]])));
}

/** The error that tells of all that is wrong with an input. */
export function inputError(problems: readonly Problem[]): LigaseError {
  const lines = problems.map(({ path, message, mend }) => {
    const at = pathText(path) || "the input";
    return { text: `${at} ${message}${mend && problems.length > 1 ? `; ${mend}` : ""}`, path: pathText(path) };
  });
  const [only] = lines;
  const text =
    lines.length === 1
      ? only!.text
      : `${lines.length} values are wrong:\n${lines.map((line) => `  ${line.text}`).join("\n")}`;
  const mend = problems.length === 1 ? problems[0]!.mend : undefined;
  return new LigaseError("LIGASE_E_INPUT", text, {
    facts: { problems: problems.map(({ path, message }) => ({ path: pathText(path), message })) },
    ...(mend !== undefined && { mend }),
  });
}
