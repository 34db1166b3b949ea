/**
 * Environments as images of podman: rootless where the user is not root.
 *
 * It must not know jobs.
 *
 * @module
 */
import { createOciEngine, type OciEngineOptions } from "../oci/index.ts";
import type { ImageEngine } from "../types.ts";
import { podmanDialect } from "./dialect.ts";

/**
 * The engine `podman`.
 *
 * @example
 * ```ts
 * const engine = createPodmanEngine({ imagesDir });
 * const environment = await engine.build(Image.debian("12").apt("bwa"));
 * ```
 */
export function createPodmanEngine(options: OciEngineOptions): ImageEngine {
  return createOciEngine(podmanDialect, options);
}
