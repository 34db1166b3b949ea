import type { Hash } from "../../kernel/index.ts";

/** What the text says that stands for an image in a cache key. */
export interface ImageKey {
  readonly identity: Hash;
  /** Do the tools of the machine stand for it? */
  readonly host: boolean;
  /** The hash of its lock. */
  readonly lock: Hash | null;
  /** What a tag was found to be: `sha256:…`. */
  readonly resolved: string | null;
}

/**
 * Takes the text apart that stands for an image in a cache key; see `images/lock/key.ts`.
 *
 * @returns nothing for the empty text of a call without an image
 */
export function readImageKey(text: string): ImageKey | undefined {
  const [, identity, mark, rest = ""] = /^([^@+]+)(?:([@+])(.*))?$/.exec(text) ?? [];
  if (identity === undefined) return undefined;
  const host = mark === "@" && rest === "host";
  return {
    identity,
    host,
    lock: mark === "+" ? rest : null,
    resolved: mark === "@" && !host ? rest : null,
  };
}
