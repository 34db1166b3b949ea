import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { Dir, File, fileAtoms } from "../../files/index.ts";
import { isRemote } from "../../files/location.ts";
import { type EncodedExpression, encodeExpression, taskAtom } from "../../expr/index.ts";
import { type AtomCodec, Codec, formatBytes, type Json, LigaseError } from "../../kernel/index.ts";
import type { UploadFile } from "../../remote/index.ts";

/** What goes to a server to be evaluated there. */
export interface RemoteExpression {
  /** As `expr/encode` writes it. */
  readonly text: string;
  /** Files of this machine that it names: they go with the code. */
  readonly files: readonly UploadFile[];
}

/** Files that go with a run, all together, in bytes: what is larger belongs on a volume of the server. */
const MOST = 256 * 2 ** 20;
/** Among the code, the folder of files that a run is given. */
const INPUTS = ".ligase/inputs";

/**
 * Writes what is to be evaluated on a server. Files of this machine go with it, under their content; URLs are fetched there.
 *
 * @param isHere - does the server run on this very machine? Then files stay where they are
 * @throws LigaseError `LIGASE_E_REMOTE_FILE` for a folder, for a file that is not there, and when they are too large
 */
export async function encodeForServer(value: unknown, isHere: boolean): Promise<RemoteExpression> {
  const places = new Map<string, string>();
  const codec = codecWith(places);
  const encoded = encodeExpression(value, codec);
  if (isHere) return { text: encoded.text, files: [] };
  const files: UploadFile[] = [];
  let size = 0;
  for (const file of filesIn(encoded)) {
    if (places.has(file.path)) continue;
    const found = await uploadOf(file);
    size += found.size;
    if (size > MOST) tooLarge(file, size);
    places.set(file.path, `./${found.path}`);
    files.push(found);
  }
  return { text: files.length === 0 ? encoded.text : encodeExpression(value, codec).text, files };
}

/** Files by absolute paths, or where they will lie on the server. What is known of their content is for the server to find out. */
function codecWith(places: ReadonlyMap<string, string>): Codec {
  const nowhere = "/dev/null/ligase";
  const moved = (json: Json): Json => {
    if (json === null || typeof json !== "object" || Array.isArray(json)) return json;
    const { hash: _hash, size: _size, ...rest } = json as { readonly [name: string]: Json };
    const { path, sidecars } = rest;
    return {
      ...rest,
      ...(typeof path === "string" && { path: places.get(path) ?? path }),
      ...(Array.isArray(sidecars) && { sidecars: sidecars.map(moved) }),
    };
  };
  const atoms = fileAtoms({ storeDir: nowhere, root: nowhere }).map((atom): AtomCodec => ({
    ...atom,
    encode: (file) => moved(atom.encode(file)),
  }));
  return new Codec([...atoms, taskAtom(() => undefined)]);
}

/** The files of this machine, with those that stand beside them. */
function filesIn({ atoms }: EncodedExpression): File[] {
  const found: File[] = [];
  const add = (file: File): void => {
    if (!isRemote(file.path)) found.push(file);
    file.sidecars.forEach(add);
  };
  for (const atom of atoms) {
    if (atom instanceof Dir) {
      refuse(
        atom.path,
        "is a folder, and folders are not sent with a run",
        "put it on a volume of the server: ligase cp",
      );
    }
    if (isFile(atom)) add(atom);
  }
  return found;
}

function isFile(atom: object): atom is File {
  return atom instanceof File;
}

async function uploadOf(file: File): Promise<UploadFile> {
  const { path, name } = file;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    return refuse(path, stats ? "is no file" : "is not on this machine", "give a file that is here, or a URL");
  }
  if (stats.size > MOST) return tooLarge(file, stats.size);
  const found = createHash("sha256");
  for await (const bytes of createReadStream(path)) found.update(bytes as Uint8Array);
  const hash = found.digest("hex");
  return { path: `${INPUTS}/${hash.slice(0, 16)}/${name}`, hash, size: stats.size, executable: false, from: path };
}

function tooLarge({ path }: File, size: number): never {
  return refuse(
    path,
    `makes what is sent with this run ${formatBytes(size)}, and ${formatBytes(MOST)} may be`,
    "put it on a volume of the server (ligase cp), or give a URL",
  );
}

function refuse(path: string, why: string, mend: string): never {
  throw new LigaseError("LIGASE_E_REMOTE_FILE", `${path} ${why}`, { facts: { path }, mend });
}
