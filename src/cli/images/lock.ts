import type { Settings } from "../../config/index.ts";
import { buildRootfs, titleOf } from "../../images/build/index.ts";
import { type ImageLock, type LockFile, makeLock, readLock, writeLock } from "../../images/lock/index.ts";
import type { Image } from "../../images/image.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type BuildWish, hooksFor } from "./build.ts";

/** What became of one definition. */
export interface Locked {
  readonly lock: ImageLock;
  readonly state: "locked" | "kept" | "changed" | "unchanged";
}

/**
 * Locks definitions to what they are built as: those that are locked already stay as they are, unless they are to be
 * built anew.
 */
export async function lockImages(
  root: string,
  { imagesDir }: Settings,
  definitions: readonly Image[],
  wish: BuildWish,
  terminal: Terminal,
): Promise<{ readonly path: string; readonly locked: readonly Locked[] }> {
  const before: LockFile = readLock(root) ?? { format: 1, images: {} };
  const locked: Locked[] = [];
  const fresh = wish.fresh ? { fresh: new Date().toISOString() } : {};
  for (const image of definitions) {
    const known = before.images[image.identity];
    if (known !== undefined && !wish.fresh) {
      locked.push({ lock: known, state: "kept" });
      continue;
    }
    const { record } = await buildRootfs({ imagesDir, ...fresh }, image, hooksFor(terminal, wish));
    const lock = makeLock({ ...record, title: titleOf(image.settled()) });
    const isSame = known !== undefined && known.contents === lock.contents;
    locked.push({
      lock: isSame ? known : lock,
      state: known === undefined ? "locked" : isSame ? "unchanged" : "changed",
    });
  }
  const images = new Map([
    ...Object.entries(before.images),
    ...locked.map(({ lock }) => [lock.identity, lock] as const),
  ]);
  const path = writeLock(root, { format: 1, images: Object.fromEntries(images) });
  return { path, locked };
}
