/**
 * Environments as images of docker, whose daemon must run.
 *
 * It must not know jobs.
 *
 * @module
 */
import { createOciEngine, type OciEngineOptions } from "../oci/index.ts";
import type { ImageEngine } from "../types.ts";
import { dockerDialect } from "./dialect.ts";

/**
 * The engine `docker`.
 *
 * @example
 * ```ts
 * const engine = createDockerEngine({ imagesDir });
 * const environment = await engine.build(Image.debian("12").apt("bwa"));
 * ```
 */
export function createDockerEngine(options: OciEngineOptions): ImageEngine {
  return createOciEngine(dockerDialect, options);
}
