import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import type { ServerContext } from "./context.ts";
import { problem } from "./problem.ts";

/**
 * Answers only to addresses, to `localhost`, and to the names that it was given. A page of another site can have its own
 * name lead here (DNS rebinding), and would then be of one origin with this server; but the browser says that name.
 */
export function guardHost({ hosts }: Pick<ServerContext, "hosts">): MiddlewareHandler {
  /** What was let through last: most say the same, and to parse it takes longer than to route the request. */
  let last: string | undefined;
  return async (c, next) => {
    const header = c.req.header("host");
    if (header !== undefined && header === last) return next();
    const name = hostName(header);
    if (name !== undefined && (isOurs(name) || hosts.has(name))) {
      last = header;
      return next();
    }
    return problem(
      c,
      403,
      "host",
      `This server does not answer to the name ${JSON.stringify(name ?? "")}; server.url in the configuration gives it one.`,
    );
  };
}

function isOurs(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || name === "localhost" || name.endsWith(".localhost");
}

/** The name in a `Host` header, without the port; nothing for what is none. */
export function hostName(header: string | undefined): string | undefined {
  if (header === undefined || /[\s/?#@\\]/.test(header) || !URL.canParse(`http://${header}`)) return undefined;
  return new URL(`http://${header}`).hostname.replace(/\.$/, "").toLowerCase();
}
