/**
 * What an app declares to be deployed: endpoints, and web apps behind HTTP. A declaration is data with a handler in it;
 * `ligase deploy` reads the exported ones, a worker runs them.
 *
 * It must not know servers, queues or workers.
 *
 * @module
 */
export { jobContext, progress, withJobContext } from "./context.ts";
export { isEndpointName } from "./check.ts";
export { Endpoint, endpoint, isEndpoint } from "./endpoint.ts";
export type {
  CommandOptions,
  EndpointOptions,
  Handler,
  HandlerContext,
  Scaler,
  WebCommandOptions,
  WebHandler,
  WebOptions,
  WorkerOptions,
} from "./types.ts";
export { isWebApp, web, WebApp } from "./web.ts";
