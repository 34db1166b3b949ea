import type { WebCommandOptions, WebHandler, WebOptions } from "./types.ts";

/** A web app as an app declares it; see {@link web}. */
export class WebApp {
  /** What answers its requests; null where a command does. */
  readonly handler: WebHandler | null;
  readonly options: WebOptions & Partial<Pick<WebCommandOptions, "command" | "healthPath">>;

  constructor(handler: WebHandler | null, options: WebOptions | WebCommandOptions) {
    this.handler = handler;
    this.options = options;
  }
}

/**
 * Declares a web app, which `ligase deploy` puts behind the server at `/web/{name}/…`: what Hono and its like make, a
 * function from a request to a response, or a program with a port.
 *
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
  return typeof first === "object" && "command" in first ? new WebApp(null, first) : new WebApp(first, options);
}
