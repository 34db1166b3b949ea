import type { FileHandle } from "node:fs/promises";
import type { ByteRange } from "./range.ts";

/** Read at a time, in bytes. */
const CHUNK = 256 * 1024;

/** What is sent one after the other: text as it is, and parts of the file. */
export type Piece = Uint8Array | ByteRange;

/** How long the pieces are in all. */
export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (isRange(piece) ? piece.last - piece.first + 1 : piece.length), 0);
}

/**
 * Streams parts of an open file, no faster than they are taken; closes it at the end, when nobody wants more, and when it
 * fails. A file that turns out shorter than it was ends the answer with an error, so that nobody takes a part for the whole.
 */
export function streamOf(file: FileHandle, pieces: readonly Piece[]): ReadableStream<Uint8Array> {
  let next = 0;
  let at: number | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = pieces[next];
          if (piece === undefined) {
            await file.close();
            controller.close();
          } else if (isRange(piece)) {
            at ??= piece.first;
            const bytes = new Uint8Array(Math.min(CHUNK, piece.last - at + 1));
            const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
            if (bytesRead === 0) throw new Error("the file became shorter while it was sent");
            at += bytesRead;
            if (at > piece.last) [next, at] = [next + 1, undefined];
            controller.enqueue(bytes.subarray(0, bytesRead));
          } else {
            next++;
            controller.enqueue(piece);
          }
        } catch (error) {
          await file.close().catch(() => {});
          throw error;
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 1 },
  );
}

function isRange(piece: Piece): piece is ByteRange {
  return "first" in piece;
}
