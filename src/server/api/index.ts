/**
 * The management API below `/api/v1`: what `remote/api.ts` lists, a file a noun.
 *
 * @module
 */
import { Hono } from "hono";
import type { ServerContext } from "../context.ts";

/** Everything below `/api/v1`. */
export function managementRoutes(_context: ServerContext): Hono {
  return new Hono();
}
