import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const MOST_BYTES = 64 * 1024;
const MOST_LINES = 20;
const LONGEST_LINE = 500;

/**
 * The last lines of a file, for a message: at most 20, each cut to 500 characters, whatever the file
 * holds. Bytes that are no UTF-8 become `�`; of a progress bar its last state is left; escape
 * sequences and control characters are removed.
 *
 * @returns nothing when the file is empty or missing
 */
export function tailOf(path: string): string[] {
  const text = lastBytes(path).toString("utf8");
  const lines = text
    .split("\n")
    .map((line) => stripVTControlCharacters(line.trimEnd().split("\r").at(-1) ?? ""))
    // oxlint-disable-next-line no-control-regex -- they would act on the reader's terminal
    .map((line) => line.replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, "").trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines
    .slice(-MOST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

function lastBytes(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, MOST_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, read);
  } finally {
    closeSync(file);
  }
}
