import { constants, realpathSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, join, normalize, sep } from "node:path";
import { storeOfOutput } from "../../files/links/index.ts";
import type { ServerContext } from "../context.ts";

/** A file that may be sent, open. */
export interface OpenOutput {
  readonly file: FileHandle;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** So many places of one content are looked at. */
const MOST_PLACES = 1000;

/**
 * Opens an output of the store by what it holds and is called. Where it lies the record says, never who asks; and only what
 * lies among the outputs of this store, and still holds what was recorded, is opened.
 *
 * @returns `unknown` for what no task of this store left, `gone` for what has been removed or changed since
 */
export async function openOutput(
  { store, storeDir, fingerprints }: Pick<ServerContext, "store" | "storeDir" | "fingerprints">,
  hash: string,
  name: string,
): Promise<OpenOutput | "unknown" | "gone"> {
  const outputs = join(storeDir, "outputs");
  const places = await store.findPlaces({ hash }, MOST_PLACES);
  const paths = new Set(
    places.filter((place) => place.name === name).flatMap(({ path }) => pathHere(path, storeDir) ?? []),
  );
  for (const path of paths) {
    const file = await openWithin(outputs, path);
    if (!file) continue;
    const stats = await file.stat();
    if (stats.isFile() && (await holds(fingerprints, path, hash))) {
      return { file, size: stats.size, modified: stats.mtimeMs };
    }
    await file.close();
  }
  return paths.size === 0 ? "unknown" : "gone";
}

/** Where an output that is recorded with some path is in this store, which may have been moved since. */
function pathHere(recorded: string, storeDir: string): string | undefined {
  const inside = recorded.startsWith("ligase:")
    ? recorded.slice("ligase:".length)
    : recorded.slice((storeOfOutput(recorded)?.length ?? recorded.length) + 1);
  const path = normalize(join(storeDir, inside));
  // What came with an archive from elsewhere may say anything.
  return path.startsWith(join(storeDir, "outputs") + sep) && basename(path) === basename(recorded) ? path : undefined;
}

/** Opens a file that lies in a folder also when all links on the way are followed, and is none itself. */
async function openWithin(folder: string, path: string): Promise<FileHandle | undefined> {
  try {
    if (!realpathSync(path).startsWith(realpathSync(folder) + sep)) return undefined;
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

async function holds(fingerprints: ServerContext["fingerprints"], path: string, hash: string): Promise<boolean> {
  try {
    return (await fingerprints.file(path)).hash === hash;
  } catch {
    return false;
  }
}
