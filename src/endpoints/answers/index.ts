/**
 * What the API says of a job: the status body, which clients ask for and webhooks bring, and signed links to outputs that
 * are too large to be in it.
 *
 * It must not know HTTP, nor who asks.
 *
 * @module
 */
export { LARGEST_OUTPUT, statusText, type StatusParts } from "./status.ts";
export { isOutputLink, outputPath } from "./output-link.ts";
