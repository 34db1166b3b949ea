import { Hono } from "hono";
import type { ServerContext } from "./context.ts";

/** `GET /metrics`: for Prometheus. */
export function metricsRoutes(_context: ServerContext): Hono {
  return new Hono();
}
