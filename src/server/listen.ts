import type { Server } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import { isIP } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Fingerprints } from "../files/index.ts";
import { announce, linkKey, withdraw } from "../files/links/index.ts";
import { LigaseError, type Log } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import { createApp } from "./app.ts";
import type { RequestFacts } from "./context.ts";
import { hostName } from "./guard-host.ts";

/** What is served, and where. */
export interface ServerOptions {
  readonly storeDir: string;
  readonly store: Pick<Store, "findPlaces" | "findFingerprint" | "commit">;
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
  /** Ends it: what is being sent may end first, for a moment. */
  stop(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** Where a server is when nothing is said: links stay right from one day to the next. */
const USUAL_PORT = 4747;
/** How long what is being sent may go on when the server is to end, in milliseconds. */
const GRACE_MS = 5000;

/**
 * Starts the server of a store, and announces it in the store's folder, so that outputs are shown with links to it.
 *
 * @throws LigaseError `LIGASE_E_PORT` when the port is taken or may not be had, or the address is not of this machine
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { storeDir, store, host = LOOPBACK, log } = options;
  const fingerprints = new Fingerprints({
    index: {
      find: (path) => store.findFingerprint(path),
      // A store that can only be read forgets them: the next server reads the file once more.
      put: (row) => void store.commit({ fingerprints: [row] }).catch(() => {}),
    },
  });
  const hosts = new Set(namesOf(options.url, host));
  const app = createApp({ ...options, fingerprints, key: linkKey(storeDir), hosts, now: Date.now });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  const port = await listen(server, host, options.port);
  const url = options.url?.replace(/\/+$/, "") ?? `http://${inUrl(reachable(host))}:${port}`;
  try {
    announce(storeDir, { url });
  } catch (error) {
    log.warn(`links are not shown with outputs: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    url,
    isLocal: host === "localhost" || host === "::1" || host.startsWith("127."),
    async stop() {
      withdraw(storeDir);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(timer);
      await fingerprints.close();
    },
  };
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
    server.listen({ host, port, exclusive: true }, () => {
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
  if (host !== "0.0.0.0" && host !== "::") return host;
  const outward = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  return outward?.address ?? LOOPBACK;
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
