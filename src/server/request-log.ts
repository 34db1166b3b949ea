import type { MiddlewareHandler } from "hono";
import type { ServerContext } from "./context.ts";

/** Tells of each request. */
export function logRequests({ onRequest, now }: Pick<ServerContext, "onRequest" | "now">): MiddlewareHandler {
  return async (c, next) => {
    if (!onRequest) return next();
    const [time, begun] = [new Date(now()).toISOString(), performance.now()];
    await next();
    const length = c.res.headers.get("content-length");
    const range = c.req.header("range");
    onRequest({
      time,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      bytes: length === null ? null : Number(length),
      ms: Math.round((performance.now() - begun) * 10) / 10,
      ...(range !== undefined && { range }),
    });
  };
}
