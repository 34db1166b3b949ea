import type { Hash } from "../../kernel/index.ts";

/** A file that a package came from. */
export interface Archive {
  readonly manager: "apt" | "pip" | "conda";
  readonly name: string;
  readonly version: string;
  /** Where it was; absent where the manager does not say. */
  readonly url?: string;
  readonly sha256?: string;
  /** Conda's explicit lists know files by this. */
  readonly md5?: string;
  /** The definition names its address, not an index's package. */
  readonly direct?: boolean;
  /** What conda calls its build string. */
  readonly build?: string;
}

/** What one definition was when it was locked. */
export interface ImageLock {
  readonly identity: Hash;
  /** The definition in short, for people. */
  readonly title: string;
  /** Of the contents that were built: `sha256:…`. */
  readonly contents: string;
  /** What it stands on, where that is an image of a registry. */
  readonly base: { readonly reference: string; readonly digest: string } | null;
  /** When Debian's archive was read, for snapshot.debian.org: `20260101T120000Z`. */
  readonly snapshots: readonly string[];
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
