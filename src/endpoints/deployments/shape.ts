import { LigaseError } from "../../kernel/index.ts";

/** Reads one value; `at` is its place, for messages: `endpoints[0].maxWorkers`. */
export type Reader<T> = (value: unknown, at: string) => T;

/** A value that is not what it should be. */
export function wrong(at: string, wanted: string, value: unknown): LigaseError {
  const text = JSON.stringify(value) ?? String(value);
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return new LigaseError("LIGASE_E_MANIFEST", `${at || "the manifest"} should be ${wanted}; it is ${shown}`, {
    facts: { field: at },
    mend: "use the same version of Ligase where you deploy from and on the server",
  });
}

/** Text that has a form. */
export function text(wanted = "text", holds: (text: string) => boolean = () => true): Reader<string> {
  return (value, at) => {
    if (typeof value === "string" && value.length <= 1_000_000 && holds(value)) return value;
    throw wrong(at, wanted, value);
  };
}

/** A number within bounds. */
export function number(least: number, most: number, whole = true): Reader<number> {
  return (value, at) => {
    if (typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value;
    throw wrong(at, `a ${whole ? "whole " : ""}number from ${least} to ${most}`, value);
  };
}

/** `true` or `false`. */
export const flag: Reader<boolean> = (value, at) => {
  if (typeof value === "boolean") return value;
  throw wrong(at, "true or false", value);
};

/** Something, or null. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, at) => (value === null ? null : read(value, at));
}

/** A list. */
export function list<T>(read: Reader<T>, most = 100_000): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, "a list", value);
    if (value.length > most) throw wrong(at, `a list of at most ${most}`, value.length);
    return value.map((item: unknown, i) => read(item, `${at}[${i}]`));
  };
}

/** An object, whatever its fields are. */
export const object: Reader<Readonly<Record<string, unknown>>> = (value, at) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(at, "an object", value);
};

/** An object of texts. */
export function texts(key: Reader<string>): Reader<Readonly<Record<string, string>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(object(value, at)).map(([name, each]) => [
        key(name, `${at}, a name in it,`),
        text()(each, `${at}.${name}`),
      ]),
    );
}

/** An object with these fields and no others. A field that may be absent reads `undefined` as what it is then. */
export function fields<T extends object>(readers: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  return (value, at) => {
    const given = object(value, at);
    const inner = (name: string): string => (at === "" ? name : `${at}.${name}`);
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(readers, name)) throw wrong(inner(name), "absent: nobody here knows it", given[name]);
    }
    const read = names.map((name) => [name, readers[name](given[name], inner(name))] as const);
    // Every field of T has been read, by the reader of its type.
    return Object.fromEntries(read.filter(([, one]) => one !== undefined)) as T;
  };
}
