import type { CommandOptions, EndpointOptions, Handler } from "./types.ts";

/** An endpoint as an app declares it; see {@link endpoint}. */
export class Endpoint {
  /** What answers its jobs; null where a command does. */
  readonly handler: Handler | null;
  readonly options: EndpointOptions & Partial<Pick<CommandOptions, "command">>;

  constructor(handler: Handler | null, options: EndpointOptions | CommandOptions) {
    this.handler = handler;
    this.options = options;
  }
}

/**
 * Declares an endpoint: a function behind HTTP, with a durable queue and workers that come and go with the load. Export it,
 * and `ligase deploy` finds it.
 *
 * @param handler - a task, or a function; its parameters are the fields of a job's `input`
 * @example
 * ```ts
 * export const fold = endpoint(predict, { maxWorkers: 3, idleTimeout: "60s", gpu: 1 });
 * export const words = endpoint(async function* (text: string) { for (const word of text.split(" ")) yield word; });
 * export const legacy = endpoint({ command: ["python", "-u", "handler.py"], image });
 * ```
 */
export function endpoint<A extends readonly never[]>(
  handler: (...args: A) => unknown,
  options?: EndpointOptions,
): Endpoint;
export function endpoint(options: CommandOptions): Endpoint;
export function endpoint(first: Handler | CommandOptions, options: EndpointOptions = {}): Endpoint {
  return typeof first === "function" ? new Endpoint(first, options) : new Endpoint(null, first);
}
