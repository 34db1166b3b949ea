import { checkDeclaration, refused } from "./check.ts";
import type { WebCommandOptions, WebHandler, WebOptions } from "./types.ts";

/** By which a web app is known, also where two copies of this package are loaded. */
const WEB = Symbol.for("ligase.web");

/**
 * A web app as an app declares it; {@link web} makes one.
 *
 * @example
 * ```ts
 * export const site: WebApp = web(new Hono().get("/", (c) => c.text("hello")), { public: true });
 * site.options.public; // true
 * ```
 */
export class WebApp {
  /** What answers its requests; null where a command does. */
  readonly handler: WebHandler | null;
  /** As they were written; absent ones have their defaults when it is deployed. */
  readonly options: WebOptions & Partial<Pick<WebCommandOptions, "command" | "healthPath">>;
  /** @internal */
  readonly [WEB] = true;

  /** @internal {@link web} makes one. */
  constructor(handler: WebHandler | null, options: WebOptions | WebCommandOptions) {
    this.handler = handler;
    this.options = options;
    Object.freeze(this);
  }
}

/** Is it a web app, made by this or another copy of this package? */
export function isWebApp(value: unknown): value is WebApp {
  return typeof value === "object" && value !== null && WEB in value;
}

/**
 * Declares a web app, which `ligase deploy` puts behind the server at `/web/{name}/…`: what Hono and its like make, a
 * function from a request to a response, or a program with a port.
 *
 * @throws LigaseError `LIGASE_E_ENDPOINT` for an option that cannot be
 * @example
 * ```ts
 * const app = new Hono().get("/", (c) => c.text("hello"));
 * export const site = web(app, { concurrency: 50 });
 * export const notebook = web({ command: ["python3", "-m", "http.server", "$PORT"], image });
 * ```
 */
export function web(handler: WebHandler, options?: WebOptions): WebApp;
export function web(options: WebCommandOptions): WebApp;
export function web(first: WebHandler | WebCommandOptions, options: WebOptions = {}): WebApp {
  if (typeof first === "function") return new WebApp(first, checkDeclaration("web app", options));
  if (typeof first === "object" && first !== null) {
    if ("command" in first) return new WebApp(null, checkDeclaration("web app of a command", first));
    if (typeof first.fetch === "function") return new WebApp(first, checkDeclaration("web app", options));
  }
  throw refused(
    `web() takes what answers a request, or a command, and got ${first === null ? "null" : typeof first}`,
    "write web(app), where app has a method fetch, or web((request) => new Response())",
  );
}
