import type { SyncOptions } from "../code/sync/index.ts";
import type { Program } from "../code/types.ts";
import type { Project } from "./project.ts";

/**
 * The files of a project as they are now, for code that is read from files: copied at once where a program has any, since
 * a run works on what was there when it began.
 */
export function codeFiles(
  { root, settings: { storeDir } }: Project,
  { tasks }: Pick<Program, "tasks">,
  { say, log }: Pick<SyncOptions, "say" | "log">,
): () => Promise<string> {
  const sync = async (): Promise<string> => {
    // Programs without Python need none of it.
    const { syncFiles } = await import("../code/sync/index.ts");
    return syncFiles({ root, storeDir, ...(say && { say }), ...(log && { log }) }).folder;
  };
  let synced: Promise<string> | undefined;
  if ([...tasks.values()].some(({ python }) => python)) {
    synced = sync();
    synced.catch(() => {}); // whoever needs the copy hears of it
  }
  return () => (synced ??= sync());
}
