import { fsError, systemCode } from "../../files/fs-error.ts";
import { LigaseError } from "../../kernel/index.ts";
import { folderOf, joined, leavesVolume } from "../path.ts";

/**
 * What became of a system call in a volume, in words that name the path as people write it.
 *
 * @param doing - what was tried, as the end of "cannot …"
 */
export function volumeError(error: unknown, volume: string, path: string, doing: string): Error {
  if (error instanceof LigaseError) return error;
  const shown = joined(volume, path);
  const facts = { volume, path };
  if (systemCode(error) === "ENOTDIR" && (doing === "write" || doing === "make")) {
    return new LigaseError("LIGASE_E_COPY", `cannot ${doing} ${shown}: a part of its path is a file`, {
      facts,
      mend: `ligase ls ${volume} lists what there is`,
      cause: error,
    });
  }
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return new LigaseError("LIGASE_E_NO_FILE", `cannot ${doing} ${shown}: it does not exist`, {
        facts,
        mend: `ligase ls ${joined(volume, folderOf(path))} lists what there is`,
        cause: error,
      });
    case "EISDIR":
      return new LigaseError("LIGASE_E_IS_DIR", `cannot ${doing} ${shown}: it is a folder`, {
        facts,
        mend: "name a file in it",
        cause: error,
      });
    case "EINVAL":
      return new LigaseError("LIGASE_E_COPY", `cannot ${doing} ${shown} into itself`, { facts, cause: error });
    case "ENOTEMPTY":
    case "EEXIST":
      return new LigaseError("LIGASE_E_COPY", `cannot ${doing} ${shown}: a folder is in the way`, {
        facts,
        mend: "choose another name, or remove the folder first",
        cause: error,
      });
    default:
      return fsError(error, shown, doing);
  }
}

/** Is there nothing at a path, or what is there a part of no path? */
export const isAbsent = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "ELOOP"].includes(systemCode(error) ?? "");

/** The error of the system for what is not there. */
export const missing = (): Error => Object.assign(new Error("it is not there"), { code: "ENOENT" });

/** The error for what is done to a volume as if it were a folder in it. */
export function itself(volume: string, what: string): LigaseError {
  return leavesVolume(volume, "", `the volume itself cannot be ${what}`, `ligase volume rm ${volume} removes it`);
}

/** The error for what has no content. */
export function special(path: string): LigaseError {
  return new LigaseError("LIGASE_E_SPECIAL_FILE", `${path} is no regular file and cannot be copied`, {
    facts: { path },
    mend: "a pipe, socket or device has no content of its own: leave it out",
  });
}
