import type { Attempt, Resources } from "../types.ts";

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
  const { LIGASE_CPU = "1", ...given } = resourceEnvironment(resources, gpus, inside);
  return { LIGASE_CPU, LIGASE_ATTEMPT: String(attempt), ...given };
}

/** What a process is told of what it was given; of what it did not ask for, nothing. */
export function resourceEnvironment(
  { cpu, memory }: Pick<Resources, "cpu" | "memory">,
  gpus: readonly number[],
  inside: boolean,
): Record<string, string> {
  return {
    ...(cpu > 0 && { LIGASE_CPU: String(Math.max(1, Math.floor(cpu))) }),
    ...(memory > 0 && { LIGASE_MEMORY: String(memory) }),
    ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.map((gpu, i) => (inside ? i : gpu)).join(",") }),
  };
}
