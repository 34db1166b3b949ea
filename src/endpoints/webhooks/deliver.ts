import { createHmac } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { VERSION } from "../../kernel/index.ts";
import { checkWebhook, lookupWithin, type Reach } from "./address.ts";

/** What a receiver is told. */
export interface Delivery {
  readonly url: string;
  /** The id of the job. */
  readonly job: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** JSON. */
  readonly body: string;
}

/** How it is told. */
export interface DeliveryOptions {
  /** What signs it: the text of the store's key. */
  readonly secret: string;
  readonly reach: Reach;
  /** Milliseconds that the receiver has in all. */
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * The signature of a body: HMAC-SHA-256 over the time, a point, and the body.
 *
 * @param timestamp - seconds since 1970, as `X-Ligase-Timestamp` says it
 * @param secret - the text of `webhook.key`
 */
export function signatureOf(body: string, timestamp: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex")}`;
}

/**
 * Posts a body once. Redirects are not followed: they would lead around what was checked.
 *
 * @returns nothing when it was taken, else why not, in words
 */
export function deliver(
  { url, job, attempt, body }: Delivery,
  { secret, reach, timeoutMs, now, signal }: DeliveryOptions,
): Promise<string | undefined> {
  const timestamp = String(Math.floor(now() / 1000));
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "User-Agent": `ligase/${VERSION}`,
    "X-Ligase-Job": job,
    "X-Ligase-Attempt": attempt,
    "X-Ligase-Timestamp": timestamp,
    "X-Ligase-Signature": signatureOf(body, timestamp, secret),
  };
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve(error.name === "TimeoutError" ? `no answer within ${timeoutMs / 1000} s` : error.message);
    };
    try {
      // What was allowed when the job came may not be any more.
      const target = new URL(checkWebhook(url, reach));
      const request = (target.protocol === "https:" ? requestHttps : requestHttp)(
        target,
        {
          method: "POST",
          agent: false,
          headers,
          lookup: lookupWithin(reach),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        },
        (response) => {
          const status = response.statusCode ?? 0;
          // What it says besides is of no interest, however much it is.
          response.destroy();
          resolve(status >= 200 && status < 300 ? undefined : `it answered ${status}`);
        },
      );
      request.on("error", (error) => fail(signal.aborted ? error : causeOf(error)));
      request.end(body);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** An abort says why it was aborted. */
function causeOf(error: Error): Error {
  return error.name === "AbortError" && error.cause instanceof Error ? error.cause : error;
}
