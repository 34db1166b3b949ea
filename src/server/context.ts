import type { Services } from "../endpoints/index.ts";
import type { Fingerprints } from "../files/index.ts";
import type { Log } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";

/** What is told of a request. A link's signature is a key, so nothing of the query is. */
export interface RequestFacts {
  /** When it came, as ISO 8601. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Bytes of the answer; null where that is not known before. */
  readonly bytes: number | null;
  /** Until the answer began. */
  readonly ms: number;
  readonly range?: string;
}

/** What the routes answer with. */
export interface ServerContext {
  /** The store's folder. */
  readonly storeDir: string;
  readonly store: Store;
  /** Tells whether a file still has the content that the record names. */
  readonly fingerprints: Pick<Fingerprints, "file">;
  /** Signs links. */
  readonly key: Buffer;
  /** Names of hosts that it answers to, beside addresses and `localhost`. */
  readonly hosts: ReadonlySet<string>;
  /** The clock: milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** The queue, the workers, what is deployed. */
  readonly services: Services;
  /** How it is reached. */
  readonly url: string;
  readonly startedAt: number;
  /** Origins of pages that may call it from a browser; none by default. */
  readonly cors?: readonly string[] | undefined;
  /** How many requests a second a key may make; 0 for any number. */
  readonly rateLimit?: number | undefined;
  /** Whom jobs may tell of their end: `public` addresses alone by default. */
  readonly webhooks?: "public" | "any" | undefined;
  /** Bytes of an output, as JSON, that still go into a status; larger ones are a link. Default 20 MB. */
  readonly largestOutput?: number | undefined;
  /** Hears of each request when it was answered. */
  readonly onRequest?: ((facts: RequestFacts) => void) | undefined;
}
