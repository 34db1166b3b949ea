/**
 * Who may ask: keys that people make for others and for programs, kept as hashes; and the token in the store's folder, with
 * which the server's own user is known.
 *
 * It must not know HTTP, nor what is asked.
 *
 * @module
 */
export { type KeysOptions, openKeys } from "./keys.ts";
export { VERBS } from "./scopes.ts";
