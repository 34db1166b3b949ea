/**
 * Who asks: keys and the token file, workers with tokens of their own, and how often they may ask.
 *
 * @module
 */
export { allow, type Known, mayUse, type Refuse } from "./allow.ts";
export { isFromHere, allowOrigins } from "./origin.ts";
