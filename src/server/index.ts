/**
 * The server: what a project shows to browsers and programs, over HTTP. `app.ts` puts it together of routes, a noun each;
 * `listen.ts` gives it an address and ends it. It answers on loopback unless it is told otherwise.
 *
 * It must not know SQL, nor the terminal.
 *
 * @module
 */
export { createApp } from "./app.ts";
export type { RequestFacts, ServerContext } from "./context.ts";
export { type RunningServer, type ServerOptions, startServer } from "./listen.ts";
