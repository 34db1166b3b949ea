import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/** One thing in a zip file. */
export interface ZipEntry {
  readonly name: string;
  readonly text: string;
  /** Of Unix. */
  readonly mode: number;
  /** Is its content as it is, not compressed? */
  readonly stored: boolean;
}

/** What is in a small zip file, by its central directory (APPNOTE 4.3.12). */
export function zipEntries(path: string): ZipEntry[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const found: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let n = 0; n < bytes.readUInt16LE(end + 10); n++) {
    const [method, size, nameLength] = [
      bytes.readUInt16LE(at + 10),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
    ];
    const [extra, comment] = [bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)];
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(from, from + size);
    found.push({
      name: bytes.toString("utf8", at + 46, at + 46 + nameLength),
      text: (method === 0 ? content : inflateRawSync(content)).toString(),
      mode: (bytes.readUInt32LE(at + 38) >>> 16) & 0o777,
      stored: method === 0,
    });
    at += 46 + nameLength + extra + comment;
  }
  return found;
}
