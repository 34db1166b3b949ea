import type { Attempt } from "../types.ts";

/**
 * The environment that tells a job what it was given: `LIGASE_CPU` (a whole number, at least 1),
 * `LIGASE_MEMORY` (bytes, when it asked for some), `LIGASE_ATTEMPT`, and the GPUs it may use.
 */
export function jobEnvironment({
  resources,
  attempt,
  gpus,
}: Pick<Attempt, "resources" | "attempt" | "gpus">): Record<string, string> {
  return {
    LIGASE_CPU: String(Math.max(1, Math.floor(resources.cpu))),
    ...(resources.memory > 0 && { LIGASE_MEMORY: String(resources.memory) }),
    LIGASE_ATTEMPT: String(attempt),
    ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.join(",") }),
  };
}
