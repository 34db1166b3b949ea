import { join, resolve } from "node:path";
import { projectDir } from "../files/location.ts";

/** The folder of a store in which volumes lie. */
export const VOLUMES = "volumes";

let store: string | undefined;

/**
 * Says where the store is that volumes lie in: whoever opens a project does, and a worker process when it begins. Paths
 * of files in volumes follow, also of those that were named before.
 */
export function setStoreDir(dir: string): void {
  store = resolve(dir);
}

/** The folder of a volume in the store that is open, else in the usual one of the project. */
export function volumeDir(name: string): string {
  return join(store ?? join(projectDir(), ".ligase"), VOLUMES, name);
}
