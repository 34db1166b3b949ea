import type { Pools } from "../pool/types.ts";
import type { Queue } from "../queue/types.ts";
import type { Statistics } from "../services.ts";

/** Counts what passes through endpoints, from now on. */
export function createStatistics(_options: { readonly queue: Queue; readonly pools: Pools }): Statistics {
  throw new Error("not built yet");
}
