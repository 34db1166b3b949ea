import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { LigaseError, nearest } from "../kernel/index.ts";

/** The code of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** A name in the folder of a missing file that was most likely meant. */
function meant(path: string): string | undefined {
  try {
    return nearest(basename(path), readdirSync(dirname(path)));
  } catch {
    return undefined;
  }
}

/**
 * Turns a failed system call on a user's file into an error that names the file and says what to
 * do; what has no entry here (a defect of ours) comes back as it is.
 *
 * @param doing - what was tried, as the end of "cannot …": `read`, `write`
 */
export function fsError(error: unknown, path: string, doing: string): Error {
  const options = { facts: { path, errno: systemCode(error) }, cause: error };
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR": {
      const near = meant(path);
      const mend = near === undefined ? "check the path" : `did you mean ${JSON.stringify(near)}?`;
      return new LigaseError("LIGASE_E_NO_FILE", `cannot ${doing} ${path}: it does not exist`, { ...options, mend });
    }
    case "ENOSPC":
    case "EDQUOT":
      return new LigaseError("LIGASE_E_DISK_FULL", `cannot ${doing} ${path}: the disk is full`, {
        ...options,
        mend: "free some space, and run again: what finished is kept",
      });
    case "EROFS":
      return new LigaseError("LIGASE_E_READ_ONLY", `cannot ${doing} ${path}: the file system is read-only`, {
        ...options,
        mend: "choose a folder that can be written to",
      });
    case "EACCES":
    case "EPERM":
      return new LigaseError("LIGASE_E_PERMISSION", `cannot ${doing} ${path}: permission denied`, {
        ...options,
        mend: `check who owns it: ls -l ${JSON.stringify(path)}`,
      });
    case "EISDIR":
      return new LigaseError("LIGASE_E_IS_DIR", `cannot ${doing} ${path}: it is a folder`, {
        ...options,
        mend: "use a Dir for a folder",
      });
    case "EMFILE":
    case "ENFILE":
      return new LigaseError("LIGASE_E_TOO_MANY_FILES", `cannot ${doing} ${path}: too many files are open`, {
        ...options,
        mend: "raise the limit (ulimit -n)",
      });
    case "ENAMETOOLONG":
      return new LigaseError("LIGASE_E_FILE_NAME", `cannot ${doing} ${path}: its name is too long`, options);
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

/** Waits for a system call on a user's file, with {@link fsError} for its failure. */
export async function naming<T>(path: string, doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fsError(error, path, doing);
  }
}

/** What an error says, or what was thrown in place of one. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
