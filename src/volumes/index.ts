/**
 * Volumes: named, persistent folders that tasks share: the value that workflows write (`volume.ts`), what a task's
 * `volumes` become for an attempt (`mounts.ts`), and what people do with what lies in them (`volumes.ts`,
 * `transfer/`).
 *
 * What a volume can do is said in `types.ts`; `local/` keeps them as folders of this machine. Nothing that a path, a
 * pattern or a link says leads out of a volume.
 *
 * It must not know tasks, runs, nor who asks.
 *
 * @module
 */
export { type MountOptions, resolveVolumes } from "./mounts.ts";
export { isVolumeName } from "./name.ts";
export { leftBehind } from "./local/partial.ts";
export { setStoreDir, VOLUMES } from "./place.ts";
export type { VolumeEntry, VolumeInfo, VolumeMount, VolumeStorage } from "./types.ts";
export { Volume, volume } from "./volume.ts";
export { Volumes } from "./volumes.ts";
export { walkVolume } from "./walk.ts";
export { isPattern, matching } from "./match.ts";
