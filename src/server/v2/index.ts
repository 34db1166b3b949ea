/**
 * The API of endpoints below `/v2`: RunPod's, for clients (`client.ts`) and for workers (`worker.ts`).
 *
 * @module
 */
import { Hono } from "hono";
import type { ServerContext } from "../context.ts";

/** Everything below `/v2`. */
export function endpointRoutes(_context: ServerContext): Hono {
  return new Hono();
}
