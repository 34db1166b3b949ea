/**
 * Software environments. Today their definitions only: immutable values with an identity, which
 * counts in the cache key of every task that names one. Building and entering them comes with the
 * container engines; until then tasks that name an image run with the tools of the host where the
 * config says `container: { engine: "host" }`, and their results never stand for the image's.
 *
 * It must not know tasks.
 *
 * @module
 */
export { type CondaOptions, type DockerfileOptions, Image } from "./image.ts";
export type { ImageLayer, SettledLayer } from "./definition/layers.ts";
