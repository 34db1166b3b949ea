import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Fingerprints } from "../../files/fingerprints.ts";
import type { ValueFile } from "../../store/types.ts";
import { callOfOutput } from "../maker.ts";
import type { ProjectRecord } from "../open.ts";
import type { FileFacts } from "./types.ts";

/** How the record knows a file: by its content; decompressed; as a part of a folder that a call left. */
export type KnownBy = "content" | "decompressed" | "folder";

/** A file that people asked for. */
export interface AskedFile extends FileFacts {
  /** Nothing where the record does not know it. */
  readonly by: KnownBy | undefined;
  /** The content that the record knows: its own, decompressed, or of the folder it lies in. */
  readonly known: { readonly hash: string; readonly path: string };
  /** Where that was seen, those seen last first. */
  readonly places: readonly ValueFile[];
}

const MOST_PLACES = 50;
/** So many folders above a file are looked at. */
const MOST_FOLDERS = 8;

/**
 * Finds a file on disk in the record, by its content, wherever it lies and whatever it is called now.
 *
 * @param path - of a file or folder that is there, absolute
 * @throws LigaseError what hashing it raises: `LIGASE_E_PERMISSION`, `LIGASE_E_SPECIAL_FILE` …
 */
export async function findFile(record: ProjectRecord, path: string): Promise<AskedFile> {
  const { store } = record;
  const index = { find: (each: string) => store.findFingerprint(each), put() {} };
  const fingerprints = new Fingerprints({ index });
  try {
    const isDir = statSync(path).isDirectory();
    const { hash, size } = await (isDir ? fingerprints.dir(path) : fingerprints.file(path));
    const file = { name: basename(path), path, hash, size, isDir };
    const seen = async (by: KnownBy, content: string, place: string): Promise<AskedFile | undefined> => {
      const places = await store.findPlaces({ hash: content }, MOST_PLACES);
      return places.length > 0 ? { ...file, by, known: { hash: content, path: place }, places } : undefined;
    };
    const own = await seen("content", hash, path);
    if (own) return own;
    if (callOfOutput(path) !== undefined) return { ...file, by: "folder", known: { hash, path }, places: [] };
    for (const folder of foldersAbove(path, record.root)) {
      const named = await store.findPlaces({ name: basename(folder) }, MOST_PLACES);
      const content = named.length > 0 ? (await fingerprints.dir(folder)).hash : undefined;
      const inside = content !== undefined && named.some((each) => each.hash === content);
      const found = inside ? await seen("folder", content, folder) : undefined;
      if (found) return found;
    }
    const content = isDir ? undefined : await decompressedHash(path);
    const plain = content === undefined ? undefined : await seen("decompressed", content, path.replace(/\.b?gz$/, ""));
    return plain ?? { ...file, by: undefined, known: { hash, path }, places: [] };
  } finally {
    await fingerprints.close();
  }
}

/** Files of a name that the record knows: what may have been meant, or what a file was before it changed. */
export function filesNamed({ store }: ProjectRecord, name: string): Promise<readonly ValueFile[]> {
  return store.findPlaces({ name }, MOST_PLACES);
}

/** The folders that a file lies in, below the project's. */
function foldersAbove(path: string, root: string): string[] {
  const folders: string[] = [];
  for (
    let at = dirname(path);
    at !== dirname(at) && at !== resolve(root) && folders.length < MOST_FOLDERS;
    at = dirname(at)
  ) {
    folders.push(at);
  }
  return folders;
}

/** The hash of what a compressed file holds; nothing of one that is not compressed, or is damaged. */
async function decompressedHash(path: string): Promise<string | undefined> {
  if (!/\.b?gz$/.test(path)) return undefined;
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), createGunzip(), hash);
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}
