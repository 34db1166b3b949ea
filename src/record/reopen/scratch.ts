import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCRATCH } from "../../executors/index.ts";
import { newId } from "../../kernel/index.ts";

/** A directory made for a while. */
export interface Scratch {
  /** Absolute. */
  readonly dir: string;
  /** Remembers what lies in it now. */
  mark(): void;
  /** Removes it, unless something was made in it, or changed, since {@link Scratch.mark}. Answers whether it is gone. */
  leave(): boolean;
  /** Removes it. */
  remove(): void;
}

/** Makes a directory among the work directories of a store, or for a store that cannot be written among temporary ones. */
export function makeScratch(storeDir: string): Scratch {
  const dir = makeIn(join(storeDir, "work")) ?? makeIn(tmpdir()) ?? "";
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  let marked = "";
  return {
    dir,
    remove,
    mark() {
      marked = contentsOf(dir);
    },
    leave() {
      if (contentsOf(dir) !== marked) return false;
      remove();
      return true;
    },
  };
}

function makeIn(folder: string): string | undefined {
  const dir = join(folder, `shell-${newId()}`);
  try {
    mkdirSync(dir, { recursive: true });
    return dir;
  } catch {
    return undefined;
  }
}

/** What lies in a directory, and how new it is. What is in the place for temporary files is nobody's work. */
function contentsOf(dir: string): string {
  if (!existsSync(dir)) return "";
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name !== SCRATCH && !name.startsWith(`${SCRATCH}/`))
    .map((name) => `${name} ${statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs}`)
    .toSorted()
    .join("\n");
}
