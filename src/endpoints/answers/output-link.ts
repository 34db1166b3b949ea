import { createHmac, timingSafeEqual } from "node:crypto";

/** Base64 for URLs: what an HMAC of 32 bytes comes to. */
const SIGNATURE = /^[\w-]{43}$/;
const TIME = /^[1-9]\d{0,10}$/;

function sign(endpoint: string, job: string, expires: number, key: Buffer): string {
  // A list in JSON: no two claims have one text; and none is that of a link to a file.
  const text = JSON.stringify(["ligase-job-output-1", endpoint, job, expires]);
  return createHmac("sha256", key).update(text).digest("base64url");
}

/**
 * The path and query of a link to the output of a job.
 *
 * @param expires - when it ends: seconds since 1970
 * @param key - the key that signs the links of the store
 */
export function outputPath(endpoint: string, job: string, expires: number, key: Buffer): string {
  const signature = sign(endpoint, job, expires, key);
  return `/v2/${encodeURIComponent(endpoint)}/output/${encodeURIComponent(job)}?expires=${expires}&signature=${signature}`;
}

/** Is this such a link, and does it still hold? The signature comes first, so that a forged link learns nothing. */
export function isOutputLink(
  { endpoint, job, expires, signature }: Readonly<Record<"endpoint" | "job" | "expires" | "signature", string>>,
  key: Buffer,
  now: number,
): "good" | "forged" | "expired" {
  if (!SIGNATURE.test(signature) || !TIME.test(expires)) return "forged";
  const right = sign(endpoint, job, Number(expires), key);
  if (!timingSafeEqual(Buffer.from(right), Buffer.from(signature))) return "forged";
  return Number(expires) * 1000 > now ? "good" : "expired";
}
