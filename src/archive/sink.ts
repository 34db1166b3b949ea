import { constants, createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fsError } from "../files/index.ts";
import { LigaseError, newId } from "../kernel/index.ts";

/** Where a set of files goes: a folder, or a zip file. It appears whole. */
export interface Sink {
  /** Puts a text at a path. */
  text(path: string, content: string | Buffer): Promise<void>;
  /** Puts a copy of a file at a path. */
  file(path: string, from: string): Promise<void>;
}

/**
 * Writes a set of files as a folder, which must not be there, or be empty: beside it, then renamed.
 *
 * @throws LigaseError `LIGASE_E_NOT_EMPTY`; `LIGASE_E_DISK_FULL` and others of the disk
 */
export async function writeFolder(folder: string, fill: (sink: Sink, at: string) => Promise<void>): Promise<void> {
  await refuseFull(folder);
  const temporary = join(dirname(folder), `.ligase-${newId()}.tmp`);
  const place = async (path: string): Promise<string> => {
    const at = join(temporary, path);
    await mkdir(dirname(at), { recursive: true });
    return at;
  };
  try {
    await mkdir(temporary, { recursive: true });
    const sink: Sink = {
      text: async (path, content) => writeFile(await place(path), content),
      async file(path, from) {
        const at = await place(path);
        await copyFile(from, at, constants.COPYFILE_FICLONE);
        // A file of the store may be one that nobody may write: a copy is its owner's.
        await chmod(at, ((await stat(from)).mode & 0o111) === 0 ? 0o644 : 0o755);
      },
    };
    await fill(sink, temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw fsError(error, folder, "write");
  }
}

async function refuseFull(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return [folder];
    throw fsError(error, folder, "write");
  });
  if (entries.length === 0) return;
  throw new LigaseError("LIGASE_E_NOT_EMPTY", `${folder} is there already, and it is not an empty folder`, {
    facts: { path: folder },
    mend: "name another with --out, or remove it",
  });
}

/** The first day of zip, whose times have no zone. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/** Writes a set of files as a zip file: beside it, then renamed. The same files give the same bytes. */
export async function writeZip(path: string, fill: (sink: Sink) => Promise<void>): Promise<void> {
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  const temporary = join(dirname(path), `.ligase-${newId()}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const written = pipeline(zip.outputStream, createWriteStream(temporary));
    const failed = new Promise<never>((_, reject) => zip.on("error", reject));
    const options = { mtime: ZIP_EPOCH, forceDosTimestamp: true, mode: 0o100644 };
    const filled = fill({
      text: async (at, content) =>
        zip.addBuffer(typeof content === "string" ? Buffer.from(content) : content, at, options),
      file: async (at, from) =>
        zip.addFile(from, at, { ...options, compress: !/\.(?:bam|bcf|cram|gz|png|zip)$/i.test(at) }),
    }).then(() => zip.end());
    await Promise.race([Promise.all([filled, written]), failed]);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fsError(error, path, "write");
  }
}
