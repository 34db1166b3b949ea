import type { HandWorker } from "./serving.ts";

/** A job as a worker gets it. */
export type Taken = Awaited<ReturnType<HandWorker["take"]>>;

/** Works off jobs, one after the other, until it is told to stop: what a handler does is said by the test. */
export function workOff(worker: HandWorker, handle: (job: Taken) => unknown): { stop(): Promise<void> } {
  const control = new AbortController();
  const loop = (async () => {
    while (!control.signal.aborted) {
      const answer = await worker.ask(`job-take/${worker.id}?gpu=cpu`, undefined, control.signal);
      if (answer.status !== 200) continue;
      const job = (await answer.json()) as Taken;
      const said = await handle(job);
      if (said !== undefined) await worker.done(job.id, said);
    }
  })().catch((error: unknown) => {
    if (!control.signal.aborted) throw error;
  });
  return {
    async stop() {
      control.abort();
      await loop;
    },
  };
}
