import { type LigaseError, nearest } from "../../kernel/index.ts";
import { isLocal, type Place } from "../../volumes/transfer/index.ts";
import type { Volumes } from "../../volumes/volumes.ts";
import { usageError } from "../usage-error.ts";

/**
 * Makes sure that a place is in a volume.
 *
 * @param word - as it was written
 * @throws LigaseError `LIGASE_E_NO_VOLUME`, naming the nearest one; `LIGASE_E_FLAG` for a path of this machine
 */
export function inVolume(place: Place, word: string, volumes: Volumes): Place {
  if (place.volume) return place;
  if (!isLocal(word)) throw volumes.missing(word.split("/")[0] ?? "");
  throw usageError(
    "LIGASE_E_FLAG",
    `${word} is a path of this machine`,
    "write volume/path: ligase volume ls lists the volumes",
  );
}

/**
 * The error where no place of a copy is in a volume: people misspelt one, or want another program.
 *
 * @param words - as they were written
 */
export function noVolume(words: readonly string[], volumes: Volumes, command: "cp" | "mv"): LigaseError {
  const names = words.filter((word) => !isLocal(word)).map((word) => word.split("/")[0] ?? "");
  const known = volumes.names();
  const near = names.map((name) => nearest(name, known)).find((name) => name !== undefined);
  // What has a slash in it is most likely meant as volume/path.
  const meant = words.find((word) => !isLocal(word) && word.includes("/"))?.split("/")[0];
  if (near !== undefined || meant !== undefined) {
    return volumes.missing(near === undefined ? meant! : (names.find((name) => nearest(name, known) === near) ?? near));
  }
  return usageError(
    "LIGASE_E_FLAG",
    `neither of ${words.join(" and ")} is in a volume`,
    `${command} of your shell does that`,
  );
}
