/**
 * Web apps below `/web/{name}`: requests go to a worker of the app as they are, and answers come back as they come.
 *
 * @module
 */
import { Hono } from "hono";
import type { ServerContext } from "../context.ts";

/** Everything below `/web`. */
export function webRoutes(_context: ServerContext): Hono {
  return new Hono();
}
