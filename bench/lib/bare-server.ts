/** A server that answers a job without doing anything for it: the floor. Prints its address. */
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono().post("/v2/noop/runsync", async (c) => {
  const { input } = await c.req.json<{ input: { n: number } }>();
  return c.json({ id: "1", status: "COMPLETED", output: input.n, delayTime: 0, executionTime: 0 });
});
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`http://127.0.0.1:${port}`));
