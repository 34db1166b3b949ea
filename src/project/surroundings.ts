import type { Surrounding, Surroundings } from "../engine/surroundings.ts";
import type { ImageReference } from "../expr/options.ts";
import { Image } from "../images/image.ts";
import type { BuildHooks, EngineName, ImageEngine } from "../images/types.ts";
import { LigaseError } from "../kernel/index.ts";
import { redactError, refuseInResult } from "../secrets/keep-out.ts";
import { takeSecretVariables } from "../secrets/variables.ts";
import { resolveVolumes } from "../volumes/mounts.ts";
import type { Project } from "./project.ts";

/** What jobs of a project find around them. */
export interface OpenSurroundings extends Surroundings {
  /** The engine by which an environment is entered: there once one of its environments was asked for. */
  engine(name: EngineName): ImageEngine;
}

/** Makes the environments, volumes and secrets of a project known to its engine. Nothing is looked for before it is needed. */
export function openSurroundings({ settings, store }: Project, hooks: BuildHooks): OpenSurroundings {
  const { containerEngine, imagesDir, storeDir } = settings;
  const host = containerEngine === "host";
  const engines = new Map<EngineName, ImageEngine>();
  const ready = new Map<string, Promise<Surrounding>>();
  // Before any process is started: none of them is to find these.
  const variables = takeSecretVariables(process.env);
  let loading: Promise<typeof import("../secrets/index.ts")> | undefined;
  let chosen: Promise<ImageEngine> | undefined;

  const choose = async (): Promise<ImageEngine> => {
    const { selectEngine } = await import("../images/select/index.ts");
    const engine = await selectEngine(containerEngine, { imagesDir });
    engines.set(engine.name, engine);
    return engine;
  };

  const build = async (image: Image, signal: AbortSignal): Promise<Surrounding> => {
    if (host) return { environment: null, row: null };
    const engine = await (chosen ??= choose());
    const environment = await engine.build(image, { ...hooks, signal });
    const { digest, identity, packages } = environment;
    return {
      environment,
      row: {
        digest,
        identity,
        engine: engine.name,
        definition: JSON.stringify(image),
        packages,
        reference: null,
        createdAt: Date.now(),
      },
    };
  };

  return {
    engine(name) {
      const engine = engines.get(name);
      if (!engine) throw new TypeError(`no environment of ${name} was made here`);
      return engine;
    },
    imageKey: ({ identity }) => (host ? `${identity}@host` : identity),
    environment(reference, signal) {
      const image = imageOf(reference);
      let surrounding = ready.get(image.identity);
      if (!surrounding) ready.set(image.identity, (surrounding = build(image, signal)));
      return surrounding;
    },
    volumes: (mounts, inImage) => resolveVolumes(storeDir, mounts, { inImage }),
    async secrets(names, task) {
      const { openSecrets } = await (loading ??= import("../secrets/index.ts"));
      return openSecrets(store, variables).read(names, task);
    },
    redact: (error, secrets) => (Object.keys(secrets).length === 0 ? error : redactError(error, secrets)),
    refuseSecrets(text, secrets, task) {
      if (Object.keys(secrets).length > 0) refuseInResult(text, secrets, task);
    },
  };
}

/** The whole definition behind what a task names. */
function imageOf(reference: ImageReference): Image {
  if (reference instanceof Image) return reference;
  throw new LigaseError("LIGASE_E_IMAGE", "names an image that no Image was made of", {
    mend: 'write Image.debian("12").apt("bwa"), with the Image that "ligase" exports',
  });
}
