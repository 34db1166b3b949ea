import { formatDuration, LigaseError } from "../../kernel/index.ts";

/** SQLite's result codes, as far as they mean something to people (https://sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The primary result code of an error that `node:sqlite` threw, or nothing. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Tells whether somebody else holds the lock that was wanted. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** Tells whether something could not be opened or changed because it may only be read. */
export function isReadOnly(error: unknown): boolean {
  const code = resultCode(error);
  const system = error instanceof Error && "code" in error ? error.code : undefined;
  return code === READONLY || code === CANTOPEN || system === "EACCES" || system === "EROFS" || system === "EPERM";
}

/**
 * Says what an error of the database or of the file system means for the store. Errors of
 * Ligase's own, and those that are no fault of the disk or the file, come back as they are.
 *
 * @param location - the database file
 * @param damage - what a check of the file says, asked only when it seems to be damaged
 */
export function explain(error: unknown, location: string, damage: () => string = () => ""): unknown {
  if (!(error instanceof Error) || error instanceof LigaseError) return error;
  const facts = { path: location };
  const system = "code" in error ? error.code : undefined;
  const code = resultCode(error);
  if (code === FULL || system === "ENOSPC" || system === "EDQUOT") {
    return new LigaseError("LIGASE_E_DISK_FULL", `the disk is full: nothing more can be written to ${location}`, {
      mend: "free some space, and run again: what was recorded before is safe",
      facts,
      cause: error,
    });
  }
  if (code === CORRUPT || code === NOTADB) {
    const found = damage();
    return new LigaseError(
      "LIGASE_E_STORE_CORRUPT",
      code === NOTADB
        ? `${location} is not a Ligase store: it is no SQLite database`
        : `${location} is damaged${found && `: ${found}`}`,
      {
        mend: "restore it from a copy, or move it away to start afresh: the next run computes everything again",
        facts: { ...facts, damage: found },
        cause: error,
      },
    );
  }
  if (isReadOnly(error)) {
    return new LigaseError("LIGASE_E_STORE_READ_ONLY", `${location} cannot be written: ${error.message}`, {
      mend: "make its folder writable for you, or work in another folder",
      facts,
      cause: error,
    });
  }
  if (code === BUSY || code === LOCKED) return lockedTooLong(location, undefined, error);
  if (code === IOERR || system === "EIO") {
    return new LigaseError("LIGASE_E_STORE_IO", `reading or writing ${location} failed: ${error.message}`, {
      mend: "check the disk and its free space, then run again: what was recorded before is safe",
      facts,
      cause: error,
    });
  }
  return error;
}

/** Somebody held the lock for longer than anybody should. */
export function lockedTooLong(location: string, waitedMs: number | undefined, cause?: unknown): LigaseError {
  return new LigaseError(
    "LIGASE_E_STORE_LOCKED",
    `another program has kept ${location} locked${waitedMs === undefined ? "" : ` for ${formatDuration(waitedMs)}`}`,
    {
      mend: `close SQL clients that are in a transaction; \`fuser ${location}\` lists the processes that have it open`,
      facts: { path: location, ...(waitedMs !== undefined && { waitedMs }) },
      cause,
    },
  );
}
