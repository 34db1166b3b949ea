/**
 * Definitions become root file systems: content-addressed folders, each built once, by one process while the others wait,
 * and never found before they are whole. A chain of layers is a chain of root file systems, so that what two definitions
 * begin with is built once.
 *
 * It must not know how a process enters what it builds, nor who asks.
 *
 * @module
 */
export { type BuildPlace, type BuiltRoot, buildRootfs, findRootfs } from "./build.ts";
export { type Collectable, collectable, collectImages, type CollectOptions } from "./collect.ts";
export { type FlightHooks, type Holder, withBuild } from "./flight.ts";
export { JOB_USER } from "./finish.ts";
export { removeTree } from "./ownership.ts";
export { onHost, resolveInside } from "./paths.ts";
export { type EnvironmentRecord, openPlace, type Place, type Resolved, type RootRecord } from "./place.ts";
export { findPrivilege, type Privilege, SUBIDS_MEND } from "./privilege.ts";
export { titleOf } from "./title.ts";
export { findProgram } from "./tools.ts";
