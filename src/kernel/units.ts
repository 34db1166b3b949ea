import { LigaseError } from "./errors.ts";

const BYTES: Readonly<Record<string, number>> = {
  // Nothing inherited: "1 constructor" is no amount.
  __proto__: null as never,
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  ki: 2 ** 10,
  kib: 2 ** 10,
  mi: 2 ** 20,
  mib: 2 ** 20,
  gi: 2 ** 30,
  gib: 2 ** 30,
  ti: 2 ** 40,
  tib: 2 ** 40,
};

/**
 * Reads an amount of memory or disk, in bytes. Numbers are bytes; `GiB` is 2^30, `GB` is 10^9.
 *
 * @throws LigaseError `LIGASE_E_UNIT` when the text is no amount.
 * @example
 * ```ts
 * parseBytes("4 GiB"); // 4294967296
 * parseBytes("500M"); // 500000000
 * ```
 */
export function parseBytes(amount: string | number): number {
  if (typeof amount === "number") {
    if (Number.isFinite(amount) && amount >= 0) return Math.ceil(amount);
  } else {
    const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(amount);
    const unit = match && BYTES[match[2]!.toLowerCase()];
    if (unit) return Math.ceil(Number(match[1]) * unit);
  }
  throw new LigaseError("LIGASE_E_UNIT", `${JSON.stringify(amount)} is not an amount of memory or disk`, {
    mend: 'write a number and a unit, such as "4 GiB" or "500 MB"',
  });
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};

/**
 * Reads a duration, in milliseconds. Numbers are seconds, as in every scheduler's time limits.
 *
 * @throws LigaseError `LIGASE_E_UNIT` when the text is no duration.
 * @example
 * ```ts
 * parseDuration("1h 30m"); // 5400000
 * parseDuration(2); // 2000
 * ```
 */
export function parseDuration(duration: string | number): number {
  if (typeof duration === "number") {
    if (Number.isFinite(duration) && duration >= 0) return duration * 1000;
  } else if (/^\s*(\d+(\.\d+)?\s*(ms|s|m|min|h|d|w)\s*)+$/.test(duration)) {
    let total = 0;
    for (const [, count, unit] of duration.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)/g)) {
      total += Number(count) * MILLISECONDS[unit!]!;
    }
    return total;
  }
  throw new LigaseError("LIGASE_E_UNIT", `${JSON.stringify(duration)} is not a duration`, {
    mend: 'write a number and a unit, such as "90s", "10 min" or "1h 30m"',
  });
}

/**
 * Writes an amount of bytes for people, with binary units and three digits.
 *
 * @example
 * ```ts
 * formatBytes(1536); // "1.5 KiB"
 * ```
 */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  // From 1023.5 on, three digits would say 1024.
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${units[unit]}`;
}

/**
 * Writes a duration for people.
 *
 * @param ms - milliseconds
 * @example
 * ```ts
 * formatDuration(83_000); // "1m 23s"
 * formatDuration(412); // "412ms"
 * ```
 */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${Math.floor((s % 3600) / 60)}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
}
