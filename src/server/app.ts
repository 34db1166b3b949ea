import { Hono } from "hono";
import { managementRoutes } from "./api/index.ts";
import { allowOrigins } from "./auth/index.ts";
import type { ServerContext } from "./context.ts";
import { fileRoutes } from "./files/route.ts";
import { guardHost } from "./guard-host.ts";
import { healthRoutes } from "./health.ts";
import { createMetrics } from "./metrics/index.ts";
import { documentationRoutes } from "./openapi/index.ts";
import { problem } from "./problem.ts";
import { logRequests } from "./request-log.ts";
import { endpointRoutes } from "./v2/index.ts";
import { webRoutes } from "./web/index.ts";

/** All that the server answers. */
export function createApp(context: ServerContext): Hono {
  const app = new Hono();
  const metrics = createMetrics(context);
  app.use(logRequests(context));
  app.use(metrics.count);
  app.use(async (c, next) => {
    await next();
    // Web apps say for themselves what browsers make of their answers: forms of some ask where they came from. The API of
    // endpoints has these headers from the start, see `v2/answer.ts`.
    if (c.req.path.startsWith("/web/") || c.req.path.startsWith("/v2/")) return;
    c.header("X-Content-Type-Options", "nosniff");
    // A link is a key: it must not go on to where a page leads.
    c.header("Referrer-Policy", "no-referrer");
  });
  app.use(guardHost(context));
  // Web apps say for themselves who may call them.
  for (const path of ["/v2/*", "/api/*"]) app.use(path, ...allowOrigins(context));
  app.route("/health", healthRoutes());
  app.route("/v2", endpointRoutes(context));
  app.route("/web", webRoutes(context));
  app.route("/api/v1", managementRoutes(context));
  app.route("/metrics", metrics.routes);
  app.route("/", documentationRoutes(context));
  app.route("/files", fileRoutes(context));
  app.get("/", (c) => c.text("This is ligase serve. `ligase outputs` prints links to what tasks handed out.\n"));
  app.notFound((c) => problem(c, 404, "not-found", "There is nothing here."));
  app.onError((error, c) => {
    context.log.warn(`${c.req.method} ${c.req.path} failed: ${error.message}`);
    return problem(c, 500, "internal", "Something went wrong here; the terminal of ligase serve says what.");
  });
  return app;
}
