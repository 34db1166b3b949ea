/**
 * Web apps below `/web/{name}`: requests go to a worker of the app as they are, and answers come back as they come.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import { except } from "hono/combine";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import type { WebTarget } from "../../endpoints/pool/types.ts";
import { formatDuration, LigaseError } from "../../kernel/index.ts";
import { addressOf } from "../auth/origin.ts";
import { allow, type Known } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { problem } from "../problem.ts";
import { Connections } from "./forward.ts";
import { answerHeaders, type Origin, requestHeaders } from "./headers.ts";

interface Asked extends Known {
  readonly Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };
}

/** What a wait ends with. */
const TOO_LATE = new Error("the time of the request is over");
const HUNG_UP = new Error("who asked has hung up");
/** Answers that have no body. */
const BARE = new Set([204, 205, 304]);

/** Everything below `/web`. */
export function webRoutes(context: ServerContext): Hono<Asked> {
  const app = new Hono<Asked>();
  const { deployments, pools, statistics } = context.services;
  const connections = new Connections();
  const { protocol } = new URL(context.url);

  const isPublic = (c: Context): boolean => {
    const live = deployments.live().get(c.req.param("endpoint") ?? "");
    return live?.kind === "web" && live.public;
  };
  app.use("/:endpoint/*", except(isPublic, allow(context, "read")));

  app.all("/:endpoint/*", async (c) => {
    const name = c.req.param("endpoint");
    const live = deployments.live().get(name);
    if (live?.kind !== "web") return problem(c, 404, "not-found", `There is no web app ${name}.`);
    const url = new URL(c.req.url);
    const [prefix = ""] = /^\/web\/[^/]+/.exec(url.pathname) ?? [];
    const path = url.pathname.slice(prefix.length);
    // What the app links to counts from its folder.
    if (path === "") return c.redirect(`${prefix}/${url.search}`, 308);
    if (c.req.header("upgrade")?.toLowerCase() === "websocket") {
      return problem(c, 501, "websocket", "Web apps have no WebSockets here; server-sent events work.");
    }
    if (live.stopped) return busy(c, `The web app ${name} is stopped.`);
    return forward(c, live, { prefix, path: `${path}${url.search}` });
  });

  async function forward(
    c: Context<Asked>,
    live: LiveEndpoint,
    { prefix, path }: { readonly prefix: string; readonly path: string },
  ): Promise<Response> {
    const { incoming, outgoing } = c.env;
    const over = new AbortController();
    const onClose = (): void => {
      if (!outgoing.writableFinished) over.abort(HUNG_UP);
    };
    outgoing.once("close", onClose);
    const timer = setTimeout(() => over.abort(TOO_LATE), live.requestTimeout);
    const begun = performance.now();
    let waited = 0;
    const answeredWith = (failed: boolean): void => {
      statistics.answered(live.name, { waited, took: performance.now() - begun - waited, failed });
    };
    let target: WebTarget | undefined;
    try {
      target = await pools.acquire(live.name, over.signal);
      waited = performance.now() - begun;
      const headers = requestHeaders(incoming.rawHeaders, originOf(c, prefix), live.public);
      const hasBody =
        incoming.headers["transfer-encoding"] !== undefined || Number(incoming.headers["content-length"]) > 0;
      const request = { method: c.req.method, path, headers, body: hasBody ? incoming : null };
      const answer = await connections.send(request, target.at, over.signal);
      const { release } = target;
      const { statusCode = 0 } = answer;
      answer.once("close", () => {
        release();
        answeredWith(statusCode >= 500);
      });
      return answered(answer, c.req.method, prefix);
    } catch (error) {
      target?.release();
      if (!target) waited = performance.now() - begun;
      if (over.signal.reason !== HUNG_UP) answeredWith(true);
      return failed(c, live, error, { over: over.signal, started: target !== undefined });
    } finally {
      clearTimeout(timer);
    }
  }

  function originOf(c: Context<Asked>, prefix: string): Origin {
    const address = addressOf(c)?.replace(/^::ffff:/, "");
    const trusted = address === undefined || address === "::1" || address.startsWith("127.");
    return { prefix, protocol, address, trusted };
  }

  function failed(
    c: Context<Asked>,
    { name, requestTimeout }: LiveEndpoint,
    error: unknown,
    { over, started }: { readonly over: AbortSignal; readonly started: boolean },
  ): Response {
    if (over.reason === TOO_LATE && started) {
      return problem(
        c,
        504,
        "timeout",
        `The web app ${name} did not begin to answer in ${formatDuration(requestTimeout)}.`,
      );
    }
    if (error instanceof LigaseError && error.code === "LIGASE_E_NO_WORKER")
      return busy(c, `${sentence(error.message)}.`);
    // Nobody hears it.
    if (over.aborted) return problem(c, 503, "closed", "The request was given up.");
    const why = error instanceof Error ? error.message : String(error);
    context.log.warn(`the web app ${name} did not answer ${c.req.method} ${c.req.path}: ${why}`);
    return problem(c, 502, "bad-gateway", `The web app ${name} did not answer: ${why}.`);
  }

  return app;
}

/** An answer as it comes. */
function answered(answer: IncomingMessage, method: string, prefix: string): Response {
  const status = answer.statusCode ?? 502;
  const headers = answerHeaders(answer.rawHeaders, prefix);
  if (method !== "HEAD" && !BARE.has(status)) return new Response(bodyOf(answer), { status, headers });
  answer.resume();
  return new Response(null, { status, headers });
}

/** A body that is read as fast as it is taken; who stops taking it ends the answer. */
function bodyOf(answer: IncomingMessage): ReadableStream<Uint8Array> {
  return Readable.toWeb(answer, { strategy: { highWaterMark: 1 } }) as ReadableStream<Uint8Array>;
}

function busy(c: Context, says: string): Response {
  c.header("Retry-After", "5");
  return problem(c, 503, "no-worker", says);
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
