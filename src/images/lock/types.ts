import type { Hash } from "../../kernel/index.ts";
import type { Archive } from "../build/place.ts";

/** What one definition was when it was locked. */
export interface ImageLock {
  readonly identity: Hash;
  /** The definition in short, for people. */
  readonly title: string;
  /** Of the contents that were built: `sha256:…`. */
  readonly contents: string;
  /** The digest of what it stands on, where that is an image of a registry. */
  readonly base: { readonly reference: string; readonly digest: string } | null;
  /** Debian's archive as it was: `20260101T000000Z`, for snapshot.debian.org. */
  readonly snapshot: string | null;
  /** Exact versions, by manager and name. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The files that packages came from, with their hashes, as far as managers say them. */
  readonly archives: readonly Archive[];
}

/** A lock file. */
export interface LockFile {
  readonly format: 1;
  /** By identity. */
  readonly images: Readonly<Record<Hash, ImageLock>>;
}
