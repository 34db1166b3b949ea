/** A part of a file: both ends belong to it, counted from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More parts than this are asked for only by those who want to make work. */
const MOST_RANGES = 16;

/**
 * Reads a `Range` header (RFC 9110, 14.1–14.2).
 *
 * @returns the parts in the order asked for; `whole` where the header counts for nothing (another unit, not in its form, or
 * as much as the whole); `unsatisfiable` where no part of it lies in the file
 * @example
 * ```ts
 * parseRange("bytes=0-99", 1000); // [{ first: 0, last: 99 }]
 * parseRange("bytes=-100", 1000); // [{ first: 900, last: 999 }]
 * ```
 */
export function parseRange(header: string | undefined, size: number): readonly ByteRange[] | "whole" | "unsatisfiable" {
  const [, list] = /^bytes=(.*)$/i.exec(header?.trim() ?? "") ?? [];
  if (list === undefined) return "whole";
  const parts = list.split(",").map((part) => part.trim());
  const ranges: ByteRange[] = [];
  let asked = 0;
  for (const part of parts) {
    // An empty place in a list counts for nothing.
    if (part === "") continue;
    const [, from = "", to = ""] = /^(\d*)-(\d*)$/.exec(part) ?? [];
    if ((from === "" && to === "") || (from !== "" && to !== "" && BigInt(to) < BigInt(from))) return "whole";
    if (++asked > MOST_RANGES) return "unsatisfiable";
    const [first, last] =
      from === ""
        ? [Math.max(0, size - Number(to)), to === "" ? -1 : size - 1]
        : [Number(from), Math.min(Number(to === "" ? size - 1 : to), size - 1)];
    // `-0` asks for the last none.
    if (first < size && first <= last) ranges.push({ first, last });
  }
  if (asked === 0) return "whole";
  if (ranges.length === 0) return "unsatisfiable";
  const bytes = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return ranges.length > 1 && bytes >= size ? "whole" : ranges;
}
