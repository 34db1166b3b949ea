import { LigaseError } from "../kernel/index.ts";

/** The error for what leads out of a volume, or would. */
export function leavesVolume(volume: string, path: string, why: string, mend: string): LigaseError {
  return new LigaseError("LIGASE_E_VOLUME_PATH", `${volume}/${path}: ${why}`, { facts: { volume, path }, mend });
}

/**
 * Reads what people write as a path in a volume. Slashes at either end, doubled ones and `.` say nothing.
 *
 * @returns its parts joined by `/`; empty for the volume itself
 * @throws LigaseError `LIGASE_E_VOLUME_PATH` for one with `..` in it or a NUL
 * @example
 * ```ts
 * pathInVolume("sequences", "plasmids//pUC19.gb"); // "plasmids/pUC19.gb"
 * ```
 */
export function pathInVolume(volume: string, path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw leavesVolume(
      volume,
      path,
      "it has a .. in it, and could lead out of the volume",
      "write the path without ..",
    );
  }
  if (path.includes("\0")) {
    throw leavesVolume(volume, path.replaceAll("\0", "\\0"), "it has a NUL in it", "write the path without it");
  }
  return parts.join("/");
}

/** The last part of a path; empty for the volume itself. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder that a path lies in. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end === -1 ? "" : path.slice(0, end);
}

/** A name in a folder, as a path. */
export function joined(folder: string, name: string): string {
  return folder === "" ? name : name === "" ? folder : `${folder}/${name}`;
}
