import { LigaseError, nearest, parseBytes, parseDuration } from "../kernel/index.ts";

/** A JSON Schema (draft 7, which editors know best), as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What a setting may hold: how it is checked and brought into its unit, and the same as a JSON Schema. */
export interface Kind<T> {
  /**
   * @param at - the setting, for messages: `prices.process.cpuHour`
   * @throws LigaseError `LIGASE_E_CONFIG`, naming it
   */
  read(value: unknown, at: string): T;
  readonly schema: JsonSchema;
}

function refuse(value: unknown, at: string, wanted: string): never {
  throw new LigaseError("LIGASE_E_CONFIG", `${at}: ${JSON.stringify(value)} is not ${wanted}`, {
    facts: { setting: at },
  });
}

/** A number; the environment gives it as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Text that says something. */
export const text: Kind<string> = {
  read: (value, at) => (typeof value === "string" && value !== "" ? value : refuse(value, at, "text")),
  schema: { type: "string", minLength: 1 },
};

/** A number above 0. */
export const positive: Kind<number> = {
  read(value, at) {
    const number = numberOf(value);
    return number !== undefined && number > 0 ? number : refuse(value, at, "a number above 0");
  },
  schema: { type: "number", exclusiveMinimum: 0 },
};

/** A number that is not below 0. */
export const amount: Kind<number> = {
  read(value, at) {
    const number = numberOf(value);
    return number !== undefined && number >= 0 ? number : refuse(value, at, "a number, 0 or more");
  },
  schema: { type: "number", minimum: 0 },
};

/** A whole number, 0 or more. */
export const whole: Kind<number> = {
  read(value, at) {
    const number = numberOf(value);
    return number !== undefined && Number.isInteger(number) && number >= 0
      ? number
      : refuse(value, at, "a whole number");
  },
  schema: { type: "integer", minimum: 0 },
};

/** Yes or no. */
export const flag: Kind<boolean> = {
  read(value, at) {
    if (value === true || value === "1" || value === "true") return true;
    if (value === false || value === "0" || value === "false") return false;
    return refuse(value, at, "true or false");
  },
  schema: { type: "boolean" },
};

/** What people write as a number or as text with a unit. */
function withUnit(what: string, parse: (value: string | number) => number, pattern: string): Kind<number> {
  return {
    read(value, at) {
      if (typeof value !== "string" && typeof value !== "number") return refuse(value, at, what);
      try {
        return parse(value);
      } catch (error) {
        if (!(error instanceof LigaseError)) throw error;
        throw new LigaseError("LIGASE_E_CONFIG", `${at}: ${error.message}`, {
          facts: { setting: at },
          ...(error.mend !== undefined && { mend: error.mend }),
        });
      }
    },
    schema: {
      anyOf: [
        { type: "number", minimum: 0 },
        { type: "string", pattern },
      ],
    },
  };
}

/** An amount of memory or disk, in bytes: a number, or text with a unit. */
export const bytes = withUnit("an amount", parseBytes, String.raw`^\s*\d+(\.\d+)?\s*([kKmMgGtT][iI]?)?[bB]?\s*$`);

/** A time, in milliseconds: a number of seconds, or text with a unit. */
export const duration = withUnit("a duration", parseDuration, String.raw`^\s*(\d+(\.\d+)?\s*(ms|s|m|min|h|d|w)\s*)+$`);

/** An address on the web. */
export const url: Kind<string> = {
  read(value, at) {
    const protocol = typeof value === "string" && URL.canParse(value) ? new URL(value).protocol : "";
    // What is wrong in it may be a secret, and is not repeated.
    if (typeof value === "string" && (protocol === "https:" || protocol === "http:")) return value;
    throw new LigaseError("LIGASE_E_CONFIG", `${at}: this is not an http(s) URL`, {
      facts: { setting: at },
      mend: "write it in full: https://…",
    });
  },
  schema: { type: "string", format: "uri", pattern: "^https?://" },
};

/** One URL, or a list of them. */
export const urls: Kind<readonly string[]> = {
  read: (value, at) => (Array.isArray(value) ? value : [value]).map((each: unknown) => url.read(each, at)),
  schema: { anyOf: [url.schema, { type: "array", items: url.schema }] },
};

/** Origins of web pages: `https://lab.example.org`; or `*`, which stands for all. */
export const origins: Kind<readonly string[]> = {
  read(value, at) {
    const isOrigin = (each: unknown): each is string =>
      each === "*" || (typeof each === "string" && URL.canParse(each) && new URL(each).origin === each);
    return Array.isArray(value) && value.every(isOrigin)
      ? value
      : refuse(value, at, 'a list of origins, such as "https://lab.example.org"');
  },
  schema: { type: "array", items: { type: "string", pattern: String.raw`^(\*|https?://[a-z0-9.:\[\]-]+)$` } },
};

/** One of some words. */
export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  return {
    read: (value, at) => words.find((each) => each === value) ?? refuse(value, at, `one of ${words.join(", ")}`),
    schema: { enum: words },
  };
}

function entriesOf(value: unknown, at: string): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).filter(([, each]) => each !== undefined)
    : refuse(value, at, "an object");
}

/** Any names, with a value of one kind each. */
export function record<T>(kind: Kind<T>): Kind<Readonly<Record<string, T>>> {
  return {
    read: (value, at) =>
      Object.fromEntries(entriesOf(value, at).map(([name, each]) => [name, kind.read(each, `${at}.${name}`)])),
    schema: { type: "object", additionalProperties: kind.schema },
  };
}

/** Certain names, as {@link fields}; or the value of one of them alone, where it is text. */
export function orFields<F extends Readonly<Record<string, Kind<unknown>>>>(
  alone: keyof F & string,
  kinds: F,
): Kind<Read<F>> {
  const all = fields(kinds);
  return {
    read: (value, at) => all.read(typeof value === "string" ? { [alone]: value } : value, at),
    schema: { anyOf: [kinds[alone]!.schema, all.schema] },
  };
}

/** What {@link fields} reads. */
type Read<F extends Readonly<Record<string, Kind<unknown>>>> = {
  readonly [K in keyof F]?: F[K] extends Kind<infer T> ? T : never;
};

/** Certain names, with a value of its own kind each; none of them must be there. */
export function fields<F extends Readonly<Record<string, Kind<unknown>>>>(kinds: F): Kind<Read<F>> {
  return {
    read(value, at) {
      const given = entriesOf(value, at);
      const read = given.map(([name, each]) => [name, kindOf(kinds, name, at).read(each, under(at, name))]);
      // Every name is one of the kinds', and was read by its kind.
      return Object.fromEntries(read) as Read<F>;
    },
    schema: {
      type: "object",
      properties: Object.fromEntries(Object.entries(kinds).map(([name, { schema }]) => [name, schema])),
      additionalProperties: false,
    },
  };
}

function kindOf(kinds: Readonly<Record<string, Kind<unknown>>>, name: string, at: string): Kind<unknown> {
  if (Object.hasOwn(kinds, name)) return kinds[name]!;
  const known = Object.keys(kinds);
  const near = nearest(name, known);
  const setting = under(at, name);
  throw new LigaseError("LIGASE_E_CONFIG", `there is no setting ${setting}`, {
    facts: { setting },
    mend: near === undefined ? `the settings are ${known.join(", ")}` : `did you mean ${near}?`,
  });
}

/** The name of a field, for messages; those of the whole configuration stand for themselves. */
function under(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}
