import { hash } from "node:crypto";

/**
 * The identity of a piece of text: the first 160 bits of its SHA-256 as 40 lower-case
 * hexadecimal digits. Contents of files keep all 256 bits; see `files/fingerprint`.
 */
export type Hash = string;

/**
 * Hashes text (as UTF-8).
 *
 * @example
 * ```ts
 * hashText("GATTACA").length; // 40
 * ```
 */
export function hashText(text: string): Hash {
  return hash("sha256", text, "hex").slice(0, 40);
}
