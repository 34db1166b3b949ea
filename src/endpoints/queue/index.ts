/**
 * The durable queue of all endpoints. Jobs lie in the store; what is open is in memory too, with the waits of clients and
 * workers, so that nothing is ever polled. What is accepted, or has ended, is announced once it is recorded.
 *
 * It must not know HTTP, worker processes, nor what a job does.
 *
 * @module
 */
import { JobQueue } from "./queue.ts";
import type { QueueOptions } from "./state.ts";
import type { Queue } from "./types.ts";

export type { QueueOptions } from "./state.ts";

/**
 * Opens the queue of a store: what was accepted before is there again.
 *
 * @throws LigaseError of the store
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const queue = new JobQueue(options);
  await queue.load();
  return queue;
}
