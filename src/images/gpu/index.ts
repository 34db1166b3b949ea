/**
 * NVIDIA GPUs: which are here, which of them a job gets, and what a process must see to use them.
 *
 * It must not know engines: each maps indices to devices in its own way.
 *
 * @module
 */
export { type GpuAccess, gpuAccess } from "./access.ts";
export { findGpus, type GpuDevice, type GpuSources, parseGpuList } from "./devices.ts";
export { type GpuWish, isOfKind, selectGpus } from "./kinds.ts";
