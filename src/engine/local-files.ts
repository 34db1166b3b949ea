import { rm } from "node:fs/promises";
import {
  type Activities,
  commitValueFiles,
  Dir,
  type DiskGuard,
  File,
  type Fingerprints,
  knownOf,
} from "../files/index.ts";
import type { FileService } from "./files.ts";

/** The engine's files on this machine's disks. */
export function localFiles(fingerprints: Fingerprints, guard?: DiskGuard, activities?: Activities): FileService {
  return {
    ...(activities && { activities }),
    fingerprint: (atoms) => fingerprints.settle(atoms),
    intact: async (atoms) => (await fingerprints.firstChanged(atoms)) === undefined,
    listed(atoms) {
      if (atoms.length === 0) return undefined;
      const files: { hash: string; name: string; path: string }[] = [];
      const add = (value: File | Dir): void => {
        const known = knownOf(value);
        if (known) files.push({ hash: known.hash, name: value.name, path: value.path });
        if (value instanceof File) value.sidecars.forEach(add);
      };
      for (const atom of atoms) if (atom instanceof File || atom instanceof Dir) add(atom);
      return files.length > 0 ? files : undefined;
    },
    async commit(value, workDir, outputDir) {
      await commitValueFiles(value, workDir, outputDir, { fingerprints, ...(activities && { activities }) });
      return { value };
    },
    room: async (signal) => guard?.whenFree(signal),
    discard: (workDir) => rm(workDir, { recursive: true, force: true }),
  };
}
