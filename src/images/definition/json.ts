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
} from "./checks.ts";
import { BASES, type ImageLayer, type LocalContent, type SettledLayer } from "./layers.ts";

const MEND = 'write { "layers": [{ "debian": "12" }, { "apt": ["bwa"] }] }';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function listOf(what: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(`${what} of an image is no list`, MEND);
}

function text(what: string, value: unknown): string {
  return typeof value === "string" ? value : refuse(`${what} of an image is no text`, MEND);
}

/** A path, or what was read at it already. */
function content(what: string, value: unknown): string | LocalContent {
  if (!isRecord(value)) return localPath(what, value);
  const sha256 = text(`the hash of ${what}`, value["sha256"]);
  if (!/^[0-9a-f]{64}$/.test(sha256)) refuse(`the hash of ${what} is no SHA-256`, MEND, { sha256 });
  return { path: localPath(what, value["path"]), sha256 };
}

/** How each kind of layer is read. The keys are those by which it is known. */
const READERS: Readonly<
  Record<string, (layer: Readonly<Record<string, unknown>>, release: string | undefined) => ImageLayer | SettledLayer>
> = {
  debian: ({ debian }) => ({ debian: debianRelease(debian) }),
  from: ({ from }) => {
    parseReference(from);
    return { from: text("the reference", from) };
  },
  dockerfile: ({ dockerfile, context, args }) => {
    const [file, folder] = [content("a Dockerfile", dockerfile), content("the build context", context)];
    const checked = variables(args ?? {});
    if (typeof file === "string" && typeof folder === "string")
      return { dockerfile: file, context: folder, args: checked };
    if (typeof file !== "string" && typeof folder !== "string")
      return { dockerfile: file, context: folder, args: checked };
    return refuse("one part of an image was read and the other was not", MEND);
  },
  archive: ({ archive }) => {
    const found = content("an archive", archive);
    return typeof found === "string" ? { archive: found } : { archive: found };
  },
  apt: ({ apt }) => ({ apt: aptPackages(listOf("apt", apt)) }),
  python: ({ python }, release) => ({ python: pythonVersion(python, release) }),
  pip: ({ pip }) => ({ pip: pipPackages(listOf("pip", pip)) }),
  requirements: ({ requirements, name }) =>
    typeof name === "string"
      ? { requirements: text("requirements", requirements), name }
      : { requirements: localPath("requirements", requirements) },
  conda: ({ conda, channels }) => ({
    conda: condaPackages(listOf("conda", conda)),
    channels: condaChannels(listOf("channels", channels ?? ["conda-forge", "bioconda"])),
  }),
  run: ({ run }) => ({ run: shellCommands(listOf("run", run)) }),
  env: ({ env }) => ({ env: variables(env) }),
  workdir: ({ workdir }) => ({ workdir: insidePath("workdir", workdir) }),
  files: ({ files, at }) => {
    const found = content("files", files);
    const inside = insidePath("files", at);
    return typeof found === "string" ? { files: found, at: inside } : { files: found, at: inside };
  },
};

/** What kind of layer it is, by the key that no other kind has. */
export function kindOf(layer: object): string {
  return Object.keys(READERS).find((kind) => Object.hasOwn(layer, kind)) ?? "";
}

/**
 * Reads the layers of a definition that another program wrote.
 *
 * @throws LigaseError `LIGASE_E_IMAGE_DEFINITION`
 */
export function readLayers(json: unknown): readonly (ImageLayer | SettledLayer)[] {
  const layers = isRecord(json) ? json["layers"] : json;
  if (!Array.isArray(layers) || layers.length === 0) return refuse("the definition of an image has no layers", MEND);
  let release: string | undefined;
  return layers.map((layer: unknown, at) => {
    const kind = isRecord(layer) ? kindOf(layer) : "";
    if (!isRecord(layer) || kind === "") {
      return refuse(`layer ${at + 1} of an image is of no known kind`, `one of ${Object.keys(READERS).join(", ")}`);
    }
    if ((BASES as readonly string[]).includes(kind) !== (at === 0)) {
      return refuse(
        at === 0
          ? `an image begins with ${kind}`
          : `layer ${at + 1} of an image is ${kind}, which can only be the first`,
        MEND,
      );
    }
    const read = READERS[kind]!(layer, release);
    if ("debian" in read) release = read.debian;
    return read;
  });
}
