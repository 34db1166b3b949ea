import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { LigaseError } from "../kernel/index.ts";
import {
  type ArchiveHead,
  damaged,
  FORMAT,
  FORMAT_VERSION,
  HEAD,
  MANIFEST,
  type Manifest,
  type Member,
  notAnArchive,
  unsafe,
  CODE,
  FILES,
  ROWS,
} from "./format.ts";
import { isSafePath, isStorePlace } from "./safe-path.ts";
import { type ReadMember, readTar } from "./tar.ts";

/** An archive whose beginning was read and believed. */
export interface OpenArchive {
  /** As messages name it. */
  readonly name: string;
  readonly manifest: Manifest;
  /** What follows the manifest. */
  readonly members: AsyncGenerator<ReadMember, undefined>;
}

/** Members that are read as a whole: a head is a line, a manifest of a million files is below this. */
const MOST_BYTES = { head: 2 ** 16, manifest: 2 ** 28 };

/**
 * Reads the beginning of an archive: what it is, and what it says is in it.
 *
 * @param name - for messages
 * @throws LigaseError `LIGASE_E_NOT_AN_ARCHIVE`, `LIGASE_E_ARCHIVE_NEWER`, `LIGASE_E_ARCHIVE_DAMAGED`, `LIGASE_E_ARCHIVE_UNSAFE`
 */
export async function openArchive(source: Readable, name: string): Promise<OpenArchive> {
  const members = readTar(source);
  const head = readHead(await firstMember(members, name), name);
  const manifest = await next(members, name);
  if (manifest.path !== MANIFEST || manifest.bytes !== head.manifest.bytes) {
    throw damaged(name, `its second member is not the ${MANIFEST} that it should be`);
  }
  const bytes = await whole(manifest, MOST_BYTES.manifest, name);
  if (createHash("sha256").update(bytes).digest("hex") !== head.manifest.sha256) {
    throw damaged(name, `its ${MANIFEST} is not what it was`);
  }
  const read: unknown = JSON.parse(bytes.toString());
  if (!isManifest(read)) throw damaged(name, `its ${MANIFEST} is not as it must be`);
  if ((read.format ?? 1) !== head.version)
    throw damaged(name, `its ${HEAD} names another version than its ${MANIFEST}`);
  checkPlaces(read, name);
  return { name, manifest: read, members };
}

async function firstMember(members: AsyncGenerator<ReadMember, undefined>, name: string): Promise<Buffer> {
  try {
    const { value } = await members.next();
    if (value?.path !== HEAD) throw notAnArchive(name, `it does not begin with ${HEAD}`);
    return await whole(value, MOST_BYTES.head, name);
  } catch (error) {
    if (error instanceof LigaseError || isFileError(error)) throw error;
    throw notAnArchive(name, "it is no tar file", error);
  }
}

function readHead(bytes: Buffer, name: string): ArchiveHead {
  let head: Partial<ArchiveHead>;
  try {
    head = JSON.parse(bytes.toString()) as Partial<ArchiveHead>;
  } catch (cause) {
    throw damaged(name, `its ${HEAD} is no JSON`, cause);
  }
  const { format, version, manifest } = head;
  if (format !== FORMAT) throw notAnArchive(name, `its ${HEAD} names another format`);
  if (typeof version === "number" && version > FORMAT_VERSION) {
    throw new LigaseError(
      "LIGASE_E_ARCHIVE_NEWER",
      `${name} was written by a newer Ligase: its format is version ${version}, and this one reads up to ${FORMAT_VERSION}`,
      { facts: { path: name, version, known: FORMAT_VERSION }, mend: "update ligase; nothing was imported" },
    );
  }
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1 || !manifest) {
    throw damaged(name, `its ${HEAD} is not what it was`);
  }
  return { format, version, manifest };
}

