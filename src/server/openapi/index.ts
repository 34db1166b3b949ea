/**
 * What there is to call, as OpenAPI 3.1: the management API, and every endpoint that is live with its input; and a page that
 * shows it.
 *
 * @module
 */
import { Hono } from "hono";
import type { ServerContext } from "../context.ts";

/** `GET /openapi.json`, `GET /docs`. */
export function documentationRoutes(_context: ServerContext): Hono {
  return new Hono();
}
