/**
 * Who asks: keys and the token file, workers with tokens of their own, and how often they may ask.
 *
 * @module
 */
export { allow, callerOf, type Known, mayUse, type Refuse, secretIn } from "./allow.ts";
export { isFromHere, allowOrigins } from "./origin.ts";
