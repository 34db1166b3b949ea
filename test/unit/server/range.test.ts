import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRange } from "../../../src/server/files/range.ts";

describe("parseRange", () => {
  it.each([
    [undefined, "whole"],
    ["bytes=0-0", [{ first: 0, last: 0 }]],
    ["bytes=0-", [{ first: 0, last: 99 }]],
    ["bytes=90-", [{ first: 90, last: 99 }]],
    ["bytes=90-500", [{ first: 90, last: 99 }]],
    ["bytes=-1", [{ first: 99, last: 99 }]],
    ["bytes=-500", [{ first: 0, last: 99 }]],
    ["BYTES=1-2", [{ first: 1, last: 2 }]],
    [
      "bytes=1-2, 4-5 ,,-1",
      [
        { first: 1, last: 2 },
        { first: 4, last: 5 },
        { first: 99, last: 99 },
      ],
    ],
    // Parts that are there are sent, whatever else was asked for.
    ["bytes=1-2,100-", [{ first: 1, last: 2 }]],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=100-200,300-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    // As much as all of it, in pieces.
    ["bytes=0-99,0-99", "whole"],
    ["bytes=0-60,40-99", "whole"],
    // What is not in its form counts for nothing.
    ["bytes=", "whole"],
    ["bytes=,", "whole"],
    ["bytes=-", "whole"],
    ["bytes=a-b", "whole"],
    ["bytes=5-2", "whole"],
    ["bytes=1-2,x", "whole"],
    ["bytes=1.5-2", "whole"],
    ["bytes=+1-2", "whole"],
    ["items=0-1", "whole"],
    ["0-1", "whole"],
    ["bytes=99999999999999999999999-", "unsatisfiable"],
    ["bytes=0-99999999999999999999999", [{ first: 0, last: 99 }]],
    ["bytes=-99999999999999999999999", [{ first: 0, last: 99 }]],
    [`bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`).join(",")}`, "unsatisfiable"],
  ])("%s of 100 bytes", (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected);
  });

  it("finds nothing in an empty file", () => {
    expect(["bytes=0-", "bytes=-1", "bytes=0-0"].map((header) => parseRange(header, 0))).toEqual(
      Array(3).fill("unsatisfiable"),
    );
    expect(parseRange(undefined, 0)).toBe("whole");
  });

  it("gives parts that lie in the file, whatever is asked for", () => {
    const part = fc.tuple(fc.option(fc.nat(200)), fc.option(fc.nat(200))).map(([a, b]) => `${a ?? ""}-${b ?? ""}`);
    const lists = fc.array(fc.oneof(part, fc.string({ maxLength: 4 })), { maxLength: 20 });
    fc.assert(
      fc.property(lists, fc.nat(150), (list, size) => {
        const ranges = parseRange(`bytes=${list.join(",")}`, size);
        if (typeof ranges === "string") return;
        expect(ranges.length).toBeGreaterThan(0);
        let bytes = 0;
        for (const { first, last } of ranges) {
          expect(0 <= first && first <= last && last < size).toBe(true);
          bytes += last - first + 1;
        }
        // Nobody makes the server send more than the file by asking for parts of it.
        expect(bytes).toBeLessThanOrEqual(size);
      }),
      { numRuns: 2000 },
    );
  });
});
