import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newId } from "../kernel/index.ts";
import { fsError } from "./fs-error.ts";

/** What can be written to a file: text (as UTF-8), bytes, or pieces of either as they come. */
export type Content =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string | Uint8Array>;

const PIECE = 1 << 18;

/** The name of a file that is being written: hidden, and short, for the real one may be as long as names get. */
export function temporaryName(): string {
  return `.ligase-${newId()}.tmp`;
}

/** Joins small pieces: a write of a line at a time costs a system call a line. */
async function* joined(content: Exclude<Content, string | Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const part of content) {
    const bytes =
      typeof part === "string" ? Buffer.from(part) : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    waiting.push(bytes);
    size += bytes.length;
    if (size < PIECE) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

/**
 * Writes a file so that its path holds the old content or the new, never a part: beside it, then
 * renamed. Its folder is made where it is missing; the mode of an older file is kept.
 *
 * @throws LigaseError `LIGASE_E_DISK_FULL`, `LIGASE_E_READ_ONLY`, `LIGASE_E_PERMISSION`, each naming the path
 */
export async function writeAtomically(path: string, content: Content): Promise<void> {
  const temporary = join(dirname(path), temporaryName());
  try {
    await mkdir(dirname(path), { recursive: true });
    const mode = (await stat(path).catch(() => undefined))?.mode;
    const handle = await open(temporary, "wx", mode === undefined ? 0o666 : mode & 0o777);
    try {
      if (mode !== undefined) await handle.chmod(mode & 0o777);
      if (typeof content === "string" || content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const bytes of joined(content)) await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fsError(error, path, "write");
  }
}
