import type { Reading } from "./types.ts";
import { derived, itemsOf, join, listOf, NOTHING, type Value } from "./value.ts";

/** Methods of lists that give the list, or some of its items. */
const SAME = new Set("filter slice toSorted toReversed reverse sort concat values".split(" "));
/** Those that give one of its items. */
const ONE = new Set("find findLast at pop shift".split(" "));
/** Those that call a function for each item, for what it decides or does. */
const PER_ITEM = new Set("forEach filter find findLast some every findIndex sort toSorted".split(" "));

/** Reads the call of a method of a plain value: a list, a promise, or anything. */
export function callMethod(reading: Reading, receiver: Value, method: string, args: readonly Value[]): Value {
  const item = itemsOf(receiver);
  const [first = NOTHING] = args;
  if (PER_ITEM.has(method)) reading.each(() => reading.call(first, [item, NOTHING]));
  if (SAME.has(method)) return args.reduce((all, arg) => (method === "concat" ? join(all, arg) : all), receiver);
  if (ONE.has(method)) return item;
  switch (method) {
    case "map":
      return listOf(reading.each(() => reading.call(first, [item, NOTHING])));
    case "flatMap":
      return listOf(itemsOf(reading.each(() => reading.call(first, [item, NOTHING]))));
    case "flat":
      return listOf(itemsOf(item));
    case "forEach":
      return NOTHING;
    case "reduce": {
      const initial = args[1] ?? item;
      const once = reading.each(() => reading.call(first, [initial, item, NOTHING]));
      return join(
        initial,
        reading.each(() => reading.call(first, [join(initial, once), item, NOTHING])),
      );
    }
    case "then":
    case "catch":
    case "finally":
      return join(method === "then" ? NOTHING : receiver, reading.call(first, method === "then" ? [receiver] : []));
    case "entries":
      return listOf({ sources: [], fields: new Map([["1", item]]) });
    default:
      return other(reading, [receiver, ...args]);
  }
}

/** Reads the call of a function that belongs to a global object: `Object.entries(…)`. */
export function callGlobal(reading: Reading, name: string, args: readonly Value[]): Value {
  const [first = NOTHING, second = NOTHING] = args;
  switch (name) {
    case "Promise.all":
    case "Promise.allSettled":
    case "Promise.any":
    case "Promise.race":
    case "Promise.resolve":
    case "Object.freeze":
    case "structuredClone":
      return first;
    case "Array.from":
      return args.length > 1 ? callMethod(reading, first, "map", [second]) : first;
    case "Object.values":
      return listOf(valuesOf(first));
    case "Object.entries":
      return listOf({ sources: [], fields: new Map([["1", valuesOf(first)]]) });
    case "Object.assign":
      return args.reduce(join, NOTHING);
    case "Object.fromEntries": {
      const entry = itemsOf(first);
      return listOf(entry.fields?.get("1") ?? entry);
    }
    default:
      return other(reading, args);
  }
}

function valuesOf({ sources, fields, items }: Value): Value {
  return [...(fields?.values() ?? []), ...(items ? [items] : [])].reduce(join, { sources });
}

/** A function that is not known: what it gives is made of what it is given, and it may call what it is given. */
function other(reading: Reading, args: readonly Value[]): Value {
  const given = derived(...args);
  const called = args.filter((arg) => arg.functions).map((arg) => reading.maybe(() => reading.call(arg, [given])));
  return called.reduce(join, given);
}
