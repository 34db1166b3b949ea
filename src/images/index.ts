/**
 * Software environments. A definition is an immutable value with an identity, which counts in the cache key of every task that
 * names one; an engine makes an environment of it and says how a process enters that.
 *
 * `definition/` is what may be said, `build/` makes root file systems of it, `lock/` keeps their packages the same,
 * `sandbox/`, `podman/`, `docker/` and `host/` are the engines, `select/` picks one, `gpu/` knows NVIDIA's devices. Users of
 * an SDK load the definitions only.
 *
 * It must not know tasks.
 *
 * @module
 */
export { type CondaOptions, type DockerfileOptions, Image } from "./image.ts";
export type { ImageLayer, SettledLayer } from "./definition/layers.ts";
