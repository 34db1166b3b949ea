import type { IncomingMessage } from "node:http";
import { LigaseError } from "../kernel/index.ts";

/** What a request may carry. */
export interface HttpOptions {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the connection may be silent, in milliseconds. Default 60,000. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const MOST_REDIRECTS = 10;

function once(url: string, options: HttpOptions): Promise<IncomingMessage> {
  // Loaded when something is fetched: with their HTTP client they take 20 ms, and every command would pay for it.
  const { request: send } = process.getBuiltinModule(url.startsWith("https:") ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: options.method ?? "GET",
        // The bytes as they lie on the server: `fetch` would unpack a .gz that is served with Content-Encoding.
        headers: { "user-agent": "ligase", accept: "*/*", "accept-encoding": "identity", ...options.headers },
        timeout: options.idleMs ?? 60_000,
        ...(options.signal && { signal: options.signal }),
      },
      resolve,
    );
    request.on("timeout", () =>
      request.destroy(Object.assign(new Error("the server is silent"), { code: "ETIMEDOUT" })),
    );
    request.on("error", reject);
    request.end();
  });
}

/**
 * Asks an http(s) server, following redirects. The answer may be of any status; its body must be
 * read or destroyed.
 *
 * @throws LigaseError `LIGASE_E_FETCH` for a redirect that leads nowhere; system errors as they come
 */
export async function httpRequest(url: string, options: HttpOptions = {}): Promise<IncomingMessage> {
  let at = url.replace(/^https?:/i, (scheme) => scheme.toLowerCase());
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await once(at, options);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return response;
    response.resume();
    const next = new URL(headers.location, at);
    if (next.protocol !== "http:" && next.protocol !== "https:") {
      throw new LigaseError("LIGASE_E_FETCH", `${url} redirects to ${next.href}, which is not http(s)`, {
        facts: { url },
      });
    }
    at = next.href;
  }
  throw new LigaseError("LIGASE_E_FETCH", `${url} redirects more than ${MOST_REDIRECTS} times`, { facts: { url } });
}

/** An answer that is not the file, or a connection that failed, as an error that names the URL. */
export function fetchError(url: string, why: unknown): LigaseError {
  if (why instanceof LigaseError) return why;
  if (typeof why === "number") {
    const mend =
      why === 401 || why === 403
        ? "the server wants credentials: fetch it by hand and give the path"
        : why === 404 || why === 410
          ? "check the URL"
          : "try again later";
    return new LigaseError("LIGASE_E_FETCH", `cannot fetch ${url}: the server answered ${why}`, {
      facts: { url, status: why },
      mend,
    });
  }
  const { code, message } = why as NodeJS.ErrnoException;
  const said =
    code === "ECONNREFUSED"
      ? "the connection was refused"
      : code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? `the host ${new URL(url).hostname} was not found`
        : message || code;
  return new LigaseError("LIGASE_E_FETCH", `cannot fetch ${url}: ${said}`, {
    facts: { url, errno: code },
    mend: "check the URL and the network",
    cause: why,
  });
}
