import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactingStream, createRedactor, redactDeep } from "../../../src/kernel/redact.ts";

function streamed(values: readonly string[], chunks: readonly Buffer[]): Buffer {
  const stream = createRedactingStream(values);
  return Buffer.concat([...chunks.map((chunk) => stream.write(chunk)), stream.end()]);
}

describe("createRedactor", () => {
  const redact = createRedactor(["s3cr3t-key"]);

  test("takes a value out wherever it stands", () => {
    expect(redact("a s3cr3t-key, s3cr3t-keys3cr3t-key")).toBe("a ***, ******");
    expect(redact("nothing to see")).toBe("nothing to see");
  });

  test("finds it in Base64, alone and inside of something longer", () => {
    for (const around of ["", "u:", "user:", "x:"]) {
      const encoded = Buffer.from(`${around}s3cr3t-key and more`).toString("base64");
      expect(redact(encoded)).toContain("***");
      const left = Buffer.from(redact(encoded).split("***")[0] ?? "", "base64").toString();
      expect(left.length).toBeLessThanOrEqual(around.length + 1);
    }
    expect(redact(Buffer.from("s3cr3t-key").toString("base64url"))).toMatch(/^\*\*\*.?$/);
  });

  test("finds it encoded for a URL, in JSON, in hexadecimal and quoted for a shell", () => {
    const odd = `p&ss "word" it's/ü`;
    const hide = createRedactor([odd]);
    for (const form of [
      encodeURIComponent(odd),
      encodeURIComponent(odd).replaceAll("%20", "+"),
      JSON.stringify(odd),
      Buffer.from(odd).toString("hex"),
      odd.replaceAll("'", `'\\''`),
    ])
      expect(hide(`<${form}>`)).toMatch(/^<"?\*\*\*"?>$/);
  });

  test("takes each line of a key out, and the longer one of two that begin alike", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n";
    expect(createRedactor([key])("read: BgkqhkiG9w0B")).toBe("read: ***");
    expect(createRedactor([key])(`[${key}]`)).toBe("[***]");
    expect(createRedactor(["abcd", "abcdef"])("abcdef abcd")).toBe("*** ***");
  });

  test("leaves short values and empty lists alone", () => {
    expect(createRedactor(["abc", ""])("abc")).toBe("abc");
    expect(createRedactor([])("abc")).toBe("abc");
  });

  test("takes what a pattern would, as it is", () => {
    const value = String.raw`a.*b[c](d)\w|e^$`;
    expect(createRedactor([value])(`<${value}> axxb`)).toBe("<***> axxb");
  });
});

describe("createRedactingStream", () => {
  test("finds a value split anywhere, and keeps nothing else back", () => {
    const stream = createRedactingStream(["s3cr3t-key"]);
    expect(String(stream.write(Buffer.from("key=s3cr")))).toBe("key=");
    expect(String(stream.write(Buffer.from("3t-key\nnext s3c")))).toBe("***\nnext ");
    expect(String(stream.write(Buffer.from("ond\n")))).toBe("s3cond\n");
    expect(String(stream.end())).toBe("");
  });

  test("leaves bytes that are no text as they are", () => {
    const bytes = Buffer.from([0xff, 0, 0x80, 0xc3, 0x28, 10]);
    expect(streamed(["s3cr3t-key"], [bytes])).toEqual(bytes);
  });

  test("gives what it would in one piece, however it is cut", () => {
    const piece = fc.constantFrom("abcd", "cdab", "abcdabce", "ab", "cd", "d", "\n", "ü", "x");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(60), { maxLength: 12 }), (pieces, cuts) => {
        const values = ["abcdabce", "abcd", "cdabx", "üabc"];
        const bytes = Buffer.from(pieces.join(""));
        const at = [0, ...cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const result = streamed(values, chunks);
        expect(result).toEqual(streamed(values, [bytes]));
        expect(String(result)).toBe(createRedactor(values)(String(bytes)));
      }),
    );
  });
});

test("redactDeep goes through plain data, and leaves what is none", () => {
  const redact = createRedactor(["s3cr3t-key"]);
  const date = new Date(0);
  expect(redactDeep(redact, { a: ["s3cr3t-key", 1, null], b: { c: "x s3cr3t-key" }, date })).toEqual({
    a: ["***", 1, null],
    b: { c: "x ***" },
    date,
  });
});
