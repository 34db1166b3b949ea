import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serverOf } from "../files/links/index.ts";
import { LigaseError } from "../kernel/index.ts";

/** Which server, and as whom. */
export interface RemoteOptions {
  /** `http://127.0.0.1:4747` */
  readonly url: string;
  /** A key of the API, or the token of a server of this machine. */
  readonly key?: string | undefined;
}

/** In the store's folder: the token of the server that runs there, for its user alone (mode 0600). */
export const TOKEN_FILE = "server.token";

/**
 * The server of a store, if one runs.
 *
 * @throws LigaseError `LIGASE_E_NO_SERVER` when none does
 */
export function openRemote(storeDir: string): Remote {
  const url = serverOf(storeDir);
  if (url === undefined) {
    throw new LigaseError("LIGASE_E_NO_SERVER", `no server runs for ${storeDir}`, {
      facts: { storeDir },
      mend: "start one in another terminal: ligase serve; or name a context: --context",
    });
  }
  return new Remote({ url, key: tokenOf(storeDir) });
}

function tokenOf(storeDir: string): string | undefined {
  try {
    return readFileSync(join(storeDir, TOKEN_FILE), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** A client of the management API. */
export class Remote {
  readonly url: string;
  readonly #key: string | undefined;

  constructor({ url, key }: RemoteOptions) {
    this.url = url.replace(/\/+$/, "");
    this.#key = key;
  }

  /** Asks, and answers what the server answers as JSON. */
  async ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.fetch(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      ...(signal && { signal }),
    });
    // The types of `api.ts` are what the server and this client agree on.
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /**
   * Asks, and answers what is good.
   *
   * @param path - below `/api/v1`: `/endpoints`
   * @throws LigaseError `LIGASE_E_NO_SERVER` when nobody answers; what the server says is wrong, with its code
   */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#key !== undefined) headers.set("Authorization", `Bearer ${this.#key}`);
    headers.set("Accept", "application/json");
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/v1${path}`, { ...init, headers });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw new LigaseError("LIGASE_E_NO_SERVER", `nobody answers at ${this.url}`, {
        facts: { url: this.url },
        mend: "is the server running? ligase serve starts one",
        cause: error,
      });
    }
    if (response.ok) return response;
    throw await refusal(response, this.url);
  }
}

async function refusal(response: Response, url: string): Promise<LigaseError> {
  const text = await response.text();
  const facts = { url, status: response.status };
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; mend?: string } };
    const code = error.code.startsWith("LIGASE_E_") ? error.code : "LIGASE_E_SERVER";
    return new LigaseError(code, error.message, { facts, ...(error.mend !== undefined && { mend: error.mend }) });
  } catch {
    return new LigaseError("LIGASE_E_SERVER", `${url} answered ${response.status}: ${text.slice(0, 200).trim()}`, {
      facts,
    });
  }
}
