import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { formatBytes, formatDuration, parseBytes, parseDuration } from "../../../src/kernel/index.ts";

const unit = expect.objectContaining({ code: "LIGASE_E_UNIT" }) as Error;

describe("parseBytes", () => {
  it.each([
    ["4 GiB", 4 * 2 ** 30],
    ["4gib", 4 * 2 ** 30],
    ["500M", 5e8],
    ["500 MB", 5e8],
    ["1.5 Ki", 1536],
    [" 7 ", 7],
    ["0", 0],
    ["2TB", 2e12],
    [1.2, 2],
  ])("reads %o", (amount, bytes) => expect(parseBytes(amount)).toBe(bytes));

  it.each(["", "GiB", "4 GiBs", "-1 GB", "1e3", "1 constructor", "1 __proto__", "4 4", -1, NaN, Infinity])(
    "refuses %o",
    (amount) => expect(() => parseBytes(amount)).toThrow(unit),
  );
});

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["10 min", 600_000],
    ["10m", 600_000],
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["250 ms", 250],
    ["0.5s", 500],
    ["2w", 2 * 7 * 86_400_000],
    [2, 2000],
    [0, 0],
  ])("reads %o", (duration, ms) => expect(parseDuration(duration)).toBe(ms));

  it("reads every whole number of milliseconds exactly", () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(`${ms}ms`)).toBe(ms);
      }),
    );
  });

  it.each(["", "10", "h", "1h -3m", "1 y", "ten seconds", "1h,3m", -1, NaN])("refuses %o", (duration) =>
    expect(() => parseDuration(duration)).toThrow(unit),
  );

  it("answers at once however long the text", () => {
    expect(() => parseDuration(`${"1".repeat(50_000)} ${" ".repeat(50_000)}x`)).toThrow(unit);
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [2 ** 20 - 1, "1 MiB"],
    [4 * 2 ** 30, "4 GiB"],
    [123.4 * 2 ** 30, "123 GiB"],
    [2 ** 60, "1024 PiB"],
  ])("writes %d", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it("is read back by parseBytes, to three digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 49 }), (bytes) => {
        expect(Math.abs(parseBytes(formatBytes(bytes)) - bytes)).toBeLessThanOrEqual(bytes * 0.006);
      }),
    );
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0ms"],
    [412.4, "412ms"],
    [999.7, "1.0s"],
    [1000, "1.0s"],
    [9949, "9.9s"],
    [9970, "10s"],
    [59_700, "1m 0s"],
    [83_000, "1m 23s"],
    [3_599_999, "1h 0m"],
    [90_000_000, "1d 1h"],
  ])("writes %d", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
