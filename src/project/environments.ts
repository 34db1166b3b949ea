import type { Surrounding, Surroundings } from "../engine/surroundings.ts";
import type { ImageReference } from "../expr/options.ts";
import { Image } from "../images/image.ts";
import type { BuildHooks, EngineName, ImageEngine } from "../images/types.ts";
import { LigaseError } from "../kernel/index.ts";
import type { ImageRow } from "../store/types.ts";
import type { Project } from "./project.ts";

/** The environments of a project's images. */
export interface Environments extends Pick<Surroundings, "imageKey" | "environment"> {
  /** The engine by which an environment is entered: there once one of its environments was asked for. */
  engine(name: EngineName): ImageEngine;
}

/** How the environments of a project are found. */
export interface EnvironmentOptions {
  /** Must nothing be built? Then a tag that was never resolved stands for itself. */
  readonly findOnly?: boolean;
}

/**
 * Makes the environments of a project's images known. Nothing is looked for, and no code of an engine is loaded, before an
 * image is met.
 */
export function openEnvironments(
  { root, settings }: Pick<Project, "root" | "settings">,
  hooks: BuildHooks,
  { findOnly = false }: EnvironmentOptions = {},
): Environments {
  const { containerEngine, imagesDir } = settings;
  const host = containerEngine === "host";
  const engines = new Map<EngineName, ImageEngine>();
  const ready = new Map<string, Promise<Surrounding>>();
  const keys = new Map<string, string>();
  let loaded: ReturnType<typeof load> | undefined;

  const load = async () => {
    const [{ selectEngine }, { imageKey, readLock }] = await Promise.all([
      import("../images/select/index.ts"),
      import("../images/lock/index.ts"),
    ]);
    const locks = readLock(root)?.images ?? {};
    const lock = (identity: string) => locks[identity];
    const keyOf = (image: Image, resolved?: string) => imageKey(image, lock(image.identity), resolved);
    return { lock, keyOf, engine: () => selectEngine(containerEngine, { imagesDir, lock }) };
  };

  let engine: Promise<ImageEngine> | undefined;
  const openEngine = async (): Promise<ImageEngine> => {
    loaded ??= load();
    const { engine: select } = await loaded;
    const selected = await (engine ??= select());
    engines.set(selected.name, selected);
    return selected;
  };

  const build = async (image: Image, signal?: AbortSignal): Promise<Surrounding> => {
    // Nothing is built, but what was asked for is recorded.
    if (host) return { environment: null, row: hostRow(image) };
    const its = await openEngine();
    const environment = await its.build(image, { ...hooks, ...(signal && { signal }) });
    const { digest, identity, packages, resolved } = environment;
    const from = registryOf(image);
    const reference = from === undefined || from.includes("@") || !resolved ? from : `${from}@${resolved}`;
    const definition = JSON.stringify(image);
    const row = { digest, identity, engine: its.name, definition, packages, createdAt: Date.now() };
    return { environment, row: { ...row, reference: reference ?? null } };
  };

  const environment = (image: Image, signal?: AbortSignal): Promise<Surrounding> => {
    let surrounding = ready.get(image.identity);
    if (!surrounding) ready.set(image.identity, (surrounding = build(image, signal)));
    return surrounding;
  };

  /** What a tag means is found out by building it, once; then it is what it was. */
  const resolvedBy = async (image: Image): Promise<string | undefined> => {
    if (!findOnly) return (await environment(image)).environment?.resolved;
    const found = await openEngine().then(
      (its) => its.find(image),
      () => undefined,
    );
    return found?.resolved;
  };

  return {
    engine(name) {
      const its = engines.get(name);
      if (!its) throw new TypeError(`no environment of ${name} was made here`);
      return its;
    },
    imageKey(reference) {
      if (host) return `${reference.identity}@host`;
      // Asked of every call: all but the first of an image are answered at once.
      const known = keys.get(reference.identity);
      if (known !== undefined) return known;
      const image = imageOf(reference);
      return (loaded ??= load()).then(async ({ lock, keyOf }) => {
        const from = registryOf(image);
        const moves = from !== undefined && !from.includes("@") && lock(image.identity) === undefined;
        const key = keyOf(image, moves ? await resolvedBy(image) : undefined);
        keys.set(image.identity, key);
        return key;
      });
    },
    environment: (reference, signal) => environment(imageOf(reference), signal),
  };
}

/** What is recorded of an image for which the tools of this machine stand. */
function hostRow(image: Image): ImageRow {
  const nothing = { digest: "", packages: {}, reference: null };
  return {
    ...nothing,
    identity: image.identity,
    engine: "host",
    definition: JSON.stringify(image),
    createdAt: Date.now(),
  };
}

/** The reference of the registry's image that an image stands on; nothing where it stands on none. */
function registryOf({ layers: [base] }: Image): string | undefined {
  return base !== undefined && "from" in base ? base.from : undefined;
}

/** The whole definition behind what a task names. */
function imageOf(reference: ImageReference): Image {
  if (reference instanceof Image) return reference;
  // An image of another copy of this package.
  if ("toJSON" in reference) return Image.fromJSON(JSON.parse(JSON.stringify(reference)));
  throw new LigaseError("LIGASE_E_IMAGE", "names an image that no Image was made of", {
    mend: 'write Image.debian("12").apt("bwa"), with the Image that "ligase" exports',
  });
}
