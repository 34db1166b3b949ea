import type { ImageReference } from "../expr/options.ts";
import { projectDir } from "../files/location.ts";
import { Codec, type Hash } from "../kernel/index.ts";
import {
  aptPackages,
  condaChannels,
  condaPackages,
  debianRelease,
  insidePath,
  localPath,
  parseReference,
  pipPackages,
  pythonVersion,
  refuse,
  shellCommands,
  variables,
} from "./definition/checks.ts";
import { readLayers } from "./definition/json.ts";
import type { ImageLayer, SettledLayer } from "./definition/layers.ts";
import { identityOf, settle } from "./definition/settle.ts";

const codec = new Codec();

/** Where conda's packages come from when nothing is said: as Bioconda wants it. */
const CHANNELS: readonly string[] = ["conda-forge", "bioconda"];

/** How {@link Image.dockerfile} is built. */
export interface DockerfileOptions {
  /** The folder that `COPY` reads: by default the one the Dockerfile lies in. */
  readonly context?: string;
  /** Build arguments (`ARG`). */
  readonly args?: Readonly<Record<string, string>>;
}

/** How {@link Image.conda} finds packages. */
export interface CondaOptions {
  /** By priority. Default `["conda-forge", "bioconda"]`. */
  readonly channels?: readonly string[];
}

/**
 * The definition of a software environment. Each method gives a new definition; equal ones have
 * one identity, whoever wrote them. It is built when a task that names it first runs, once for all projects of a user.
 *
 * @example
 * ```ts
 * const tools = Image.debian("12").apt("bwa", "samtools");
 * export const align = task({ image: tools }, (reads: File) => script`bwa mem … ${reads}`);
 * ```
 */
export class Image implements ImageReference {
  /** The steps, in order. */
  readonly layers: readonly (ImageLayer | SettledLayer)[];
  #settled: readonly SettledLayer[] | undefined;
  #identity: Hash | undefined;

  private constructor(layers: readonly (ImageLayer | SettledLayer)[]) {
    this.layers = layers;
  }

  /**
   * A Debian release, by its number: `"12"`.
   *
   * @throws LigaseError `LIGASE_E_IMAGE_DEFINITION` when there is none of this number; as do all methods for what cannot be
   */
  static debian(release: string): Image {
    return new Image([{ debian: debianRelease(release) }]);
  }

  /**
   * Any OCI image, best by digest: what a tag means may change.
   *
   * @example
   * ```ts
   * Image.from("quay.io/biocontainers/bwa:0.7.17--he4a0461_11@sha256:…");
   * ```
   */
  static from(reference: string): Image {
    parseReference(reference);
    return new Image([{ from: reference }]);
  }

  /**
   * What a Dockerfile describes. Built by podman, buildah or docker, whichever is there.
   *
   * @example
   * ```ts
   * Image.dockerfile("Dockerfile", { context: "." });
   * ```
   */
  static dockerfile(file: string, options: DockerfileOptions = {}): Image {
    localPath("Image.dockerfile", file);
    const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) || "/" : ".";
    const context = localPath("the build context", options.context ?? folder);
    return new Image([{ dockerfile: file, context, args: variables(options.args ?? {}) }]);
  }

  /** An image in a file, as `docker save`, `podman save` and `skopeo copy` write it, or a root file system as a tar file. */
  static archive(file: string): Image {
    return new Image([{ archive: localPath("Image.archive", file) }]);
  }

  /**
   * A definition of what {@link Image.toJSON} gave, or of what a program in another language wrote: `{ layers: [{ debian: "12" },
   * { apt: ["bwa"] }] }`. Everything in it is checked as if it were written here.
   */
  static fromJSON(json: unknown): Image {
    return new Image(readLayers(json));
  }

  /** Hash of the steps, the content of local files included: those are read when this is first asked for. */
  get identity(): Hash {
    return (this.#identity ??= codec.hash(identityOf(this.settled())));
  }

  /** The steps with what was read of local files. */
  settled(): readonly SettledLayer[] {
    return (this.#settled ??= this.layers.map((layer) => settle(layer, projectDir())));
  }

  /** Adds Debian packages, without those that they merely recommend: `"bwa"`, `"samtools=1.16.1-1"`. */
  apt(...packages: string[]): Image {
    return this.#with({ apt: aptPackages(packages) });
  }

  /** Sees to it that `python3` is there, in this version: Debian's own. Other versions come with {@link Image.conda}. */
  python(version: string): Image {
    const base = this.layers[0];
    const release = base !== undefined && "debian" in base ? base.debian : undefined;
    return this.#with({ python: pythonVersion(version, release) });
  }

  /** Adds Python packages, for the `python3` of the environment: `"numpy"`, `"pandas==2.2.3"`. */
  pip(...packages: string[]): Image {
    return this.#with({ pip: pipPackages(packages) });
  }

  /** Adds the Python packages that a file names, as `pip install -r` reads it. Its content counts. */
  requirements(file: string): Image {
    return this.#with({ requirements: localPath("requirements", file) });
  }

  /**
   * Adds conda packages, at `/opt/conda`.
   *
   * @example
   * ```ts
   * Image.debian("12").conda("bwa=0.7.17", "samtools=1.19");
   * Image.debian("12").conda("pytorch", { channels: ["pytorch", "conda-forge"] });
   * ```
   */
  conda(...packages: readonly [...string[], CondaOptions] | readonly string[]): Image {
    const last = packages.at(-1);
    const options = typeof last === "object" ? last : {};
    const names = typeof last === "object" ? packages.slice(0, -1) : packages;
    return this.#with({ conda: condaPackages(names), channels: condaChannels(options.channels ?? CHANNELS) });
  }

  /** Runs shell commands while it is built, as its root user, with the network: `/bin/sh -e`. */
  run(...commands: string[]): Image {
    return this.#with({ run: shellCommands(commands) });
  }

  /** Sets environment variables: of the steps that follow, and of what runs in it. */
  env(values: Readonly<Record<string, string>>): Image {
    return this.#with({ env: variables(values) });
  }

  /** The directory that the commands which follow run in, and in which a shell opens. It is made where it is not there. */
  workdir(path: string): Image {
    return this.#with({ workdir: insidePath("workdir", path) });
  }

  /**
   * Copies a local file or folder into it. Its content counts in the identity.
   *
   * @param local - relative paths count from the project's folder
   * @param inside - absolute: what the file, or the folder, is called inside
   */
  files(local: string, inside: string): Image {
    return this.#with({ files: localPath("files", local), at: insidePath("files", inside) });
  }

  /** As data that {@link Image.fromJSON} reads: what is stored, and sent. */
  toJSON(): { readonly layers: readonly SettledLayer[] } {
    return { layers: this.settled() };
  }

  #with(layer: ImageLayer): Image {
    if (this.layers.length === 0) refuse("an image stands on nothing", 'begin with Image.debian("12")');
    return new Image([...this.layers, layer]);
  }
}
