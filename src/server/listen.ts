import type { Server } from "node:http";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { openServices } from "../endpoints/index.ts";
import { Fingerprints } from "../files/index.ts";
import { announce, linkKey, withdraw } from "../files/links/index.ts";
import { LigaseError, type Log } from "../kernel/index.ts";
import type { Project } from "../project/index.ts";
import { createApp } from "./app.ts";
import type { RequestFacts } from "./context.ts";
import { hostName } from "./guard-host.ts";
import { takePlace } from "./place.ts";

/** What is served, and where. */
export interface ServerOptions {
  readonly project: Project;
  /** Address or name to listen on. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Default: 4747, or a free one where that is taken; 0 is a free one. */
  readonly port?: number | undefined;
  /** How it is reached from outside, where something stands before it: links begin so. */
  readonly url?: string | undefined;
  readonly log: Log;
  readonly onRequest?: ((facts: RequestFacts) => void) | undefined;
}

/** A server that answers. */
export interface RunningServer {
  /** How it is reached. */
  readonly url: string;
  /** Does it answer this machine alone? */
  readonly isLocal: boolean;
  /** Ends it: takes no more in, lets jobs finish for so long (milliseconds), and what is being sent for a moment. */
  stop(graceMs?: number): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** Where a server is when nothing is said: links stay right from one day to the next. */
const USUAL_PORT = 4747;
/** Clients that may connect at one moment: beyond those the system lets them wait for seconds. */
const BACKLOG = 4096;
/** How long a connection stays that nobody uses, in milliseconds: longer than proxies keep theirs, who must be the first to end it. */
const KEEP_ALIVE_MS = 75_000;
/** How long what is being sent may go on when the server is to end, in milliseconds. */
const GRACE_MS = 5000;

/**
 * Starts the server of a store, and announces it in the store's folder, so that outputs are shown with links to it.
 *
 * @throws LigaseError `LIGASE_E_SERVER_RUNS` when the store has a server; `LIGASE_E_PORT` when the port is taken or may not be had, or the address is not of this machine
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { project, host = LOOPBACK, log } = options;
  const { store } = project;
  const { storeDir } = project.settings;
  const fingerprints = new Fingerprints({
    index: {
      find: (path) => store.findFingerprint(path),
      // A store that can only be read forgets them: the next server reads the file once more.
      put: (row) => void store.commit({ fingerprints: [row] }).catch(() => {}),
    },
  });
  // Workers are told where the server is: so it has its places before it has anything to say there.
  let open: (app: Hono) => void = () => {};
  const opened = new Promise<Hono>((resolve) => (open = resolve));
  const handler = {
    fetch: async (request: Request, env: unknown) => (await opened).fetch(request, env),
  };
  const outside = createAdaptorServer(handler) as Server;
  const inside = createAdaptorServer(handler) as Server;
  for (const server of [outside, inside]) server.keepAliveTimeout = KEEP_ALIVE_MS;
  const place = takePlace(storeDir);
  const { socket } = place;
  const port = await listen(outside, host, options.port).catch((error: unknown) => {
    place.release();
    throw error;
  });
  await new Promise<void>((resolve) => inside.listen({ path: socket }, resolve));
  const here = `http://${inUrl(isAny(host) ? LOOPBACK : host)}:${port}`;
  const url = options.url?.replace(/\/+$/, "") ?? `http://${inUrl(reachable(host))}:${port}`;
  const services = await openServices({ project, address: { url: here, socket }, log });
  const app = createApp({
    storeDir,
    store,
    services,
    url,
    fingerprints,
    key: linkKey(storeDir),
    hosts: new Set(namesOf(options.url, host)),
    now: Date.now,
    startedAt: Date.now(),
    log,
    cors: project.settings.server.cors,
    rateLimit: project.settings.server.rateLimit,
    webhooks: project.settings.server.webhooks,
    largestOutput: project.settings.server.largestOutput,
    onRequest: options.onRequest,
  });
  open(app);
  try {
    announce(storeDir, { url });
  } catch (error) {
    log.warn(`links are not shown with outputs: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    url,
    isLocal: host === "localhost" || host === "::1" || host.startsWith("127."),
    async stop(graceMs = 0) {
      withdraw(storeDir);
      // Who asks for a job's result may get it while it lasts; `services` refuse what is new.
      await services.close(graceMs);
      await Promise.all([close(outside), close(inside)]);
      place.release();
      await fingerprints.close();
    },
  };
}

/** Ends a listener; what is being sent may end first, for a moment. */
async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}

async function listen(server: Server, host: string, port: number | undefined): Promise<number> {
  try {
    return await listenOn(server, host, port ?? USUAL_PORT);
  } catch (error) {
    if (port === undefined && codeOf(error) === "EADDRINUSE") return listenOn(server, host, 0);
    throw refused(error, host, port ?? USUAL_PORT);
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true, backlog: BACKLOG }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function refused(error: unknown, host: string, port: number): unknown {
  const facts = { host, port };
  const fail = (says: string, mend: string): LigaseError =>
    new LigaseError("LIGASE_E_PORT", says, { facts, mend, cause: error });
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return fail(`port ${port} is taken`, "name another with --port, or leave it away: a free one is taken then");
    case "EACCES":
      return fail(`port ${port} is not for everybody`, "name one above 1023 with --port");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail(
        `${host} is no address of this machine`,
        "name one with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for all",
      );
    default:
      return error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The names that it answers to, beside addresses. */
function namesOf(url: string | undefined, host: string): string[] {
  const own = isIP(host) === 0 ? [host] : host === LOOPBACK ? [] : [hostname()];
  return [...own, ...(url === undefined ? [] : [new URL(url).host])].flatMap((name) => hostName(name) ?? []);
}

/** An address by which others reach a server that listens on all. */
function reachable(host: string): string {
  if (!isAny(host)) return host;
  const outward = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  return outward?.address ?? LOOPBACK;
}

function isAny(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
