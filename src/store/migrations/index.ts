/**
 * How a store of an earlier version becomes one of this version: one file a step, in order, for
 * every database that Ligase runs on. Each step is written with Kysely's schema builder in types
 * that all of them have.
 *
 * A step that has been released is never changed: stores that went through it exist.
 *
 * @module
 */
import type { Migration } from "kysely";
import * as initial from "./001-initial.ts";
import * as modes from "./002-modes.ts";
import * as environments from "./003-environments.ts";
import * as serving from "./004-serving.ts";

/** The steps by name; Kysely runs them in the order of their names. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "001-initial": initial,
  "002-modes": modes,
  "003-environments": environments,
  "004-serving": serving,
};
