import { join } from "node:path";
import { isSafePath } from "../../archive/safe-path.ts";
import type { EndpointRow } from "../../store/serving.ts";
import type { QueueSettings } from "../queue/types.ts";
import type { DeploymentManifest, EndpointManifest, EndpointOverrides, LiveEndpoint } from "../types.ts";

/** A deployment that endpoints refer to. */
export interface Deployed {
  readonly version: number;
  readonly manifest: DeploymentManifest;
  readonly codeDir: string;
}

/** What is live of an endpoint; nothing where its deployment does not know it (any more). */
export function liveEndpoint(row: EndpointRow, { version, manifest, codeDir }: Deployed): LiveEndpoint | undefined {
  const found = manifest.endpoints.find(({ name }) => name === row.name);
  if (!found) return undefined;
  return {
    ...found,
    ...withOverrides(found, parseOverrides(row.overrides)),
    image: imageIn(found.image, codeDir),
    app: row.app,
    deployment: row.deployment,
    version,
    codeDir,
    bundle: manifest.bundle,
    stopped: row.stopped,
  };
}

/** The definition of an image: local files that came with the code are in its folder. */
function imageIn(value: unknown, codeDir: string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => imageIn(each, codeDir));
  if (typeof value !== "object" || value === null) return value;
  if ("path" in value && "sha256" in value && typeof value.path === "string" && isSafePath(value.path)) {
    return { ...value, path: join(codeDir, value.path) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, imageIn(each, codeDir)]));
}

/** What people changed of an endpoint counts, as long as it fits with what was deployed since. */
export function withOverrides(
  { minWorkers, maxWorkers }: Pick<EndpointManifest, "minWorkers" | "maxWorkers">,
  overrides: EndpointOverrides,
): Required<EndpointOverrides> {
  const most = overrides.maxWorkers ?? Math.max(maxWorkers, overrides.minWorkers ?? 0);
  return { minWorkers: Math.min(overrides.minWorkers ?? minWorkers, most), maxWorkers: most };
}

/** Reads what `ligase endpoint scale` changed. */
export function parseOverrides(json: string): EndpointOverrides {
  const { minWorkers, maxWorkers } = JSON.parse(json) as EndpointOverrides;
  return { ...(minWorkers !== undefined && { minWorkers }), ...(maxWorkers !== undefined && { maxWorkers }) };
}

/** What the queue needs to know of an endpoint. */
export function queueSettings(endpoint: LiveEndpoint): QueueSettings {
  const { maxQueue, maxAttempts, executionTimeout, ttl, keepResults, aggregateStream } = endpoint;
  return { maxQueue, maxAttempts, executionTimeout, ttl, keepResults, aggregateStream };
}
