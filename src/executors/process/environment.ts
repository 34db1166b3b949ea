import type { Attempt } from "../types.ts";

/**
 * The environment that tells a job what it was given: `LIGASE_CPU` (a whole number, at least 1),
 * `LIGASE_MEMORY` (bytes, when it asked for some), `LIGASE_ATTEMPT`, and the GPUs it may use. In an
 * environment it sees no others, and they count from 0 there.
 */
export function jobEnvironment({
  resources,
  attempt,
  gpus,
  environment,
}: Pick<Attempt, "resources" | "attempt" | "gpus"> & Partial<Pick<Attempt, "environment">>): Record<string, string> {
  const inside = environment != null && environment.engine !== "host";
  return {
    LIGASE_CPU: String(Math.max(1, Math.floor(resources.cpu))),
    ...(resources.memory > 0 && { LIGASE_MEMORY: String(resources.memory) }),
    LIGASE_ATTEMPT: String(attempt),
    ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.map((gpu, i) => (inside ? i : gpu)).join(",") }),
  };
}
