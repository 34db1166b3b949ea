import { Hono } from "hono";
import { VERSION } from "../kernel/index.ts";

/** `GET /health`: is it there, and which is it? */
export function healthRoutes(): Hono {
  return new Hono().get("/", (c) => {
    c.header("Cache-Control", "no-store");
    return c.json({ status: "ok", version: VERSION });
  });
}
