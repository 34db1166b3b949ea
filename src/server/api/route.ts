import type { Context } from "hono";
import type { JsonSchema } from "../../code/parameters/index.ts";
import type { Caller } from "../../endpoints/index.ts";
import type { Verb } from "../../remote/index.ts";
import type { Known } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import type { SchemaName, SchemaOf, SCHEMAS } from "./schemas.ts";

/** What a parameter of the query may be. */
export interface QueryParameter {
  readonly doc: string;
  readonly schema: JsonSchema;
}

/** What somebody asks for. */
export interface Asked<Body = unknown> {
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the query, in their types; absent where nothing is said. */
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body: Body;
  readonly caller: Caller;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly c: Context<Known>;
}

/** What a route says of itself: what registers it, checks what it is sent, and documents it. */
export interface RouteSpec {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api/v1`: `/endpoints/{endpoint}`. */
  readonly path: string;
  readonly tag: string;
  /** What it does, in a sentence. */
  readonly doc: string;
  readonly verb: Verb;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** Bytes of a body; where nothing is said, a megabyte. */
  readonly limit?: number;
  /** `nothing`: 204; `lines`: one a line, as they come; a list where it is in brackets. */
  readonly answer: "nothing" | SchemaName | readonly [SchemaName] | { readonly lines: SchemaName };
}

/** A route. What it answers is sent as JSON; a `Response` goes as it is, and nothing as 204. */
export interface Route extends RouteSpec {
  /** `bytes`: any, read by the route itself. */
  readonly body?: SchemaName | "bytes";
  run(asked: Asked, context: ServerContext): Promise<unknown>;
}

type BodyOf<N extends SchemaName> = (typeof SCHEMAS)[N] extends SchemaOf<infer T> ? T : unknown;

/** A route without a body. */
export function route(
  spec: RouteSpec & { readonly body?: "bytes"; run(asked: Asked, context: ServerContext): Promise<unknown> },
): Route {
  return spec;
}

/** A route with a body in a form; it is checked before. */
export function routeWith<N extends SchemaName>(
  body: N,
  spec: RouteSpec & { run(asked: Asked<BodyOf<N>>, context: ServerContext): Promise<unknown> },
): Route {
  // The body was compared with the schema of this type.
  return { ...spec, body, run: (asked, context) => spec.run(asked as Asked<BodyOf<N>>, context) };
}

/** Follow what is being written, until the asker leaves. */
export const FOLLOW: QueryParameter = {
  doc: "Go on with what is written from now on, until it ends or you leave.",
  schema: { type: "boolean", default: false },
};
