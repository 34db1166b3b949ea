import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { fsError } from "../../files/fs-error.ts";
import { fetchError, httpRequest } from "../../files/http-request.ts";
import { walk } from "../../files/walk.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Prints the content of a file as it is, or the files of a folder, a line each.
 *
 * @param path - absolute, or a URL
 * @throws LigaseError `LIGASE_E_NO_FILE`, `LIGASE_E_FETCH`
 */
export async function printPlace(path: string, kind: "file" | "dir", terminal: Terminal): Promise<void> {
  if (kind === "dir") {
    for (const entry of await walk(path)) terminal.out(entry.kind === "dir" ? `${entry.path}/` : entry.path);
    return;
  }
  const isRemote = /^https?:/i.test(path);
  try {
    for await (const chunk of isRemote ? await fetched(path) : createReadStream(path)) {
      terminal.rawOut(chunk as Buffer);
      await terminal.drained();
    }
  } catch (error) {
    throw isRemote ? fetchError(path, error) : gone(fsError(error, path, "read"));
  }
}

async function fetched(url: string): Promise<Readable> {
  const response = await httpRequest(url);
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  response.destroy();
  throw fetchError(url, statusCode);
}

/** A result whose file was deleted is made again by the next run. */
function gone(error: Error): Error {
  if (!(error instanceof LigaseError) || error.code !== "LIGASE_E_NO_FILE") return error;
  return new LigaseError(error.code, error.message, {
    facts: error.facts,
    mend: "run the workflow again: what is gone is made anew",
    cause: error,
  });
}
