import type { Log } from "../../kernel/index.ts";
import type { Store } from "../../store/types.ts";
import type { Queue } from "../queue/types.ts";

/** Tells others of the end of jobs, those of before included. */
export function startWebhooks(_options: {
  readonly store: Store;
  readonly storeDir: string;
  readonly queue: Queue;
  readonly log: Log;
}): { close(): Promise<void> } {
  throw new Error("not built yet");
}
