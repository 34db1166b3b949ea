import { createWriteStream, realpathSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathWithin } from "./inside.ts";
import { isCompressed } from "./media-types.ts";
import { byPath, refuseName } from "./walk.ts";

/** One thing in a zip file. */
interface Entry {
  /** In the zip file; of an empty folder with a `/` at its end. */
  readonly path: string;
  /** Where its content is; nothing for a folder. */
  readonly from?: string;
  readonly executable?: boolean;
}

/** The first day of zip, whose times have no zone. */
const EPOCH = new Date(1980, 0, 1);

/**
 * Writes a folder as a zip file. The same names and contents give the same bytes: entries are sorted, times are fixed, and
 * of the modes only the executable bit is kept. Links become what they lead to.
 *
 * @param name - of the folder in the zip file, in which everything lies
 * @param within - links must not lead out of this folder
 * @param outside - the error for a link that does
 */
export async function zipFolder(
  folder: string,
  to: string,
  name: string,
  within: string,
  outside: (path: string, real: string) => Error,
): Promise<void> {
  const entries = await entriesOf(folder, name, within, outside);
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(to, { flags: "wx" }));
  const failed = new Promise<never>((_, reject) => zip.on("error", reject));
  for (const { path, from, executable } of entries) {
    const options = { mtime: EPOCH, forceDosTimestamp: true };
    if (from === undefined) zip.addEmptyDirectory(path, { ...options, mode: 0o40755 });
    else {
      zip.addFile(from, path, { ...options, mode: executable ? 0o100755 : 0o100644, compress: !isCompressed(path) });
    }
  }
  zip.end();
  await Promise.race([written, failed]);
}

async function entriesOf(
  root: string,
  name: string,
  within: string,
  outside: (path: string, real: string) => Error,
): Promise<Entry[]> {
  const found: Entry[] = [];
  const open: { dir: string; path: string; above: readonly string[] }[] = [
    { dir: root, path: name, above: [realpathSync(root)] },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { dir, path, above } = next;
    const entries = await readdir(dir, { withFileTypes: true });
    if (entries.length === 0) found.push({ path: `${path}/` });
    for (const entry of entries) {
      if (entry.name.includes("\uFFFD")) refuseName(dir, entry.name);
      const at = join(dir, entry.name);
      const inside = `${path}/${entry.name}`;
      const stats = statSync(at, { throwIfNoEntry: false });
      // A link that leads nowhere, a socket, a pipe.
      if (!stats?.isFile() && !stats?.isDirectory()) continue;
      const real = entry.isSymbolicLink() ? realpathSync(at) : at;
      if (entry.isSymbolicLink() && pathWithin(within, real) === undefined) throw outside(inside, real);
      if (stats.isFile()) found.push({ path: inside, from: real, executable: (stats.mode & 0o100) !== 0 });
      // A link to a folder above would be walked for ever.
      else if (!above.includes(real)) open.push({ dir: real, path: inside, above: [...above, real] });
    }
  }
  return found.sort(byPath);
}
