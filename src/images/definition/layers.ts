/**
 * What definitions of environments are made of: layers as plain data, the checks that they pass when they are written, and
 * the contents of local files that count in them. Nothing here builds anything.
 *
 * @module
 */

/** Local files with their content: what a definition says of them, once they were read. */
export interface LocalContent {
  /** Absolute path on the machine where the definition was written. */
  readonly path: string;
  /** SHA-256 over the content (a file), or over names, modes and contents (a folder). */
  readonly sha256: string;
}

/**
 * One step of an image's definition. The first says what all stands on: `debian`, `from`, `dockerfile` or `archive`.
 */
export type ImageLayer =
  | { readonly debian: string }
  | { readonly from: string }
  | {
      readonly dockerfile: string;
      /** The folder that `COPY` reads. */
      readonly context: string;
      readonly args: Readonly<Record<string, string>>;
    }
  | { readonly archive: string }
  | { readonly apt: readonly string[] }
  | { readonly python: string }
  | { readonly pip: readonly string[] }
  | { readonly requirements: string }
  | { readonly conda: readonly string[]; readonly channels: readonly string[] }
  | { readonly run: readonly string[] }
  | { readonly env: Readonly<Record<string, string>> }
  | { readonly workdir: string }
  | { readonly files: string; readonly at: string };

/**
 * A layer whose local files were read: what counts in an identity, and what is stored. Paths are kept only where a build
 * must find the files again, and do not count.
 */
export type SettledLayer =
  | Exclude<ImageLayer, { files: string } | { requirements: string } | { archive: string } | { dockerfile: string }>
  | { readonly files: LocalContent; readonly at: string }
  | { readonly requirements: string; readonly name: string }
  | { readonly archive: LocalContent }
  | {
      readonly dockerfile: LocalContent;
      readonly context: LocalContent;
      readonly args: Readonly<Record<string, string>>;
    };

/** The kinds of layers that may stand first. */
export const BASES = ["debian", "from", "dockerfile", "archive"] as const;
