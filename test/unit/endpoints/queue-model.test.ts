/** The queue against a simple model: whatever is done to it in whatever order, nothing accepted is lost. */
import { deepEqual, equal, partialDeepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Bench, bench } from "./queues.ts";

const WORKERS = ["w1", "w2", "w3"];
const MAX_ATTEMPTS = 2;

/** What the queue must think of a job. */
interface Known {
  readonly id: string;
  readonly low: boolean;
  state: string;
  worker: string | undefined;
  attempts: number;
  retries: number;
  /** Its place in the order; a retry moves it to the end. */
  order: number;
}

class Model {
  readonly jobs: Known[] = [];
  order = 0;

  pick(index: number): Known | undefined {
    return this.jobs.length === 0 ? undefined : this.jobs[index % this.jobs.length];
  }

  /** The job that is next. */
  next(): Known | undefined {
    const waiting = this.jobs.filter(({ state }) => state === "IN_QUEUE");
    return waiting.sort((a, b) => Number(a.low) - Number(b.low) || a.order - b.order)[0];
  }

  giveBack(worker: string): void {
    for (const job of this.jobs) {
      if (job.state !== "IN_PROGRESS" || job.worker !== worker) continue;
      job.state = job.attempts >= MAX_ATTEMPTS ? "FAILED" : "IN_QUEUE";
      job.worker = undefined;
    }
  }
}

interface Step {
  readonly says: string;
  run(b: Bench, model: Model): Promise<void>;
}

/** A step; fast-check shows what it says. */
function step(says: string, run: Step["run"]): Step {
  return Object.assign(Object.create({ toString: () => says }), { says, run });
}

const index = fc.nat(30);
const someWorker = fc.constantFrom(...WORKERS);

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([count, low]) =>
      step(`submit ${count}${low ? " low" : ""}`, async (b, model) => {
        const made = await Promise.all(Array.from({ length: count }, () => b.submit({ policy: { lowPriority: low } })));
        for (const { id } of made) {
          model.jobs.push({
            id,
            low,
            state: "IN_QUEUE",
            worker: undefined,
            attempts: 0,
            retries: 0,
            order: ++model.order,
          });
        }
      }),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(someWorker, fc.integer({ min: 1, max: 3 })).map(([worker, max]) =>
      step(`${worker} takes ${max}`, async (b, model) => {
        const taken = await b.take(worker, max);
        const expected: string[] = [];
        for (let job = model.next(); job !== undefined && expected.length < max; job = model.next()) {
          Object.assign(job, { state: "IN_PROGRESS", worker, attempts: job.attempts + 1 });
          expected.push(job.id);
        }
        deepEqual(
          taken.map(({ id }) => id),
          expected,
        );
      }),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(someWorker, index, fc.boolean()).map(([worker, at, good]) =>
      step(`${worker} answers ${at} ${good ? "well" : "badly"}`, async (b, model) => {
        const job = model.pick(at);
        if (!job) return;
        const taken = await b.queue.done(
          worker,
          job.id,
          good ? { state: "COMPLETED", output: "1" } : { state: "FAILED", error: "no" },
        );
        const has = job.state === "IN_PROGRESS" && job.worker === worker;
        equal(taken, has ? "accepted" : "late");
        if (has) job.state = good ? "COMPLETED" : "FAILED";
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: someWorker.map((worker) =>
      step(`${worker} dies`, async (b, model) => {
        await b.queue.lost(worker, "it died");
        model.giveBack(worker);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map((at) =>
      step(`cancel ${at}`, async (b, model) => {
        const job = model.pick(at);
        if (!job) return;
        const open = job.state === "IN_QUEUE" || job.state === "IN_PROGRESS";
        const cancelled = await b.queue.cancel(job.id);
        if (open) job.state = "CANCELLED";
        equal(cancelled?.state, job.state);
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: index.map((at) =>
      step(`retry ${at}`, async (b, model) => {
        const job = model.pick(at);
        if (!job) return;
        const may = job.state === "FAILED";
        const [retried] = await Promise.allSettled([b.queue.retry(job.id)]);
        equal(retried?.status, may ? "fulfilled" : "rejected");
        if (!may) return;
        // Whoever failed it is done with it.
        Object.assign(job, {
          state: "IN_QUEUE",
          worker: undefined,
          attempts: 0,
          retries: job.retries + 1,
          order: ++model.order,
        });
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("closed", "killed").map((how) =>
      step(`the server is ${how}`, async (b, model) => {
        const heard = b.heard.length;
        await b.restart(how);
        // Nothing is announced by that.
        equal(b.heard.length, heard);
        for (const job of model.jobs) {
          if (job.state === "IN_PROGRESS")
            Object.assign(job, { state: "IN_QUEUE", worker: undefined, attempts: job.attempts - 1 });
          // Those that were retried are where they were first.
          job.order = model.jobs.indexOf(job);
        }
        model.order = model.jobs.length;
      }),
    ),
  },
);

async function check(b: Bench, model: Model): Promise<void> {
  for (const job of model.jobs) {
    const is = await b.queue.get(job.id);
    partialDeepStrictEqual(is, { state: job.state, attempts: job.attempts, retries: job.retries });
    // What is in memory is what is recorded, once it has ended.
    const ended = job.state !== "IN_QUEUE" && job.state !== "IN_PROGRESS";
    if (ended) deepEqual(await b.store.getQueueJob(job.id), is);
    const announced = b.heard.filter((line) => line.startsWith(`ended ${job.id} `)).length;
    equal(announced, job.retries + (ended ? 1 : 0));
  }
  const of = (...states: string[]): number => model.jobs.filter(({ state }) => states.includes(state)).length;
  partialDeepStrictEqual(b.queue.counts("fold"), {
    inQueue: of("IN_QUEUE"),
    inProgress: of("IN_PROGRESS"),
    completed: of("COMPLETED"),
    failed: of("FAILED"),
    retried: model.jobs.reduce((sum, { retries }) => sum + retries, 0),
  });
}

/** All that is open is worked off, in order, by one worker. */
async function drain(b: Bench, model: Model): Promise<void> {
  for (const worker of WORKERS) {
    await b.queue.lost(worker, "it died", false);
    for (const job of model.jobs) {
      if (job.state !== "IN_PROGRESS" || job.worker !== worker) continue;
      Object.assign(job, { state: "IN_QUEUE", worker: undefined, attempts: job.attempts - 1 });
    }
  }
  for (let job = model.next(); job !== undefined; job = model.next()) {
    equal((await b.takeOne("last")).id, job.id);
    equal(await b.done(job.id, "last"), "accepted");
    Object.assign(job, { state: "COMPLETED", attempts: job.attempts + 1 });
  }
  deepEqual(await b.take("last"), []);
}

it("does what the model does", async () => {
  const held = fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (list) => {
      const b = await bench({ maxAttempts: MAX_ATTEMPTS });
      const model = new Model();
      for (const each of list) await each.run(b, model);
      await check(b, model);
      await drain(b, model);
      await check(b, model);
      await b.close();
    }),
    { numRuns: 25 },
  );
  await expect(held).resolves.toBeUndefined();
});
