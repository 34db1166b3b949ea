import { readFile } from "node:fs/promises";
import type { CodeFile } from "../code/pack/code-file.ts";
import type { Remote } from "./client.ts";

/** A file to be uploaded: its content, or the absolute path of the file that has it. */
export interface UploadFile extends CodeFile {
  readonly from: string | Uint8Array;
}

/** How far an upload is. */
export interface UploadProgress {
  /** Contents that the server did not have, and their bytes in all. */
  readonly files: number;
  readonly bytes: number;
  /** Of these, sent so far. */
  readonly sentFiles: number;
  readonly sentBytes: number;
}

/** So many are sent at once. */
const AT_ONCE = 6;

/**
 * Sends code to a server: only what it does not have.
 *
 * @param onProgress - hears of each content that was sent, and before the first
 * @returns what was sent
 * @throws LigaseError `LIGASE_E_CODE_HASH` when a file was changed meanwhile; what the server refuses
 */
export async function uploadCode(
  remote: Remote,
  files: readonly UploadFile[],
  onProgress: (progress: UploadProgress) => void = () => {},
): Promise<UploadProgress> {
  const { missing } = await remote.ask<{ readonly missing: readonly string[] }>("POST", "/code/missing", {
    hashes: [...new Set(files.map(({ hash }) => hash))],
  });
  const wanted = new Set(missing);
  const contents = [...new Map(files.map((file) => [file.hash, file])).values()].filter(({ hash }) => wanted.has(hash));
  const [count, bytes] = [contents.length, contents.reduce((sum, { size }) => sum + size, 0)];
  let sentFiles = 0;
  let sentBytes = 0;
  const progress = (): UploadProgress => ({ files: count, bytes, sentFiles, sentBytes });
  onProgress(progress());
  const rest = contents.values();
  const send = async (): Promise<void> => {
    for (const { hash, from, size } of rest) {
      const content = typeof from === "string" ? await readFile(from) : from;
      await remote.fetch(`/code/${hash}`, { method: "PUT", body: new Uint8Array(content) });
      sentFiles++;
      sentBytes += size;
      onProgress(progress());
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, contents.length) }, send));
  return progress();
}
