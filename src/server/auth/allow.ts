import type { Context, MiddlewareHandler } from "hono";
import type { Caller } from "../../endpoints/index.ts";
import type { Verb } from "../../remote/index.ts";
import type { ServerContext } from "../context.ts";
import { Buckets } from "./bucket.ts";
import { addressOf } from "./origin.ts";

/** What routes find in their context once somebody is known. */
export interface Known {
  readonly Variables: { readonly caller: Caller };
}

/** Writes a refusal. */
export type Refuse = (status: 401 | 403 | 429, sentence: string) => Response;

/** Requests a second of a key where nothing is said: more than a server answers, so that it stops those alone who run wild. */
const USUAL_RATE = 5000;
/** Without a right key: 30 attempts at once, then one in two seconds, by address. */
const ATTEMPTS = { perSecond: 0.5, burst: 30 };

/** Who has asked how often, of one server. */
interface Counted {
  readonly attempts: Buckets;
  readonly requests: Buckets | undefined;
}

/** One for all routes of a server: they share its context. */
const COUNTED = new WeakMap<ServerContext, Counted>();

function countedOf(context: ServerContext): Counted {
  const known = COUNTED.get(context);
  if (known) return known;
  const { rateLimit = USUAL_RATE } = context;
  const requests = rateLimit > 0 ? new Buckets({ perSecond: rateLimit, burst: 2 * rateLimit }) : undefined;
  const counted = { attempts: new Buckets(ATTEMPTS), requests };
  COUNTED.set(context, counted);
  return counted;
}

/**
 * Lets through whoever may do something: `Authorization: Bearer KEY`, or the bare key. Of a route with a parameter `endpoint`,
 * to that endpoint. Answers 401 to the unknown, 403 to those who may not, 429 to those who ask too often.
 *
 * @param refuse - how a refusal is written: `/v2` has another form than `/api`
 */
export function allow(context: ServerContext, verb: Verb, refuse: Refuse = refusal): MiddlewareHandler<Known> {
  return async (c, next) => {
    const caller = callerOf(context, c, secretIn(c), refuse);
    if (caller instanceof Response) return caller;
    if (!caller.verbs.has(verb)) return refuse(403, `This key may not ${verb}.`);
    const endpoint = (c as Context).req.param("endpoint");
    if (endpoint !== undefined && !mayUse(caller, endpoint)) {
      return refuse(403, `This key is not for the endpoint ${endpoint}.`);
    }
    c.set("caller", caller);
    return next();
  };
}

/** Whose key this is; or the refusal of one that is none, or of somebody who asks too often. */
export function callerOf(
  context: ServerContext,
  c: Context,
  secret: string | undefined,
  refuse: Refuse = refusal,
): Caller | Response {
  const { attempts, requests } = countedOf(context);
  const { services, now } = context;
  const caller = secret === undefined ? undefined : services.keys.check(secret);
  if (!caller) {
    // Keys that are right are never held up by those who guess from the same address.
    const wait = attempts.take(addressOf(c) ?? "", now());
    if (wait > 0) return tooMany(wait, refuse, "Too many attempts without a right key.");
    const answer = refuse(401, secret === undefined ? "This needs a key." : "This key is unknown, expired or revoked.");
    answer.headers.set("WWW-Authenticate", "Bearer");
    return answer;
  }
  const wait = caller.kind === "owner" ? 0 : (requests?.take(caller.id, now()) ?? 0);
  return wait > 0 ? tooMany(wait, refuse, "This key asks too often.") : caller;
}

/** Is an endpoint among those that somebody may ask of? */
export function mayUse({ endpoints }: Caller, endpoint: string): boolean {
  return endpoints === null || endpoints.has(endpoint);
}

/** The key in the header of a request: `Bearer KEY`, or the bare key, as RunPod's workers send it. */
export function secretIn(c: Context): string | undefined {
  return /^(?:Bearer\s+)?(\S+)$/i.exec(c.req.header("authorization")?.trim() ?? "")?.[1];
}

function tooMany(wait: number, refuse: Refuse, sentence: string): Response {
  const answer = refuse(429, `${sentence} Wait ${wait} s.`);
  answer.headers.set("Retry-After", String(wait));
  return answer;
}

const CODES = { 401: "LIGASE_E_UNAUTHORIZED", 403: "LIGASE_E_FORBIDDEN", 429: "LIGASE_E_RATE_LIMIT" } as const;
const MENDS = {
  401: "ligase key create makes a key; send it as Authorization: Bearer <key>",
  403: "ask for a key that may: ligase key create --verbs …",
  429: undefined,
} as const;

/** A refusal as the management API writes it. */
function refusal(status: 401 | 403 | 429, message: string): Response {
  const mend = MENDS[status];
  return Response.json(
    { error: { code: CODES[status], message, ...(mend !== undefined && { mend }) } },
    { status, headers: { "Cache-Control": "no-store" } },
  );
}
