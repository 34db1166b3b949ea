import type { Hash } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import { CODE } from "./format.ts";
import type { RunRows } from "./run-rows.ts";
import { isSafePath } from "./safe-path.ts";

/** A module of a program, or a text file that it imports, as it was. */
export interface Module {
  /** Relative to the project. */
  readonly path: string;
  /** Where it goes in an archive. */
  readonly member: string;
  readonly hash: Hash;
  readonly bytes: Buffer;
}

/** The modules of the program of a run whose texts were recorded, by where they go in an archive. */
export async function modulesOf(store: Store, { program }: Pick<RunRows, "program">): Promise<readonly Module[]> {
  const modules = program?.modules ?? [];
  const texts = await store.findValues(modules.map((module) => module.hash));
  return modules
    .flatMap(({ path, hash }): Module[] => {
      const text = texts.get(hash);
      if (text === undefined) return [];
      // One outside of the project, in a workspace: its path would lead out of any folder.
      const member = isSafePath(path) ? CODE + path : `${CODE}.outside/${hash}/${path.split("/").at(-1)}`;
      return [{ path, member, hash, bytes: Buffer.from(JSON.parse(text) as string) }];
    })
    .sort((a, b) => (a.member < b.member ? -1 : 1));
}
