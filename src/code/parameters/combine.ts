import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { exactly, type ReadType } from "./scope.ts";

/** Types that any value has: a union with one of them is it. */
const ANYTHING = new Set(["unknown", "any"]);

/**
 * The union of types: nested unions are opened, `undefined` has become `optional`, the literals
 * come together in one enum at the place of the first, and nothing stands twice.
 */
export function unionOf(parts: readonly ReadType[], optional = false): ReadType {
  const alternatives: ParameterType[] = [];
  const seen = new Set<string>();
  const literals: (string | number)[] = [];
  const add = (type: ParameterType): void => {
    if (type.kind === "union") return type.of.forEach(add);
    if (type.kind === "enum") {
      if (literals.length === 0) alternatives.push({ kind: "enum", values: literals });
      for (const value of type.values) if (!literals.includes(value)) literals.push(value);
      return;
    }
    const text = JSON.stringify(type);
    if (!seen.has(text)) alternatives.push(type);
    seen.add(text);
  };
  for (const part of parts) add(part.type);
  const mayLack = optional || parts.some((part) => part.optional);
  const anything = alternatives.find((type) => type.kind === "json" && ANYTHING.has(type.text));
  if (anything) return { type: anything, optional: mayLack };
  const only = alternatives.length === 1 ? alternatives[0] : undefined;
  return { type: only ?? { kind: "union", of: alternatives }, optional: mayLack };
}

/** Fields of one object under those of another, which win. */
export function mergeFields(base: readonly Parameter[], over: readonly Parameter[]): Parameter[] {
  const merged = new Map(base.map((field) => [field.name, field]));
  for (const field of over) {
    const before = merged.get(field.name);
    merged.set(field.name, field.doc === "" && before ? { ...field, doc: before.doc } : field);
  }
  return [...merged.values()];
}

/** The names that a type of literals stands for: the `K` of `Pick<T, K>`. */
export function keysOf(type: ParameterType): string[] | undefined {
  return type.kind === "enum" ? type.values.map(String) : undefined;
}

/** An object's fields, each changed. */
export function mapFields(type: ParameterType, change: (field: Parameter) => Parameter): ParameterType {
  return type.kind === "object" ? { kind: "object", fields: type.fields.map(change) } : type;
}

/** An object without some of its fields. */
export function filterFields(type: ParameterType, keep: (name: string) => boolean): ParameterType {
  return type.kind === "object" ? { kind: "object", fields: type.fields.filter((field) => keep(field.name)) } : type;
}

/** A union without some of its alternatives. */
export function withoutAlternatives(type: ParameterType, drop: (type: ParameterType) => boolean): ReadType {
  const parts = type.kind === "union" ? type.of : [type];
  return unionOf(parts.filter((part) => !drop(part)).map(exactly));
}

/** The type of `T[K]`. Nothing when it is not known. */
export function indexType(of: ParameterType, key: ParameterType): ReadType | undefined {
  if (key.kind === "number") {
    if (of.kind === "array") return exactly(of.of);
    return of.kind === "tuple" ? unionOf(of.of.map(exactly)) : undefined;
  }
  if (of.kind === "record" && (key.kind === "string" || key.kind === "enum")) return exactly(of.of);
  const parts: ReadType[] = [];
  for (const name of keysOf(key) ?? []) {
    if (of.kind === "tuple" && of.of[Number(name)]) parts.push(exactly(of.of[Number(name)]!));
    const field = of.kind === "object" ? of.fields.find((field) => field.name === name) : undefined;
    if (field) parts.push({ type: field.type, optional: field.optional });
  }
  return parts.length > 0 ? unionOf(parts) : undefined;
}

const PRIMITIVE = new Set(["string", "number", "integer", "boolean", "bigint", "enum", "file", "dir", "date"]);

/**
 * The intersection of types. Objects are merged; a brand on a primitive (`string & { __brand: "id" }`)
 * says nothing of the value. Nothing when it is not known.
 */
export function intersectionOf(parts: readonly ReadType[]): ReadType | undefined {
  const optional = parts.every((part) => part.optional);
  const types = parts
    .map((part) => part.type)
    .filter((type) => !(type.kind === "json" && (type.text === "{}" || ANYTHING.has(type.text))));
  const primitive = types.find((type) => PRIMITIVE.has(type.kind));
  if (primitive) return { type: primitive, optional };
  let fields: Parameter[] = [];
  for (const type of types) {
    if (type.kind !== "object") return types.length === 1 ? { type, optional } : undefined;
    fields = mergeFields(fields, type.fields);
  }
  return types.length > 0 ? { type: { kind: "object", fields }, optional } : undefined;
}
