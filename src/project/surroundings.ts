import type { Surroundings } from "../engine/surroundings.ts";
import type { BuildHooks } from "../images/types.ts";
import { redactError, refuseInResult } from "../secrets/keep-out.ts";
import { takeSecretVariables } from "../secrets/variables.ts";
import { resolveVolumes } from "../volumes/mounts.ts";
import { type EnvironmentOptions, type Environments, openEnvironments } from "./environments.ts";
import type { Project } from "./project.ts";

/** Makes the environments, volumes and secrets of a project known to its engine. Nothing is looked for before it is needed. */
export function openSurroundings(
  project: Project,
  hooks: BuildHooks,
  options?: EnvironmentOptions,
): Surroundings & Environments {
  const { storeDir } = project.settings;
  // Before any process is started: none of them is to find these.
  const variables = takeSecretVariables(process.env);
  return {
    ...openEnvironments(project, hooks, options),
    volumes: (mounts, inImage) => resolveVolumes(storeDir, mounts, { inImage }),
    async secrets(names, task) {
      const { openSecrets } = await import("../secrets/index.ts");
      return openSecrets(project.store, variables).read(names, task);
    },
    redact: (error, secrets) => (Object.keys(secrets).length === 0 ? error : redactError(error, secrets)),
    refuseSecrets(text, secrets, task) {
      if (Object.keys(secrets).length > 0) refuseInResult(text, secrets, task);
    },
  };
}
