/**
 * What podman and docker have in common: how their client is called, how a definition becomes an image of theirs, and
 * with which flags a process enters it. Where they differ is a {@link Dialect}, one for each, in a folder of its own.
 *
 * It must not know jobs, nor what an environment is for.
 *
 * @module
 */
export { type Caller, callClient, type Called } from "./client.ts";
export type { ClientFacts, Dialect } from "./dialect.ts";
export { createOciEngine, type OciEngineOptions } from "./engine.ts";
