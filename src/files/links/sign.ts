import { createHmac, timingSafeEqual } from "node:crypto";

/** What a link entitles to, and until when. */
export interface Claim {
  /** SHA-256 of the content: 64 hexadecimal digits. */
  readonly hash: string;
  /** What it is called. */
  readonly name: string;
  /** When it ends: seconds since 1970. */
  readonly expires: number;
  /** Save it, in place of opening it. */
  readonly download: boolean;
  /** What it holds, where that was said and does not come of its name: a media type. */
  readonly mediaType?: string | undefined;
}

/** Why a link is not answered. */
export type LinkProblem = "unsigned" | "forged" | "expired";

/** Base64 for URLs: what an HMAC of 32 bytes comes to. */
const SIGNATURE = /^[\w-]{43}$/;
/** Up to the year 5138: more is no time. */
const TIME = /^[1-9]\d{0,10}$/;

/** The signature of a claim: HMAC-SHA-256 over all of it. */
export function sign({ hash, name, expires, download, mediaType = "" }: Claim, key: Buffer): string {
  // A list in JSON: no two claims have one text.
  const text = JSON.stringify(["ligase-link-1", hash, name, expires, download ? "attachment" : "inline", mediaType]);
  return createHmac("sha256", key).update(text).digest("base64url");
}

/**
 * The path and query of a claim's link.
 *
 * @example
 * ```ts
 * linkPath({ hash, name: "plot.svg", expires: 1796000000, download: false }, key);
 * // "/files/9f86…/plot.svg?expires=1796000000&signature=…"
 * ```
 */
export function linkPath(claim: Claim, key: Buffer): string {
  const { hash, name, expires, download, mediaType } = claim;
  const query = new URLSearchParams({
    expires: String(expires),
    ...(download && { download: "1" }),
    ...(mediaType !== undefined && { type: mediaType }),
    signature: sign(claim, key),
  });
  return `/files/${hash}/${encodeURIComponent(name)}?${query.toString()}`;
}

/**
 * Reads what a link says, and checks it. The signature comes first, so that a forged link learns nothing.
 *
 * @param path - decoded: the content's hash and the name
 * @param now - milliseconds since 1970, by the clock as it stands: a link is judged anew each time
 */
export function readClaim(
  path: { readonly hash: string; readonly name: string },
  query: Readonly<Partial<Record<"expires" | "download" | "type" | "signature", string>>>,
  key: Buffer,
  now: number,
): Claim | LinkProblem {
  const { expires, download, type, signature } = query;
  if (signature === undefined || expires === undefined) return "unsigned";
  if (!SIGNATURE.test(signature) || !TIME.test(expires)) return "forged";
  if (download !== undefined && download !== "1") return "forged";
  if (type === "") return "forged";
  const claim = { ...path, expires: Number(expires), download: download === "1", mediaType: type };
  // Compared as text: a last letter whose idle bits differ decodes to the same bytes, and is not the same link.
  if (!timingSafeEqual(Buffer.from(sign(claim, key)), Buffer.from(signature))) return "forged";
  return claim.expires * 1000 > now ? claim : "expired";
}
