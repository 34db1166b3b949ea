import { LigaseError } from "../kernel/index.ts";

/*
 * An archive is a tar file (POSIX, pax headers where names or sizes need them), mostly compressed with gzip. Its members,
 * in this order:
 *
 *     ligase-archive.json    what this is: format, version, size and SHA-256 of the manifest
 *     manifest.json          the run in short, and every member that follows with its size and SHA-256
 *     rows.jsonl             the rows of the store, one a line
 *     code/…                 the modules of the program, as they were
 *     store/…                files, where they lie in the store
 *
 * All are regular files of nobody's, at the time at which the run ended: the same run gives the same bytes.
 */

/** What an archive calls itself. */
export const FORMAT = "ligase-archive";
/**
 * The version written. Older ones are read as long as there are any; a newer one is refused. Version 2 brought the
 * environments that attempts ran in.
 */
export const FORMAT_VERSION = 2;

/** The first member. */
export const HEAD = "ligase-archive.json";
/** The second member. */
export const MANIFEST = "manifest.json";
/** The rows of the store. */
export const ROWS = "rows.jsonl";
/** The folder of the program's modules. */
export const CODE = "code/";
/** The folder of files; what follows is where each lies in the store. */
export const FILES = "store/";

/** What the first member says. */
export interface ArchiveHead {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly manifest: { readonly bytes: number; readonly sha256: string };
}

/** A member of an archive. */
export interface Member {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** It is a program. */
  readonly executable?: boolean;
}

/** What an archive holds. */
export interface Manifest {
  /** The format's version again, where its own checksum holds it; absent from version 1. */
  readonly format?: number;
  /** The version of Ligase that wrote it. */
  readonly ligase: string;
  readonly run: {
    readonly id: string;
    readonly task: string;
    readonly state: string;
    readonly startedAt: number;
    readonly endedAt: number | null;
    readonly user: string;
    readonly host: string;
    readonly argv: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
  };
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** The modules of the program: where each stands in the project, and its member. */
  readonly code: readonly { readonly path: string; readonly member: string }[];
  /** Folders without anything in them, where they lie in the store. */
  readonly folders: readonly string[];
  /** Links within folders: where they lie in the store, and where they point. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Files that the run was given or made, and that are not in it. */
  readonly absent: { readonly given: number; readonly made: number };
  readonly members: readonly Member[];
}

/** The error for what is no archive of Ligase. */
export function notAnArchive(name: string, why: string, cause?: unknown): LigaseError {
  return new LigaseError("LIGASE_E_NOT_AN_ARCHIVE", `${name} is no archive of a run: ${why}`, {
    facts: { path: name },
    mend: "ligase export <run> writes one",
    cause,
  });
}

/** The error for an archive that is not what it was. */
export function damaged(name: string, why: string, cause?: unknown): LigaseError {
  return new LigaseError("LIGASE_E_ARCHIVE_DAMAGED", `${name} is damaged: ${why}`, {
    facts: { path: name },
    mend: "fetch it again, and compare its checksum with the original's; nothing was imported",
    cause,
  });
}

/** The error for an archive that would write where it must not. */
export function unsafe(name: string, path: string): LigaseError {
  return new LigaseError(
    "LIGASE_E_ARCHIVE_UNSAFE",
    `${name} would write outside of the store: ${JSON.stringify(path)}`,
    {
      facts: { path: name, member: path },
      mend: "ligase export writes no such archive: ask who made it; nothing was imported",
    },
  );
}
