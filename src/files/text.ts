import { promisify } from "node:util";
import { pipeline } from "node:stream/promises";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, gunzip } from "node:zlib";
import { LigaseError } from "../kernel/index.ts";
import { messageOf } from "./fs-error.ts";

const gunzipAll = promisify(gunzip);

/** Gzip by its magic bytes (RFC 1952), whatever the name says. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function broken(name: string, cause: unknown): LigaseError {
  return new LigaseError("LIGASE_E_GZIP", `${name} cannot be decompressed: ${messageOf(cause)}`, {
    facts: { path: name },
    mend: "it is cut short or damaged: gzip -t tells; fetch it again",
    cause,
  });
}

/**
 * Bytes as text: gzip (of any number of members, so bgzip too) decompressed, UTF-8 with invalid
 * bytes replaced, a byte order mark dropped.
 *
 * @param name - for messages
 */
export async function decodeText(bytes: Uint8Array, name: string): Promise<string> {
  let plain = bytes;
  if (isGzip(bytes)) {
    try {
      plain = await gunzipAll(bytes);
    } catch (error) {
      throw tooLong(error) ?? broken(name, error);
    }
  }
  try {
    return new TextDecoder().decode(plain);
  } catch (error) {
    throw tooLong(error) ?? error;
  }

  function tooLong(error: unknown): LigaseError | undefined {
    const code = (error as { code?: unknown }).code;
    if (
      code !== "ERR_STRING_TOO_LONG" &&
      code !== "ERR_BUFFER_TOO_LARGE" &&
      code !== "ERR_ENCODING_INVALID_ENCODED_DATA"
    )
      return undefined;
    return new LigaseError("LIGASE_E_FILE_TOO_LARGE", `${name} is too large for one string`, {
      facts: { path: name, size: bytes.length },
      mend: "read it line by line: for await (const line of file.lines())",
      cause: error,
    });
  }
}

/** A stream with gzip, if that is what it is, decompressed. */
export async function* plainChunks(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const all = { [Symbol.asyncIterator]: () => iterator };
  // The first chunk may be a single byte.
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next: IteratorResult<Uint8Array, unknown> = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  if (!isGzip(head)) {
    if (head.length > 0) yield head;
    yield* all;
    return;
  }
  // 256 KiB pieces: half the time of the default 16 KiB.
  const gunzipped = createGunzip({ chunkSize: 1 << 18 });
  const source = Readable.from(
    (async function* () {
      yield head;
      yield* all;
    })(),
    { objectMode: false },
  );
  let sourceError: Error | undefined;
  source.on("error", (error) => (sourceError = error));
  const out = new PassThrough({ highWaterMark: 1 << 18 });
  const done = pipeline(source, gunzipped, out);
  done.catch(() => {});
  try {
    yield* out as AsyncIterable<Uint8Array>;
    await done;
  } catch (error) {
    throw sourceError ?? broken(name, error);
  } finally {
    source.destroy();
  }
}
