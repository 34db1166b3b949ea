import type { JsonSchema } from "../../code/parameters/index.ts";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import { VERSION } from "../../kernel/index.ts";
import { type Route, ROUTES, SCHEMAS } from "../api/index.ts";
import { type Call, CALL_SCHEMAS, CALLS, submissionSchema } from "./calls.ts";

/** What is described. */
export interface Described {
  /** How the server is reached. */
  readonly url: string;
  /** Those that the asker may know of. */
  readonly endpoints: readonly LiveEndpoint[];
}

/** A description of what there is to call: https://spec.openapis.org/oas/v3.1.1. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [key: string]: unknown;
}

/** Describes the management API, the calls of endpoints in general, and those of every endpoint that is live. */
export function describeServer({ url, endpoints }: Described): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, operation: object): void => {
    (paths[path] ??= {})[method.toLowerCase()] = operation;
  };
  for (const endpoint of endpoints) {
    if (endpoint.kind === "web") add(`/web/${encodeURIComponent(endpoint.name)}/`, "GET", webOperation(endpoint));
    else for (const call of CALLS) add(pathOf(call, endpoint.name), call.method, callOperation(call, endpoint));
  }
  for (const call of CALLS) add(`/v2/{endpoint}${call.path}`, call.method, callOperation(call));
  for (const route of ROUTES) add(`/api/v1${route.path}`, route.method, routeOperation(route));
  add("/health", "GET", {
    tags: ["Server"],
    operationId: "health",
    summary: "Is it there, and which is it?",
    security: [],
    responses: { 200: { description: "It is there.", content: json({ type: "object" }) } },
  });
  add("/metrics", "GET", {
    tags: ["Server"],
    operationId: "metrics",
    summary: "What the server counts, for Prometheus.",
    responses: { 200: { description: "Metrics.", content: { "text/plain": { schema: { type: "string" } } } } },
  });
  return {
    openapi: "3.1.1",
    info: {
      title: "Ligase",
      version: VERSION,
      description: "Endpoints below /v2, as RunPod's API has them; the management of the server below /api/v1.",
    },
    servers: [{ url }],
    security: [{ key: [] }],
    tags: [
      ...endpoints.map(({ name, doc }) => ({ name: tagOf(name), description: doc })),
      { name: "Calls of an endpoint" },
      ...[...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    ],
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key: ligase key create <name>." },
      },
      schemas: { ...SCHEMAS, ...CALL_SCHEMAS },
    },
  };
}

function tagOf(endpoint: string): string {
  return `Endpoint ${endpoint}`;
}

function pathOf({ path }: Call, endpoint: string): string {
  return `/v2/${encodeURIComponent(endpoint)}${path}`;
}

function callOperation(call: Call, endpoint?: LiveEndpoint): object {
  const { name, doc, path, verb, query = {}, submits, answer } = call;
  const isGeneral = endpoint === undefined;
  return {
    tags: [isGeneral ? "Calls of an endpoint" : tagOf(endpoint.name)],
    operationId: `v2.${isGeneral ? "{endpoint}" : endpoint.name}.${name}`,
    summary: doc,
    description: `For keys that may ${verb}.`,
    parameters: [...pathParameters(isGeneral ? `/{endpoint}${path}` : path), ...queryParameters(query)],
    ...(submits && {
      requestBody: { required: true, content: json(submissionSchema(isGeneral ? null : ownSchema(endpoint))) },
    }),
    responses: {
      200: { description: doc, content: json(ref(answer)) },
      ...refusals("EndpointError", [...(submits ? [400, 413] : []), 401, 403, 404, 429]),
    },
  };
}

/** A schema with references into itself keeps them: it is a document of its own within this one. */
function ownSchema({ name, version, input }: LiveEndpoint): JsonSchema | null {
  if (input === null) return null;
  const { $schema: _, ...schema } = input;
  const isReferring = "$defs" in schema && !("$id" in schema);
  return isReferring ? { $id: `urn:ligase:endpoint:${encodeURIComponent(name)}:${version}`, ...schema } : schema;
}

function webOperation({ name, doc, public: isPublic }: LiveEndpoint): object {
  return {
    tags: [tagOf(name)],
    operationId: `web.${name}`,
    summary: doc || "A web app.",
    ...(isPublic && { security: [] }),
    responses: { default: { description: "What the app answers, below this address." } },
  };
}

function routeOperation({ method, path, tag, doc, verb, query = {}, body, answer }: Route): object {
  return {
    tags: [tag],
    operationId: operationId(method, path),
    summary: doc,
    description: `For keys that may ${verb}.`,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content:
          body === "bytes"
            ? { "application/octet-stream": { schema: { type: "string", format: "binary" } } }
            : json(ref(body)),
      },
    }),
    responses: { ...answerOf(answer, doc), ...refusals("Error", [400, 401, 403, 404, 429]) },
  };
}

/** `post_endpoints_scale` */
function operationId(method: string, path: string): string {
  const words = path.split("/").flatMap((part) => (part === "" || part.startsWith("{") ? [] : part));
  return [method.toLowerCase(), ...words, ...(path.endsWith("}") ? ["one"] : [])].join("_");
}

function answerOf(answer: Route["answer"], description: string): object {
  if (answer === "nothing") return { 204: { description } };
  if (typeof answer === "string") return { 200: { description, content: json(ref(answer)) } };
  if ("lines" in answer) {
    return { 200: { description, content: { "application/x-ndjson": { schema: ref(answer.lines) } } } };
  }
  return { 200: { description, content: json({ type: "array", items: ref(answer[0]) }) } };
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: "What was sent is not in its form.",
  401: "There is no key, or it is unknown, expired or revoked.",
  403: "The key may not do this.",
  404: "There is nothing of this name.",
  413: "The body is too large.",
  429: "Too many jobs wait, or too many requests came: see Retry-After.",
};

function refusals(schema: string, statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => [status, { description: REFUSALS[status], content: json(ref(schema)) }]),
  );
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: NonNullable<Route["query"]>): object[] {
  return Object.entries(query).map(([name, { doc, schema }]) => ({ name, in: "query", description: doc, schema }));
}

function json(schema: JsonSchema): object {
  return { "application/json": { schema } };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
