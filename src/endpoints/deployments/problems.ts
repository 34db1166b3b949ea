import { localCapacity } from "../../executors/process/capacity.ts";
import { formatBytes } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import { openSecrets, takeSecretVariables } from "../../secrets/index.ts";
import type { EndpointRow } from "../../store/serving.ts";
import type { DeploymentManifest, EndpointManifest } from "../types.ts";

/** What a deployment meets on the server. */
export interface Surroundings {
  /** Names of endpoints and the apps that have them. */
  readonly owners: ReadonlyMap<string, string>;
  /** Names of the secrets that are set. */
  readonly secrets: ReadonlySet<string>;
  /** What all workers together may have. */
  readonly capacity: { readonly cpu: number; readonly memory: number; readonly gpu: number };
}

/** What a deployment meets here and now. */
export async function surroundings(
  { store, settings }: Pick<Project, "store" | "settings">,
  endpoints: Iterable<EndpointRow>,
): Promise<Surroundings> {
  const secrets = await openSecrets(store, takeSecretVariables(process.env)).list();
  return {
    owners: new Map([...endpoints].map(({ name, app }) => [name, app])),
    secrets: new Set(secrets.map(({ name }) => name)),
    capacity: localCapacity(settings, settings.storeDir),
  };
}

/** What stands in the way of a deployment, a sentence each. */
export function problemsOf(
  { app, endpoints }: Pick<DeploymentManifest, "app" | "endpoints">,
  { owners, secrets, capacity }: Surroundings,
): string[] {
  return endpoints.flatMap((endpoint) => {
    const { name } = endpoint;
    const owner = owners.get(name);
    const missing = endpoint.secrets.filter((secret) => !secrets.has(secret));
    return [
      ...(owner === undefined || owner === app
        ? []
        : [`${name} is an endpoint of the app ${owner}: give this one another name`]),
      ...missing.map((secret) => `${name} needs the secret ${secret}, which is not set: ligase secret set ${secret}`),
      ...shortages(endpoint, capacity),
    ];
  });
}

function shortages({ name, resources }: EndpointManifest, has: Surroundings["capacity"]): string[] {
  const { cpu, memory, gpu } = resources;
  const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
  return [
    ...(gpu > has.gpu ? [`a worker of ${name} needs ${plural(gpu, "GPU")}, and the server has ${has.gpu}`] : []),
    ...(memory > has.memory
      ? [
          `a worker of ${name} needs ${formatBytes(memory)} of memory, and the server may use ${formatBytes(has.memory)}`,
        ]
      : []),
    ...(cpu > has.cpu ? [`a worker of ${name} needs ${plural(cpu, "processor")}, and the server has ${has.cpu}`] : []),
  ];
}
