import { Codec, type Hash } from "../../kernel/index.ts";
import type { ImageLock } from "./types.ts";

const codec = new Codec();

/** The digest of a lock; empty without one. */
export function lockDigest(lock: ImageLock | undefined): Hash {
  return lock === undefined ? "" : codec.hash(lock);
}

/**
 * The text that stands for an environment in a cache key. Of a definition alone it is its identity, so that nothing has
 * to be built to know it; a lock stands for the exact contents; what a tag meant when it was asked for counts where the
 * definition does not say it.
 *
 * @param image - the definition
 * @param lock - what it was when it was locked
 * @param resolved - the digest that a reference without one was found to be
 * @example
 * ```ts
 * imageKey(image, readLock(root)?.images[image.identity], environment.resolved);
 * ```
 */
export function imageKey(image: { readonly identity: Hash }, lock?: ImageLock, resolved?: string): string {
  if (lock !== undefined) return `${image.identity}+${lockDigest(lock)}`;
  return resolved === undefined ? image.identity : `${image.identity}@${resolved}`;
}
