import type { Log } from "../../kernel/index.ts";
import type { Store } from "../../store/types.ts";
import type { Queue } from "./types.ts";

/** What the queue is opened with. */
export interface QueueOptions {
  readonly store: Store;
  readonly storeDir: string;
  readonly log: Log;
  /** The clock. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Opens the queue of a store: what was accepted before is there again. */
export function openQueue(_options: QueueOptions): Promise<Queue> {
  throw new Error("not built yet");
}