function isManifest(json: unknown): json is Manifest {
  const { run, rows, members, folders, links, code, absent } = json as Partial<Manifest>;
  const isText = (value: unknown): boolean => typeof value === "string";
  const isList = (list: unknown, ...fields: readonly string[]): boolean =>
    Array.isArray(list) &&
    list.every((item: Readonly<Record<string, unknown>> | null) => fields.every((field) => isText(item?.[field])));
  return (
    typeof run === "object" &&
    [run.id, run.task, run.state, run.user, run.host].every(isText) &&
    Array.isArray(run.argv) &&
    [rows, absent, run.tags].every((record) => typeof record === "object" && record !== null) &&
    isList(members, "path", "sha256") &&
    members!.every((member) => Number.isSafeInteger(member.bytes)) &&
    isList(links, "path", "target") &&
    isList(code, "path", "member") &&
    Array.isArray(folders) &&
    folders.every(isText)
  );
}

/** No member, folder or link may be anywhere but where archives have them. */
function checkPlaces({ members, folders, links, code }: Manifest, name: string): void {
  const seen = new Set<string>();
  for (const { path } of members) {
    const inStore = path.startsWith(FILES);
    const right = inStore ? isStorePlace(path.slice(FILES.length)) : path === ROWS || path.startsWith(CODE);
    if (!right || !isSafePath(path)) throw unsafe(name, path);
    if (seen.has(path)) throw damaged(name, `${path} is in it twice`);
    seen.add(path);
  }
  for (const path of folders) if (!isStorePlace(path)) throw unsafe(name, path);
  for (const { path, target } of links) if (!isStorePlace(path) || !staysInside(path, target)) throw unsafe(name, path);
  const both = [...links.map((link) => link.path), ...folders].find((path) => seen.has(FILES + path));
  if (both !== undefined) throw damaged(name, `${both} is in it twice`);
  if (!seen.has(ROWS)) throw damaged(name, `it has no ${ROWS}`);
  for (const { member } of code) if (!seen.has(member)) throw damaged(name, `${member} is not in it`);
}

/** Does a link lead to something in the same output? */
function staysInside(path: string, target: string): boolean {
  if (target.startsWith("/") || /[\\\0]/.test(target)) return false;
  const [, , , , ...folders] = path.split("/");
  let depth = folders.length;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return false;
  }
  return true;
}

/** The next member, which must be there. */
async function next(members: AsyncGenerator<ReadMember, undefined>, name: string): Promise<ReadMember> {
  const { value } = await followed(members.next(), name);
  if (!value) throw damaged(name, "it ends too early");
  return value;
}

async function whole({ bytes, content, path }: ReadMember, most: number, name: string): Promise<Buffer> {
  if (bytes > most) throw damaged(name, `its ${path} is too long`);
  const pieces: Uint8Array[] = [];
  for await (const piece of checkedContent(content, name)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What a system call on the archive's own file says is no damage of its content. */
function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

async function followed<T>(step: Promise<T>, name: string): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof LigaseError || isFileError(error)) throw error;
    throw damaged(name, error instanceof Error ? error.message.replace(/\.$/, "") : "it cannot be read", error);
  }
}

/** What is read, with errors that say that it is the archive which is damaged. */
async function* checkedContent(content: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]();
  for (;;) {
    const piece = await followed(pieces.next(), name);
    if (piece.done === true) return;
    yield piece.value;
  }
}

/**
 * Hands on every member of an archive, and makes sure that each is what the manifest says, and that all are there.
 *
 * @param take - writes a member somewhere; nothing of it counts before this has returned
 * @throws LigaseError `LIGASE_E_ARCHIVE_DAMAGED`, `LIGASE_E_ARCHIVE_UNSAFE`
 */
export async function eachMember(
  { name, manifest, members }: OpenArchive,
  take: (member: Member, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const expected = new Map(manifest.members.map((member) => [member.path, member]));
  for (;;) {
    const { value: read } = await followed(members.next(), name);
    if (!read) break;
    const member = expected.get(read.path);
    if (!read.regular || !member) throw unsafe(name, read.path);
    expected.delete(read.path);
    if (read.bytes !== member.bytes) throw damaged(name, `${read.path} is not as long as it was`);
    const hash = createHash("sha256");
    await take(member, hashed(checkedContent(read.content, name), hash));
    if (hash.digest("hex") !== member.sha256) throw damaged(name, `${read.path} is not what it was`);
  }
  const [missing] = expected.keys();
  if (missing !== undefined) throw damaged(name, `it ends too early: ${missing} is not in it`);
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}
