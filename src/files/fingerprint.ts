/**
 * What is known of a file's content, as long as its stat facts are these. For a directory, the
 * facts are those of all its members: `size` their sum, `ctimeNs` the newest, `inode` a digest of
 * the rest.
 */
export interface FingerprintRow {
  path: string;
  size: number;
  /** Nanoseconds, as decimal text: they do not fit a double. */
  mtimeNs: string;
  ctimeNs: string;
  inode: string;
  /** SHA-256 of the content (of a directory: of its manifest), 64 hexadecimal digits. */
  hash: string;
  /** When hashing began, in milliseconds since 1970. */
  hashedAt: number;
}

/** Where fingerprints are kept from one run to the next: the store, seen from this floor. */
export interface FingerprintIndex {
  find(path: string): Promise<FingerprintRow | undefined>;
  /** Keeps a row; when it becomes durable does not matter. */
  put(row: FingerprintRow): void;
}

/** The identity of a content. */
export interface Fingerprint {
  /** SHA-256: of a file's bytes, of a directory's manifest. 64 hexadecimal digits. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}
