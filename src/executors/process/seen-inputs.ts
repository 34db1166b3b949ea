import { realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname } from "node:path";
import { Dir, File, type Fingerprints, localPath } from "../../files/index.ts";

/** What a job's arguments name on this machine. */
export interface SeenInputs {
  /** Folders and files that the job's worker must see, besides those it sees anyway; sorted. */
  readonly paths: readonly string[];
  /** Where the content of its URLs was fetched to. */
  readonly fetched: Readonly<Record<string, string>>;
}

/** The parts of a store that workers see. */
export const STORE_PARTS = ["code", "outputs", "http"] as const;

/** A project, and its store. */
export interface Project {
  readonly root: string;
  readonly storeDir: string;
}

/** Is a path a folder itself, or in it? */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/**
 * Finds what the Files and Dirs among a job's arguments need a worker in an environment to see.
 *
 * Of a file its folder is shown, and not the file alone: the mounts of a worker are fixed when it starts, and one that
 * saw a single sample would have to be started anew for the next. A folder that holds more than data (a home directory,
 * `/tmp`, one above the project) is not shown for the sake of a file in it: then it is the file itself.
 *
 * @param atoms - as the codec gives them: sidecars are looked for here
 * @param fingerprints - fetches the content of URLs
 */
export async function seenInputs(
  atoms: readonly object[],
  project: Project,
  fingerprints?: Fingerprints,
): Promise<SeenInputs> {
  const paths = new Set<string>();
  const fetched: Record<string, string> = {};
  const see = (path: string): void => {
    if (!isSeen(path, project)) paths.add(path);
  };
  const add = async (value: File | Dir): Promise<void> => {
    if (value instanceof File) for (const side of value.sidecars) await add(side);
    if (localPath(value) === undefined) {
      await fingerprints?.settle([value]);
      // One whose content is known was not fetched for that; looking whether it changed does.
      if (localPath(value) === undefined) await fingerprints?.firstChanged([value]);
    }
    const path = localPath(value);
    if (path === undefined) return;
    if (path !== value.path) {
      fetched[value.path] = path;
      return see(path);
    }
    for (const one of new Set([path, realOf(path)])) {
      const folder = value instanceof Dir ? one : dirname(one);
      see(value instanceof Dir || !holdsMore(folder, project) ? folder : one);
    }
  };
  for (const atom of atoms) if (atom instanceof File || atom instanceof Dir) await add(atom);
  return { paths: [...paths].sort(), fetched };
}

/** A path without links; as it is when there is nothing: then it is the body that says so. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Does every worker see it? The project, but of the store in it only some parts. */
function isSeen(path: string, { root, storeDir }: Project): boolean {
  if (isWithin(storeDir, path)) return STORE_PARTS.some((part) => isWithin(`${storeDir}/${part}`, path));
  return isWithin(root, path);
}

/** Those that hold what a system or a person needs, and not only data. */
const WELL_KNOWN = new Set([
  "/",
  "/etc",
  "/dev",
  "/proc",
  "/sys",
  "/run",
  "/var",
  "/usr",
  "/opt",
  "/home",
  "/root",
  "/tmp",
]);

function holdsMore(folder: string, { root, storeDir }: Project): boolean {
  if (WELL_KNOWN.has(folder) || folder === tmpdir()) return true;
  return [root, storeDir, homedir()].some((one) => isWithin(folder, one));
}
