/**
 * The management API below `/api/v1`: what `remote/api.ts` lists, a file a noun. Each route is a row that says what it is sent
 * and what it answers; the description of the API is made of the same rows.
 *
 * @module
 */
import { Hono } from "hono";
import { LigaseError } from "../../kernel/index.ts";
import { allow, type Known } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { bodyReader, readQuery } from "./body.ts";
import { codeRoutes } from "./code.ts";
import { deploymentRoutes } from "./deployments.ts";
import { endpointRoutes } from "./endpoints.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { answerOf } from "./problems.ts";
import type { Asked, Route } from "./route.ts";
import { runRoutes } from "./runs.ts";
import { SCHEMAS } from "./schemas.ts";
import { serverRoutes } from "./server.ts";
import { workerRoutes } from "./workers.ts";

export type { Route } from "./route.ts";
export { SCHEMAS, type SchemaName } from "./schemas.ts";

/** Every route of the management API. */
export const ROUTES: readonly Route[] = [
  ...serverRoutes,
  ...endpointRoutes,
  ...jobRoutes,
  ...workerRoutes,
  ...deploymentRoutes,
  ...codeRoutes,
  ...runRoutes,
  ...keyRoutes,
];

/** Bytes of a body where a route says nothing. */
const USUAL_LIMIT = 2 ** 20;

/** Everything below `/api/v1`. */
export function managementRoutes(context: ServerContext): Hono<Known> {
  const api = new Hono<Known>();
  for (const route of ROUTES) {
    const { method, path, verb, query = {}, body, limit = USUAL_LIMIT } = route;
    const read = body === undefined || body === "bytes" ? undefined : bodyReader(SCHEMAS[body], limit);
    api.on(method, path.replaceAll(/\{(\w+)\}/g, ":$1"), allow(context, verb), async (c) => {
      const asked: Asked = {
        params: c.req.param(),
        query: readQuery(c.req.query(), query),
        body: await read?.(c.req.raw),
        caller: c.get("caller"),
        signal: c.req.raw.signal,
        c,
      };
      const answer = await route.run(asked, context);
      if (answer instanceof Response) return answer;
      c.header("Cache-Control", "no-store");
      return answer === undefined ? c.body(null, 204) : c.json(answer);
    });
  }
  api.all("*", (c) =>
    answerOf(
      new LigaseError("LIGASE_E_NO_ROUTE", `the server has nothing at ${c.req.method} ${c.req.path}`, {
        mend: "/docs lists what there is; is the server of another version?",
      }),
    ),
  );
  api.onError((error, c) => {
    if (!(error instanceof LigaseError)) context.log.warn(`${c.req.method} ${c.req.path} failed: ${error.message}`);
    return answerOf(error);
  });
  return api;
}
