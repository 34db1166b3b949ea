import type { Queue, QueueJob } from "../queue/types.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import type { Worker } from "./worker.ts";

/** Finds pools, and workers that live. */
export interface Holders {
  pool(endpoint: string): EndpointPool | undefined;
  worker(id: string): { readonly worker: Worker; readonly pool: EndpointPool } | undefined;
}

/** Tells pools what happens to jobs. Answers how to stop that. */
export function followJobs(queue: Queue, holders: Holders): () => void {
  /** Who has a job. */
  const byJob = new Map<string, string>();
  const left = (job: QueueJob, isFinished: boolean): ReturnType<Holders["worker"]> => {
    const holder = holders.worker(byJob.get(job.id) ?? "");
    byJob.delete(job.id);
    holder?.pool.left(job.id, holder.worker, isFinished);
    return holder;
  };
  return queue.listen({
    added: (job) => holders.pool(job.endpoint)?.added(),
    taken(job, id) {
      const holder = holders.worker(id);
      if (!holder) return;
      byJob.set(job.id, id);
      holder.pool.taken(job, holder.worker);
    },
    ended: (job) => void left(job, job.state === "COMPLETED" || job.state === "FAILED"),
    returned(job, why) {
      const holder = left(job, false);
      // It was taken from one that lives: the queue has not heard of that for too long.
      if (holder?.worker.isOpen) holder.pool.hung(holder.worker, why);
      holders.pool(job.endpoint)?.added();
    },
    stop(job, id) {
      byJob.delete(job.id);
      const holder = holders.worker(id);
      holder?.pool.stop(job, holder.worker);
    },
    freed(id, worker) {
      byJob.delete(id);
      const holder = holders.worker(worker);
      holder?.pool.freed(id, holder.worker);
    },
  });
}
