/**
 * What a machine has and lacks for a project: engines, what images are built with, limits, resources and programs, each
 * with how to get it.
 *
 * It looks, and changes nothing. It must not know a screen.
 *
 * @module
 */
export type { Picked } from "./engines.ts";
export { examine, type Examined } from "./examine.ts";
export { knownHere } from "./known.ts";
export { thisMachine } from "./machine.ts";
export { type Answer, type Finding, type Group, GROUPS, type Known, type Machine, type Wanted } from "./types.ts";
