import { join, sep } from "node:path";
import type { Program } from "../code/types.ts";
import { taskAtom } from "../expr/task-atom.ts";
import { type Activities, fileAtoms, Fingerprints } from "../files/index.ts";
import { Codec } from "../kernel/index.ts";
import type { FingerprintRow } from "../store/types.ts";
import type { Project } from "./project.ts";

/** What values need to be written, read and told apart. */
export interface OpenValues {
  readonly codec: Codec;
  readonly fingerprints: Fingerprints;
  /** Keeps the fingerprints that were found, as far as the store can be written. */
  close(): Promise<void>;
}

/** Who wants to hear of files. */
export interface ValueHooks {
  readonly activities?: Activities;
  /** Hears of each file and folder that is an input: those outside of the store. */
  readonly onInput?: (path: string) => void;
}

/** Makes the codec and the fingerprints for a project and a snapshot of its code. */
export function openValues(
  { root, settings, store }: Project,
  program: Program,
  { activities, onInput }: ValueHooks = {},
): OpenValues {
  const { storeDir } = settings;
  const rows: FingerprintRow[] = [];
  const fingerprints = new Fingerprints({
    index: {
      find: (path) => store.findFingerprint(path),
      put: (row) => {
        rows.push(row);
        if (rows.length === 1) setTimeout(() => void save(), 50).unref();
      },
    },
    cacheDir: join(storeDir, "http"),
    ...(activities && { activities }),
    ...(onInput && {
      onFile: (path) => {
        if (!path.startsWith(`${storeDir}${sep}`)) onInput(path);
      },
    }),
  });
  const save = async (): Promise<void> => {
    const batch = rows.splice(0);
    if (batch.length > 0) await store.commit({ fingerprints: batch }).catch(() => {});
  };
  const codec = new Codec([
    ...fileAtoms({ storeDir, root, fingerprints }),
    taskAtom((name) => program.tasks.get(name)),
  ]);
  return {
    codec,
    fingerprints,
    async close() {
      await save();
      await fingerprints.close();
    },
  };
}
