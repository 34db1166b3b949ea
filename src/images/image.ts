import type { ImageReference } from "../expr/options.ts";
import { Codec, type Hash } from "../kernel/index.ts";

/** One step of an image's definition. */
export type ImageLayer =
  | { readonly from: string }
  | { readonly debian: string }
  | { readonly apt: readonly string[] }
  | { readonly run: readonly string[] }
  | { readonly env: Readonly<Record<string, string>> };

const codec = new Codec();

/**
 * The definition of a software environment. Each method gives a new definition; equal ones have
 * one identity, whoever wrote them.
 *
 * @example
 * ```ts
 * const tools = Image.debian("12").apt("bwa", "samtools");
 * export const align = task({ image: tools }, (reads: File) => script`bwa mem … ${reads}`);
 * ```
 */
export class Image implements ImageReference {
  /** The steps, in order. */
  readonly layers: readonly ImageLayer[];
  /** Hash of the steps. */
  readonly identity: Hash;

  private constructor(layers: readonly ImageLayer[]) {
    this.layers = layers;
    this.identity = codec.hash(layers);
  }

  /** A Debian release, by its number: `"12"`. */
  static debian(release: string): Image {
    return new Image([{ debian: release }]);
  }

  /** Any OCI image, best by digest: `"quay.io/biocontainers/bwa@sha256:…"`. */
  static from(reference: string): Image {
    return new Image([{ from: reference }]);
  }

  /** Adds Debian packages. */
  apt(...packages: string[]): Image {
    return this.#with({ apt: packages });
  }

  /** Runs shell commands while it is built. */
  run(...commands: string[]): Image {
    return this.#with({ run: commands });
  }

  /** Sets environment variables. */
  env(variables: Readonly<Record<string, string>>): Image {
    return this.#with({ env: variables });
  }

  #with(layer: ImageLayer): Image {
    return new Image([...this.layers, layer]);
  }
}
