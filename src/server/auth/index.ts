/**
 * Who asks: keys and the token file, workers with tokens of their own, and how often they may ask.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import type { Caller } from "../../endpoints/index.ts";
import type { Verb } from "../../remote/index.ts";
import type { ServerContext } from "../context.ts";

/** What routes find in their context once somebody is known. */
export interface Known {
  readonly Variables: { readonly caller: Caller };
}

/**
 * Lets through whoever may do something: `Authorization: Bearer KEY`, or the bare key. Of a route with a parameter `endpoint`,
 * to that endpoint. Answers 401 to the unknown, 403 to those who may not, 429 to those who ask too often.
 *
 * @param refuse - how a refusal is written: `/v2` has another form than `/api`
 */
export function allow(
  _context: ServerContext,
  _verb: Verb,
  _refuse?: (status: 401 | 403 | 429, sentence: string) => Response,
): MiddlewareHandler<Known> {
  throw new Error("not built yet");
}
