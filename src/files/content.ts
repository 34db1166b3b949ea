import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { naming, fsError, systemCode } from "./fs-error.ts";
import { fetchError, httpRequest } from "./http-request.ts";
import { localPath, type Located } from "./located.ts";

/** The bytes of a file as a stream; of a URL that was not fetched, straight from its server. */
export async function openContent(file: Located): Promise<Readable> {
  const path = localPath(file);
  if (path === undefined) return remote(file.path);
  // 256 KiB pieces: a quarter of the calls of the default 64 KiB.
  const stream = createReadStream(path, { highWaterMark: 1 << 18 });
  await new Promise<void>((resolve, reject) => {
    stream.once("ready", resolve);
    stream.once("error", (error) => reject(fsError(error, path, "read")));
  });
  return stream;
}

async function remote(url: string): Promise<Readable> {
  const response = await httpRequest(url).catch((error: unknown) => {
    throw fetchError(url, error);
  });
  if (response.statusCode === 200) return response;
  response.destroy();
  throw fetchError(url, response.statusCode ?? 0);
}

/** The bytes of a file, at once. */
export async function readContent(file: Located): Promise<Uint8Array> {
  const path = localPath(file);
  return path === undefined ? buffer(await remote(file.path)) : naming(path, "read", readFile(path));
}

/** The size of a file in bytes. */
export async function contentSize(file: Located): Promise<number> {
  const path = localPath(file);
  if (path !== undefined) return (await naming(path, "read", stat(path))).size;
  const response = await httpRequest(file.path, { method: "HEAD" }).catch((error: unknown) => {
    throw fetchError(file.path, error);
  });
  response.destroy();
  if (response.statusCode !== 200) throw fetchError(file.path, response.statusCode ?? 0);
  return Number(response.headers["content-length"] ?? Number.NaN);
}

/** Tells whether there is a file (or directory) at its place. */
export async function contentExists(file: Located): Promise<boolean> {
  const path = localPath(file);
  if (path === undefined) {
    const response = await httpRequest(file.path, { method: "HEAD" }).catch((error: unknown) => {
      throw fetchError(file.path, error);
    });
    response.destroy();
    const { statusCode = 0 } = response;
    if (statusCode === 200) return true;
    if (statusCode === 404 || statusCode === 410) return false;
    throw fetchError(file.path, statusCode);
  }
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw fsError(error, path, "read");
  }
}
