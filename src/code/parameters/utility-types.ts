import type { TSType } from "oxc-parser";
import type { ParameterType } from "../../expr/definition.ts";
import { filterFields, keysOf, mapFields, unionOf, withoutAlternatives } from "./combine.ts";
import { exactly, type ReadType, type TypeEnv, type TypeReader } from "./scope.ts";

/** How one generic type of the language is read from its arguments. Nothing when they do not fit. */
type Utility = (args: readonly ReadType[]) => ReadType | undefined;

const first: Utility = ([of]) => of;
const list: Utility = ([of]) => of && exactly({ kind: "array", of: of.type });
const simple = (kind: "string" | "number" | "boolean" | "bigint" | "date" | "file" | "dir") => (): ReadType =>
  exactly({ kind });

/** Is each literal of a type among others? */
function isAmong(type: ParameterType, others: ParameterType): boolean {
  if (others.kind === "union") return others.of.some((other) => isAmong(type, other));
  if (type.kind === "enum" && others.kind === "enum")
    return type.values.every((value) => others.values.includes(value));
  if (type.kind === "enum" && others.kind === "string") return type.values.every((value) => typeof value === "string");
  return JSON.stringify(type) === JSON.stringify(others);
}

/** A union with every literal of its enums standing alone, so that they can be told apart. */
function singly(type: ParameterType): ParameterType {
  const parts = type.kind === "union" ? type.of : [type];
  return {
    kind: "union",
    of: parts.flatMap((part) =>
      part.kind === "enum" ? part.values.map((value): ParameterType => ({ kind: "enum", values: [value] })) : [part],
    ),
  };
}

const UTILITIES: Readonly<Record<string, Utility>> = {
  Array: list,
  ReadonlyArray: list,
  Iterable: list,
  Readonly: first,
  NoInfer: first,
  // A lazy value is given as the value itself.
  Expr: first,
  Promise: first,
  Awaited: first,
  Date: simple("date"),
  File: simple("file"),
  Output: simple("file"),
  Dir: simple("dir"),
  String: simple("string"),
  Number: simple("number"),
  Boolean: simple("boolean"),
  BigInt: simple("bigint"),
  Partial: ([of]) => of && { ...of, type: mapFields(of.type, (field) => ({ ...field, optional: true })) },
  Required: ([of]) => of && { ...of, type: mapFields(of.type, (field) => ({ ...field, optional: false })) },
  NonNullable: ([of]) => of && withoutAlternatives(of.type, (type) => type.kind === "null"),
  Record: ([key, of]) => {
    if (!key || !of) return undefined;
    const names = keysOf(key.type);
    if (!names) return exactly({ kind: "record", of: of.type });
    const fields = names.map((name) => ({ name, type: of.type, optional: of.optional, doc: "" }));
    return exactly({ kind: "object", fields });
  },
  Pick: ([of, keys]) => {
    const names = keys && keysOf(keys.type);
    return of && names && { ...of, type: filterFields(of.type, (name) => names.includes(name)) };
  },
  Omit: ([of, keys]) => {
    const names = keys && keysOf(keys.type);
    return of && names && { ...of, type: filterFields(of.type, (name) => !names.includes(name)) };
  },
  Exclude: ([of, out]) => of && out && withoutAlternatives(singly(of.type), (type) => isAmong(type, out.type)),
  Extract: ([of, kept]) => of && kept && withoutAlternatives(singly(of.type), (type) => !isAmong(type, kept.type)),
  Uppercase: ([of]) => of && changeCase(of, (text) => text.toUpperCase()),
  Lowercase: ([of]) => of && changeCase(of, (text) => text.toLowerCase()),
};

function changeCase(of: ReadType, change: (text: string) => string): ReadType {
  if (of.type.kind !== "enum") return exactly({ kind: "string" });
  return unionOf([exactly({ kind: "enum", values: of.type.values.map((value) => change(String(value))) })]);
}

/** Types that wrap an object: on anything else they say no more than the type itself. */
const OF_OBJECTS = new Set(["Partial", "Required", "Pick", "Omit"]);

/**
 * A type that is no name of the project: one of the language's (`Partial`, `Record`, `Date` …) or
 * of Ligase's (`File`, `Dir`, `Expr`). Nothing when it is unknown.
 */
export function readUtility(
  name: string,
  args: readonly TSType[],
  env: TypeEnv,
  read: TypeReader,
): ReadType | undefined {
  const utility = Object.hasOwn(UTILITIES, name) ? UTILITIES[name] : undefined;
  if (!utility) return undefined;
  const types = args.map((arg) => read(arg, env));
  if (OF_OBJECTS.has(name) && types[0]?.type.kind !== "object") return undefined;
  return utility(types);
}
