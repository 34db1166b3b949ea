import {
  isFields,
  isGiven,
  type Makers,
  matchFields,
  type Problem,
  readValue,
  type Slot,
  typeText,
  valueText,
} from "../../code/parameters/index.ts";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { type FlagProblem, type Given, nothing, type Written } from "./context.ts";
import { type FlagNames, hasKind } from "./names.ts";
import { placeOf } from "./source.ts";
import { readFields, readList, readText, type TextResult } from "./text.ts";

/** Makes values of what was given. One pass over one command line. */
export class Builder {
  readonly #cwd: string;
  readonly #makersAt: (base: string) => Makers;
  readonly #names: FlagNames;
  readonly problems: FlagProblem[];

  constructor(cwd: string, makersAt: (base: string) => Makers, names: FlagNames, problems: FlagProblem[]) {
    this.#cwd = cwd;
    this.#makersAt = makersAt;
    this.#names = names;
    this.problems = problems;
  }

  /** The value of a slot, or of the part of it at a path. */
  build(type: ParameterType, given: Given, slot: Slot, path: readonly string[] = []): unknown {
    if (given.fields.size > 0) return this.#fromParts(type, given, slot, path);
    const flag = this.#names.of(slot, path);
    if (given.words.length > 0) return this.#fromWords(type, given.words, flag);
    return given.written ? this.#fromWritten(type, given.written) : undefined;
  }

  #fromWritten(type: ParameterType, { value, source, path, base }: Written): unknown {
    const problems: Problem[] = [];
    const read = readValue(type, value, { makers: this.#makersAt(base), problems }, path);
    for (const problem of problems) this.#problem(placeOf(source, problem.path), problem.message, problem.mend);
    return read;
  }

  #fromWords(type: ParameterType, words: readonly string[], flag: string): unknown {
    const read = this.#readWords(type, words);
    if (!read) {
      const all = words.map(valueText).join(", ");
      this.#problem(flag, `takes one value (${typeText(type)}), got ${words.length}: ${all}`);
      return undefined;
    }
    if ("value" in read) return read.value;
    for (const { path, message, mend } of read.problems) this.#problem(placeOf({ name: flag }, path), message, mend);
    return undefined;
  }

  /** Nothing when there are more words than the type has place for. */
  #readWords(type: ParameterType, words: readonly string[]): TextResult | undefined {
    const makers = this.#makersAt(this.#cwd);
    if (type.kind === "array") return readList(type.of, words, makers);
    if (words.length === 1) return readText(type, words[0]!, makers);
    if (type.kind === "union") {
      const list = type.of.find((part) => part.kind === "array");
      return list && readList(list.of, words, makers);
    }
    return undefined;
  }

  /** A value given by its parts (`--sample.id s1`), laid over what was given as a whole. */
  #fromParts(type: ParameterType, given: Given, slot: Slot, path: readonly string[]): unknown {
    const flag = this.#names.of(slot, path);
    if (type.kind === "union") return this.#fromPartsOfOne(type.of, given, slot, path);
    if (type.kind !== "object" && type.kind !== "record") {
      this.#problem(flag, `has no parts: it must be ${typeText(type)}`);
      return undefined;
    }
    const base = this.#whole(type, given, flag);
    return type.kind === "object"
      ? this.#object(type.fields, given, base, slot, path)
      : this.#record(type.of, given, base, slot, path);
  }

  #whole(type: ParameterType, given: Given, flag: string): Written | undefined {
    const [word, ...others] = given.words;
    if (word === undefined) {
      if (given.written && !isFields(given.written.value)) this.#fromWritten(type, given.written);
      return given.written && isFields(given.written.value) ? given.written : undefined;
    }
    const value = others.length === 0 ? readFields(word) : undefined;
    if (value) return { value, source: { name: flag }, path: [], base: this.#cwd };
    this.#problem(flag, `must be ${typeText(type)}, got ${valueText(word)}`, "write it as JSON");
    return undefined;
  }

  #object(
    fields: readonly Parameter[],
    given: Given,
    base: Written | undefined,
    slot: Slot,
    path: readonly string[],
  ): unknown {
    const written = base ? this.#matched(fields, base) : new Map<string, unknown>();
    const entries: [string, unknown][] = [];
    for (const field of fields) {
      const part = given.fields.get(field.name);
      const before =
        base && isGiven(field, written.get(field.name)) ? below(base, field.name, written.get(field.name)) : undefined;
      if (part || before) {
        const both = { ...(part ?? nothing()), written: before };
        entries.push([field.name, this.build(field.type, both, slot, [...path, field.name])]);
      } else if (!field.optional) {
        const at = base
          ? placeOf(base.source, [...base.path, field.name])
          : this.#names.of(slot, [...path, field.name]);
        this.#problem(at, missing(field));
      }
    }
    return Object.fromEntries(entries);
  }

  #matched(fields: readonly Parameter[], base: Written): Map<string, unknown> {
    const problems: Problem[] = [];
    const matched = matchFields(fields, isFields(base.value) ? base.value : {}, base.path, problems);
    for (const problem of problems) this.#problem(placeOf(base.source, problem.path), problem.message, problem.mend);
    return matched;
  }

  #record(of: ParameterType, given: Given, base: Written | undefined, slot: Slot, path: readonly string[]): unknown {
    const written = Object.entries(base && isFields(base.value) ? base.value : {});
    const parts = new Map(given.fields);
    for (const [key, value] of written) {
      parts.set(key, { ...(parts.get(key) ?? nothing()), written: below(base!, key, value) });
    }
    return Object.fromEntries([...parts].map(([key, part]) => [key, this.build(of, part, slot, [...path, key])]));
  }

  /** Of the alternatives that have parts, the first that fits; or else what is wrong with the closest. */
  #fromPartsOfOne(types: readonly ParameterType[], given: Given, slot: Slot, path: readonly string[]): unknown {
    let closest: FlagProblem[] | undefined;
    for (const type of types) {
      if (!hasKind(type, "object") && !hasKind(type, "record")) continue;
      const problems: FlagProblem[] = [];
      const builder = new Builder(this.#cwd, this.#makersAt, this.#names, problems);
      const lost =
        type.kind === "object"
          ? [...given.fields.keys()].filter((name) => !type.fields.some((f) => f.name === name))
          : [];
      for (const name of lost)
        problems.push({ where: this.#names.of(slot, [...path, name]), message: "does not go with the others" });
      const value = builder.build(type, given, slot, path);
      if (problems.length === 0) return value;
      if (!closest || problems.length < closest.length) closest = problems;
    }
    this.problems.push(...(closest ?? []));
    return undefined;
  }

  #problem(where: string, message: string, mend?: string): void {
    this.problems.push({ where, message, mend });
  }
}

function below(of: Written, key: string, value: unknown): Written {
  return { ...of, value, path: [...of.path, key] };
}

/** What is said of a value that is not there. */
export function missing(field: Parameter): string {
  return `is missing (${typeText(field.type)})${field.doc && `: ${field.doc}`}`;
}
