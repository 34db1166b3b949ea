import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonProblem, JsonScanner } from "../../../src/server/v2/json-object.ts";

/** Reads text in pieces of so many bytes. */
function scan(text: string | Buffer, size = text.length || 1, maxDepth?: number) {
  const whole = Buffer.from(text as string);
  const scanner = new JsonScanner(maxDepth);
  for (let at = 0; at < whole.length; at += size) scanner.feed(whole.subarray(at, at + size));
  return scanner.end(whole);
}

/** What is wrong with it; nothing when it is right. */
function problemOf(text: string, size?: number): JsonProblem | undefined {
  try {
    scan(text, size);
    return undefined;
  } catch (error) {
    if (error instanceof JsonProblem) return error;
    throw error;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const names = fc.oneof(
  fc.constantFrom("input", "output", "webhook", 'a"b', "é", "__proto__"),
  fc.string({ unit: "grapheme" }),
);

describe("JsonScanner", () => {
  it("finds the members of any object, in pieces of any size", () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.jsonValue()),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(3),
        (object, size, indent) => {
          const text = JSON.stringify(object, null, indent);
          const read = scan(text, size);
          for (const [name, value] of Object.entries(object)) {
            expect(read.has(name)).toBe(true);
            expect(read.value(name)).toEqual(JSON.parse(JSON.stringify(value)));
          }
        },
      ),
    );
  });

  it("takes what JSON.parse takes, and nothing else", () => {
    const letters = fc.constantFrom(...'{}[]":,0123456789.-+eEtruefalsn\\u \n\tNI/'.split(""));
    const near = fc
      .tuple(fc.dictionary(names, fc.jsonValue()), fc.nat(), letters, fc.constantFrom("insert", "replace", "remove"))
      .map(([object, at, letter, how]) => {
        const text = JSON.stringify(object);
        const i = at % (text.length + 1);
        const rest = text.slice(how === "insert" ? i : i + 1);
        return text.slice(0, i) + (how === "remove" ? "" : letter) + rest;
      });
    const any = fc.array(letters, { maxLength: 12 }).map((each) => `{"a":${each.join("")}}`);
    fc.assert(
      fc.property(fc.oneof(near, any), fc.integer({ min: 1, max: 5 }), (text, size) => {
        expect(problemOf(text, size) === undefined).toBe(isJsonObject(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("leaves values as they were written", () => {
    const read = scan('{ "output" : [ 12345678901234567890 , 1.0, "\\u00e9" ] , "n":-0.0e+5}');
    expect(read.text("output")).toBe('[ 12345678901234567890 , 1.0, "\\u00e9" ]');
    expect(read.text("n")).toBe("-0.0e+5");
    expect(read.text("other")).toBeUndefined();
  });

  it("takes the last of two members of one name, however they are written", () => {
    const read = scan('{"output":1,"\\u006futput":{"a":"output"}}');
    expect(read.text("output")).toBe('{"a":"output"}');
  });

  it.each([
    ["", 0, "it is empty"],
    ['{"input":', 9, "it ends too early"],
    ["[1]", 0, 'unexpected "[": an object is asked for'],
    ['{"a":1}x', 7, 'unexpected "x": something stands behind its end'],
    ['{"output":NaN}', 10, 'unexpected "N": JSON has no NaN and no Infinity'],
    ['{"output":-Infinity}', 11, 'unexpected "I": JSON has no NaN and no Infinity'],
    ["{'a':1}", 1, 'unexpected "\'": a name in double quotes is missing'],
    ['{"a":1,}', 7, 'unexpected "}": a name in double quotes is missing'],
    ['{"a":[1 2]}', 8, 'unexpected "2": "," or "]" is missing'],
    ['{"a":01}', 6, 'unexpected "1"'],
    ['{"a":"\n"}', 6, "unexpected byte 10: a control character in a text"],
    ['{"a" 1}', 5, 'unexpected "1": ":" is missing'],
  ])("says where %j is none", (text, offset, message) => {
    expect(problemOf(text)).toMatchObject({ offset, message });
  });

  it("refuses what is nested too deeply for those who read recursively", () => {
    const nested = (depth: number): string => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(scan(nested(99), 7, 100).text("a")).toHaveLength(198);
    expect(() => scan(nested(100), 7, 100)).toThrow("it is nested over 100 levels");
  });
});
