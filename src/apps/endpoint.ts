import { checkDeclaration, refused } from "./check.ts";
import type { CommandOptions, EndpointOptions, Handler } from "./types.ts";

/** By which an endpoint is known, also where two copies of this package are loaded. */
const ENDPOINT = Symbol.for("ligase.endpoint");

/**
 * An endpoint as an app declares it; {@link endpoint} makes one.
 *
 * @example
 * ```ts
 * export const fold: Endpoint = endpoint(predict, { maxWorkers: 3 });
 * fold.options.maxWorkers; // 3
 * ```
 */
export class Endpoint {
  /** What answers its jobs; null where a command does. */
  readonly handler: Handler | null;
  /** As they were written; absent ones have their defaults when it is deployed. */
  readonly options: EndpointOptions & Partial<Pick<CommandOptions, "command">>;
  /** @internal */
  readonly [ENDPOINT] = true;

  /** @internal {@link endpoint} makes one. */
  constructor(handler: Handler | null, options: EndpointOptions | CommandOptions) {
    this.handler = handler;
    this.options = options;
    Object.freeze(this);
  }
}

/** Is it an endpoint, made by this or another copy of this package? */
export function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === "object" && value !== null && ENDPOINT in value;
}

/**
 * Declares an endpoint: a function behind HTTP, with a durable queue and workers that come and go with the load. Export it,
 * and `ligase deploy` finds it.
 *
 * @param handler - a task, or a function; its parameters are the fields of a job's `input`. The values of a generator are
 * streamed.
 * @throws LigaseError `LIGASE_E_ENDPOINT` for an option that cannot be
 * @example
 * ```ts
 * export const fold = endpoint(predict, { maxWorkers: 3, idleTimeout: "60s", gpu: 1 });
 * export const words = endpoint(async function* (text: string) { for (const word of text.split(" ")) yield word; });
 * export const legacy = endpoint({ command: ["python", "-u", "handler.py"], image });
 * ```
 */
export function endpoint(handler: Handler, options?: EndpointOptions): Endpoint;
export function endpoint(options: CommandOptions): Endpoint;
export function endpoint(first: Handler | CommandOptions, options: EndpointOptions = {}): Endpoint {
  if (typeof first === "function") return new Endpoint(first, checkDeclaration("endpoint", options));
  if (typeof first === "object" && first !== null && "command" in first) {
    return new Endpoint(null, checkDeclaration("endpoint of a command", first));
  }
  throw refused(
    `endpoint() takes a task, a function or a command, and got ${first === null ? "null" : typeof first}`,
    'write endpoint(predict, { maxWorkers: 3 }), or endpoint({ command: ["python", "-u", "handler.py"] })',
  );
}
