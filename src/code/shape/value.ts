import type { Node } from "oxc-parser";
import type { SourceModule } from "../modules/module.ts";

/** A result of a call, or a part of it, that a value is made of. */
export interface Source {
  /** The task that was called. */
  readonly task: string;
  /** Which part: field by field. */
  readonly part: readonly string[];
  /** Is it that part itself, and not something computed from it? */
  readonly exact: boolean;
}

/** A function of the source, with the module that its names belong to. */
export interface Closure {
  readonly node: Node;
  readonly module: SourceModule;
}

/**
 * What is known of a value without running anything: what it may be made of, what it may call. Several possibilities
 * are all in it.
 */
export interface Value {
  readonly sources: readonly Source[];
  /** Names of tasks that it may be. */
  readonly tasks?: readonly string[];
  /** Functions that it may be. */
  readonly functions?: readonly Closure[];
  /** A parameter of the body that it is, so that only a run knows its value. */
  readonly parameter?: string;
  readonly fields?: ReadonlyMap<string, Value>;
  /** Any item of a list. */
  readonly items?: Value;
}

/** Nothing that matters here: a literal, a value from outside. */
export const NOTHING: Value = { sources: [] };

/** A function that is not looked into: a lift, whose results are made of its arguments, and no more is to be said. */
export const OPAQUE: Value = { sources: [], functions: [] };

/** A value that may be either. */
export function join(a: Value, b: Value): Value {
  if (a === NOTHING || a === b) return b;
  if (b === NOTHING) return a;
  const tasks = union(a.tasks, b.tasks);
  const functions = union(a.functions, b.functions);
  const parameter = a.parameter ?? b.parameter;
  const items = a.items && b.items ? join(a.items, b.items) : (a.items ?? b.items);
  return {
    sources: union(a.sources, b.sources),
    ...(tasks.length > 0 && { tasks }),
    ...(functions.length > 0 && { functions }),
    ...(parameter !== undefined && { parameter }),
    ...((a.fields ?? b.fields) && { fields: joinFields(a.fields, b.fields) }),
    ...(items && { items }),
  };
}

function joinFields(a: Value["fields"], b: Value["fields"]): ReadonlyMap<string, Value> {
  const fields = new Map(a);
  for (const [key, value] of b ?? []) fields.set(key, join(fields.get(key) ?? NOTHING, value));
  return fields;
}

function union<T>(a: readonly T[] = [], b: readonly T[] = []): readonly T[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...new Set([...a, ...b])];
}

/** A field or an item of a value. */
export function project(value: Value, key: string): Value {
  const known = value.fields?.get(key);
  const item = /^\d+$/.test(key) ? value.items : undefined;
  const sources = value.sources.map((source) => (source.exact ? { ...source, part: [...source.part, key] } : source));
  return join({ sources }, join(known ?? NOTHING, item ?? NOTHING));
}

/** Any item of a list. */
export function itemsOf(value: Value): Value {
  let items = value.items ?? NOTHING;
  for (const [key, field] of value.fields ?? []) if (/^\d+$/.test(key)) items = join(items, field);
  // A part of an item is told by its fields alone: which item it is differs.
  return join({ sources: value.sources }, items);
}

/** A value of this many levels is looked through. */
const DEPTH = 5;

/** All that a value is made of, at any depth. */
export function sourcesOf(value: Value, depth: number = DEPTH): readonly Source[] {
  if (depth === 0) return value.sources;
  const parts = [...(value.fields?.values() ?? []), ...(value.items ? [value.items] : [])];
  return parts.reduce((all, part) => union(all, sourcesOf(part, depth - 1)), value.sources);
}

/** What is computed from values. */
export function derived(...values: readonly Value[]): Value {
  const sources = values.flatMap((value) => sourcesOf(value));
  return sources.length === 0 ? NOTHING : { sources: sources.map((source) => ({ ...source, exact: false })) };
}

/** A list of which any item is this. */
export function listOf(items: Value): Value {
  return items === NOTHING ? NOTHING : { sources: [], items };
}
