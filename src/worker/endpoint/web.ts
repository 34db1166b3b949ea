import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { isWebApp } from "../../apps/index.ts";
import { LigaseError } from "../../kernel/index.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * The web app that a bundle exports by a name.
 *
 * @throws LigaseError `LIGASE_E_APP` when there is none
 */
export async function webAppOf(
  module: Readonly<Record<string, unknown>>,
  name: string,
): Promise<{ readonly fetch: Fetch; readonly onStart: () => Promise<void> }> {
  const found = Object.hasOwn(module, name) ? module[name] : undefined;
  if (!isWebApp(found) || found.handler === null) {
    throw new LigaseError("LIGASE_E_APP", `the app exports no web app ${name} that a function answers`, {
      facts: { name },
    });
  }
  const { handler, options } = found;
  const fetch: Fetch = typeof handler === "function" ? handler : (request) => handler.fetch(request);
  return {
    fetch,
    onStart: async () => {
      await options.onStart?.();
    },
  };
}

/** Answers HTTP on a Unix socket, for the server; bodies stream both ways. */
export function serveWeb(fetch: Fetch, listen: string): Promise<void> {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      console.error(error);
      return new Response("The app failed to answer.\n", { status: 500 });
    },
  });
  // The server keeps connections for what comes next: it ends them when it likes.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    void listener(request, response);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(listen, resolve);
  });
}
