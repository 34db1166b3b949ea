/**
 * What values of options must be: of tasks, and of what is deployed.
 *
 * @module
 */
import { parseBytes, parseDuration } from "../kernel/index.ts";

/** Says what a value should have been (never an empty text), or nothing when it is right. */
export type Check = (value: unknown) => string | undefined;

/** Text that is not empty. */
export const text: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "text");
/** `true` or `false`. */
export const flag: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");

/** Is it an object, and no list? */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A number for which something holds. */
export function number(what: string, holds: (value: number) => boolean): Check {
  return (value) => (typeof value === "number" && Number.isFinite(value) && holds(value) ? undefined : what);
}

/** An amount that a parser takes. */
export function parsed(what: string, parse: (value: string | number) => number, least = Number.MIN_VALUE): Check {
  return (value) => {
    if (typeof value !== "string" && typeof value !== "number") return what;
    try {
      return parse(value) >= least ? undefined : what;
    } catch {
      return what;
    }
  };
}

/** A record whose values pass a check. */
export function recordOf(what: string, check: Check): Check {
  return (value) => (isRecord(value) && Object.values(value).every((part) => !check(part)) ? undefined : what);
}

/** A duration above 0. */
export const duration = parsed('a duration: seconds, or text such as "2h"', parseDuration);
/** An amount of memory or disk above 0. */
export const amount = parsed('an amount: bytes, or text such as "4 GiB"', parseBytes);
/** A whole number from 0. */
export const whole = number("a whole number from 0", (n) => Number.isInteger(n) && n >= 0);
/** A record of texts. */
export const textRecord = recordOf("a record of texts", (value) => (typeof value === "string" ? undefined : "text"));
/** The definition of an environment. */
export const image: Check = (value) =>
  // Not its value: that takes reading local files, which are not there where a body runs.
  isRecord(value) && "identity" in value ? undefined : 'an image: Image.debian("12").apt("bwa")';

/** GPUs. */
export const gpu: Check = (value) =>
  (typeof value === "number" && whole(value) === undefined) ||
  (typeof value === "string" && /^[A-Za-z][\w .-]*(:[1-9]\d*)?$/.test(value))
    ? undefined
    : 'how many GPUs (2), which kind ("A100"), or both ("A100:2")';

/** Volumes by where they are mounted. */
export const volumes: Check = (value) => {
  const isMount = ([at, of]: [string, unknown]): boolean =>
    /^(\.\/|\/)[^\0]+$/.test(at) &&
    !at.split("/").includes("..") &&
    isRecord(of) &&
    typeof of["volume"] === "string" &&
    typeof of["readOnly"] === "boolean";
  return isRecord(value) && Object.entries(value).every(isMount)
    ? undefined
    : 'volumes by where they are mounted: { "./sequences": volume("sequences") }';
};

/** Names of secrets. */
export const secrets: Check = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === "string" && /^[A-Za-z_]\w*$/.test(name))
    ? undefined
    : 'names of secrets, which are names of variables too: ["NCBI_API_KEY"]';

/** A value as a message quotes it. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
