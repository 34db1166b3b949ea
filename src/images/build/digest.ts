import { createHash } from "node:crypto";
import {
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

/** What one pass over a root file system finds. */
export interface Contents {
  /** `sha256:…` */
  readonly digest: string;
  /** Bytes on the disk of what no other root file system shares. */
  readonly size: number;
  /** Bytes on the disk of all of it. */
  readonly total: number;
}

interface Walk {
  readonly root: string;
  readonly lines: string[];
  readonly before: ReadonlyMap<string, string>;
  readonly beforeRoot: string | null;
  readonly piece: Buffer;
  /** Of files with several names, by inode: read once, counted once. */
  readonly seen: Map<number, string>;
  size: number;
  total: number;
}

/**
 * Takes the digest of a root file system: over the path, the permissions, and the content of each entry, in the order of
 * their paths. Owners and times do not count: whoever builds the same gets the same.
 *
 * Files that are as they were in the root file system this one was begun from become links to those: nobody ever writes
 * to either, and a chain of environments takes the space of what differs. A file is linked only if its content was
 * read and is the same.
 *
 * @param parent - the root file system that this one began as a copy of
 * @param manifest - where the list of entries is written: what the next one in the chain compares with
 */
export function takeDigest(
  root: string,
  manifest: string,
  parent: { readonly root: string; readonly manifest: string } | null,
): Contents {
  const walk: Walk = {
    root,
    lines: [],
    before: new Map(parent === null ? [] : readManifest(parent.manifest)),
    beforeRoot: parent?.root ?? null,
    piece: Buffer.allocUnsafe(2 ** 20),
    seen: new Map(),
    size: 0,
    total: 0,
  };
  visit(walk, "");
  const text = walk.lines.join("\n");
  writeFileSync(manifest, text);
  return { digest: `sha256:${createHash("sha256").update(text).digest("hex")}`, size: walk.size, total: walk.total };
}

function readManifest(path: string): [string, string][] {
  return readText(path)
    .split("\n")
    .map((line) => [line.slice(line.indexOf(" /") + 1), line.slice(0, line.indexOf(" /"))]);
}

function readText(path: string): string {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(2 ** 20);
  eachPiece(path, piece, (read) => pieces.push(Buffer.from(read)));
  return Buffer.concat(pieces).toString("latin1");
}

function eachPiece(path: string, piece: Buffer, take: (read: Buffer) => void): void {
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) take(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
}

/** Paths as bytes: names in an image need not be UTF-8. A line break in one is written as what no name can hold. */
function visit(walk: Walk, at: string): void {
  const folder = Buffer.concat([Buffer.from(walk.root), Buffer.from(at, "latin1")]);
  const names = readdirSync(folder, { encoding: "buffer" }).map((name) => name.toString("latin1"));
  for (const name of names.sort()) {
    const inside = `${at}/${name}`;
    const path = Buffer.concat([folder, Buffer.from("/"), Buffer.from(name, "latin1")]);
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o777).toString(8);
    const shown = inside.replaceAll("\n", "\\0");
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(path, { encoding: "buffer" }).toString("latin1");
      walk.lines.push(`link ${createHash("sha256").update(target).digest("hex")} ${shown}`);
    } else if (stat.isDirectory()) {
      walk.lines.push(`folder ${mode} ${shown}`);
      visit(walk, inside);
    } else if (stat.isFile()) {
      const known = walk.seen.get(stat.ino);
      const sha256 = known ?? hashFile(path, walk.piece);
      const what = `file ${mode} ${sha256}`;
      walk.lines.push(`${what} ${shown}`);
      const isShared = walk.before.get(shown) === what && share(walk, path, inside);
      if (known === undefined) walk.total += stat.blocks * 512;
      if (known === undefined && !isShared) walk.size += stat.blocks * 512;
      if (stat.nlink > 1) walk.seen.set(stat.ino, sha256);
    } else {
      walk.lines.push(`other ${mode} ${shown}`);
    }
  }
}

function hashFile(path: Buffer, piece: Buffer): string {
  const hasher = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hasher.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hasher.digest("hex");
}

/** Puts a link to the same file of the root file system before in a file's place. Where that cannot be, it stays a copy. */
function share(walk: Walk, path: Buffer, inside: string): boolean {
  if (walk.beforeRoot === null) return false;
  const original = Buffer.concat([Buffer.from(walk.beforeRoot), Buffer.from(inside, "latin1")]);
  const temporary = Buffer.concat([path, Buffer.from(".ligase-link")]);
  try {
    const [before, now] = [lstatSync(original), lstatSync(path)];
    if (before.ino === now.ino) return true;
    // A link has the owner and the time of what it is a link to: the steps that follow, and Python's compiled files, heed them.
    if (before.uid !== now.uid || before.gid !== now.gid || before.mode !== now.mode) return false;
    if (before.mtimeMs !== now.mtimeMs) return false;
    linkSync(original, temporary);
    renameSync(temporary, path);
    return true;
  } catch {
    // Another disk, or more links than a file can have.
    rmSync(temporary, { force: true });
    return false;
  }
}
