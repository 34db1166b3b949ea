import type { Environment, EngineName, ImageEngine } from "../../images/types.ts";
import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import { openSurroundings } from "../../project/surroundings.ts";
import type { LaunchContext } from "./launch.ts";

/** What workers of a project find around them, and the engines of their environments. */
export interface OpenLaunchContext {
  readonly context: LaunchContext;
  readonly engine: (name: EngineName) => ImageEngine;
}

/** Opens what workers find around them. Nothing is looked for, and no code of an engine is loaded, before it is needed. */
export function openLaunchContext(project: Project, address: LaunchContext["address"], log: Log): OpenLaunchContext {
  const hooks = { log, say: (line: string) => log.info(line) };
  let surroundings = openSurroundings(project, hooks);
  const engines = new Map<EngineName, ImageEngine>();

  const environment = async (definition: unknown): Promise<Environment | null> => {
    const { Image } = await import("../../images/image.ts");
    const its = surroundings;
    try {
      // No signal: another worker may be waiting for the same image, and the next one will want it.
      const { environment: found } = await its.environment(Image.fromJSON(definition), new AbortController().signal);
      if (found) engines.set(found.engine, its.engine(found.engine));
      return found;
    } catch (error) {
      // What failed once is remembered there, and may be mended by now: the next worker asks anew.
      if (its === surroundings) surroundings = openSurroundings(project, hooks);
      throw error;
    }
  };

  return {
    context: {
      storeDir: project.settings.storeDir,
      address,
      environment,
      volumes: ({ volumes }, inImage) =>
        surroundings.volumes(
          Object.fromEntries(volumes.map(({ name, at, readOnly }) => [at, { volume: name, readOnly }])),
          inImage,
        ),
      secrets: (names, endpoint) => surroundings.secrets(names, endpoint),
    },
    engine(name) {
      const engine = engines.get(name);
      if (!engine) throw new TypeError(`no environment of ${name} was made here`);
      return engine;
    },
  };
}
