import type { LiveEndpoint } from "../types.ts";

/** What two endpoints must have in common for the workers of one to be workers of the other: all that is fixed when they start. */
export function versionOf(endpoint: LiveEndpoint): string {
  const { codeHash, codeDir, program, parameters, concurrency, resources, image, network, volumes, secrets, env } =
    endpoint;
  return JSON.stringify([
    codeHash,
    codeDir,
    program,
    parameters,
    concurrency,
    resources,
    image,
    network,
    volumes,
    secrets,
    Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}
