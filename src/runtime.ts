/**
 * What a bundle of user code imports (`ligase/runtime`): not for people.
 *
 * @module
 */
export { openProgram } from "./code/bundle/open.ts";
