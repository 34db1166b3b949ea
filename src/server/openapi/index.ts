/**
 * What there is to call, as OpenAPI 3.1: the management API, and every endpoint that is live with its input; and a page that
 * shows it. Both say to everybody what every server has, and to who has a key which endpoints there are.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Caller } from "../../endpoints/index.ts";
import { callerOf, mayUse, secretIn } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { problem } from "../problem.ts";
import { type Described, describeServer } from "./document.ts";

/** A key in a form is short. */
const LARGEST_FORM = 4096;

/** `GET /openapi.json`, `GET /docs`; `POST /docs` with a key from the form in the page. */
export function documentationRoutes(context: ServerContext): Hono {
  const known = (c: Context, secret: string | undefined): Caller | Response | undefined =>
    secret === undefined ? undefined : callerOf(context, c, secret);
  const described = (caller: Caller | undefined): Described => ({
    url: context.url,
    endpoints: caller?.verbs.has("read")
      ? [...context.services.deployments.live().values()].filter(({ name }) => mayUse(caller, name))
      : [],
  });
  const page = async (c: Context, caller: Caller | undefined, wrong?: string): Promise<Response> => {
    const { documentationPage, POLICY } = await import("./page.ts");
    c.header("Content-Security-Policy", POLICY);
    c.header("Cache-Control", "no-store");
    return c.html(documentationPage({ ...described(caller), isKnown: caller !== undefined, problem: wrong }));
  };
  return new Hono()
    .get("/openapi.json", (c) => {
      const caller = known(c, secretIn(c));
      if (caller instanceof Response) return caller;
      c.header("Cache-Control", "no-store");
      return c.json(describeServer(described(caller)));
    })
    .get("/docs", (c) => {
      const caller = known(c, secretIn(c));
      return caller instanceof Response ? caller : page(c, caller);
    })
    .post(
      "/docs",
      bodyLimit({ maxSize: LARGEST_FORM, onError: (c) => problem(c, 413, "large", "This is no key.") }),
      async (c) => {
        const { key } = await c.req.parseBody();
        const caller = known(c, typeof key === "string" && key.trim() !== "" ? key.trim() : undefined);
        if (!(caller instanceof Response)) return page(c, caller);
        return page(
          c,
          undefined,
          caller.status === 429 ? "Too many attempts: wait a moment." : "This key is not known.",
        );
      },
    );
}
