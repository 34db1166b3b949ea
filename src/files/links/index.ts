/**
 * Links to what tasks hand to people: a key in the store's folder signs them, and each names a content, a name and an
 * expiry, never a path. Whoever shows an output makes one here; the server checks it here.
 *
 * It must not know HTTP, nor who asks.
 *
 * @module
 */
export { announce, type Announcement, serverOf, withdraw } from "./address.ts";
export { linkKey, signingKey } from "./key.ts";
export {
  type LinkOptions,
  type Links,
  type LinkSettings,
  type LinkTarget,
  openLinks,
  outputLink,
  storeOfOutput,
} from "./links.ts";
export { type Claim, type LinkProblem, linkPath, readClaim } from "./sign.ts";
