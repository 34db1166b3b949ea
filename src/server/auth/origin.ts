import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { ServerContext } from "../context.ts";

/** The address that asks; nothing of one that came through the Unix socket, or from a test. */
export function addressOf(c: Context): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined;
  }
}

/** Does somebody on this machine ask, without a proxy between? */
export function isFromHere(c: Context): boolean {
  if (c.req.header("forwarded") !== undefined || c.req.header("x-forwarded-for") !== undefined) return false;
  const address = addressOf(c)?.replace(/^::ffff:/, "");
  return address === undefined || address === "::1" || address.startsWith("127.");
}

/** Lets pages of the configured origins call from browsers; without any, browsers refuse to, as they do by themselves. */
export function allowOrigins({ cors: origins = [] }: Pick<ServerContext, "cors">): MiddlewareHandler[] {
  if (origins.length === 0) return [];
  return [
    cors({
      origin: origins.includes("*") ? "*" : [...origins],
      allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
      exposeHeaders: ["Retry-After", "Location"],
      maxAge: 600,
    }),
  ];
}
