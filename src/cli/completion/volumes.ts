import { readSettings } from "../../record/open.ts";
import { Volumes } from "../../volumes/volumes.ts";
import type { Candidate } from "./candidate.ts";

/** So many names of a folder are offered. */
const MOST = 200;

/** The names of volumes. */
export async function volumeNames(): Promise<readonly Candidate[]> {
  return (await here()).names().map((word) => ({ word, about: "volume" }));
}

/**
 * Paths in volumes: volumes first, then what lies in the folder that was written so far.
 *
 * @param typed - the word that is being written: `seq/plas`
 */
export async function volumePaths(typed: string): Promise<readonly Candidate[]> {
  const volumes = await here();
  const [name = "", ...parts] = typed.split("/");
  if (parts.length === 0) return volumes.names().map((word) => ({ word: `${word}/`, about: "volume" }));
  if (!volumes.has(name)) return [];
  const folder = parts.slice(0, -1).filter(Boolean).join("/");
  const start = typed.slice(0, typed.lastIndexOf("/") + 1);
  const entries = await volumes.open(name).list(folder);
  return entries.slice(0, MOST).map(({ path, kind }) => ({
    word: `${start}${path.slice(path.lastIndexOf("/") + 1)}${kind === "dir" ? "/" : ""}`,
  }));
}

async function here(): Promise<Volumes> {
  return new Volumes((await readSettings(undefined)).settings.storeDir);
}
