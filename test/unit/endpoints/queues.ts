/** Queues on real stores, for tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openQueue, type QueueOptions } from "../../../src/endpoints/queue/index.ts";
import type {
  Answer,
  Queue,
  QueueJob,
  QueueSettings,
  Submission,
  TakenJob,
} from "../../../src/endpoints/queue/types.ts";
import { silentLog } from "../../../src/kernel/index.ts";
import { openStore, type QueueBatch, type Store } from "../../../src/store/index.ts";

export const SETTINGS: QueueSettings = {
  maxQueue: 1000,
  maxAttempts: 3,
  executionTimeout: 60_000,
  ttl: 60_000,
  keepResults: 60_000,
  aggregateStream: true,
};

/** A queue whose server can be ended and started again, and whose disk can be full. */
export class Bench {
  readonly dir: string;
  readonly #options: Partial<QueueOptions>;
  readonly #settings: Partial<QueueSettings>;
  /** What listeners were told, in order: `ended <id> <state>`. */
  readonly heard: string[] = [];
  readonly warnings: string[] = [];
  /** Asked before each commit of the queue: throws what the store throws. */
  before: (batch: QueueBatch) => void = () => {};
  commits = 0;
  #store: Store | undefined;
  #queue: Queue | undefined;

  constructor(dir: string, settings: Partial<QueueSettings>, options: Partial<QueueOptions>) {
    this.dir = dir;
    this.#settings = settings;
    this.#options = options;
  }

  get queue(): Queue {
    if (!this.#queue) throw new Error("the queue is not open");
    return this.#queue;
  }

  get store(): Store {
    if (!this.#store) throw new Error("the store is not open");
    return this.#store;
  }

  async open(): Promise<void> {
    const store = await openStore(this.dir, { writer: "inline" });
    this.#store = store;
    const commitQueue = async (batch: QueueBatch): Promise<void> => {
      this.commits += 1;
      this.before(batch);
      await store.commitQueue(batch);
    };
    const watched = new Proxy(store, {
      get: (target, name) => {
        if (name === "commitQueue") return commitQueue;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const log = { ...silentLog, warn: (message: string) => void this.warnings.push(message) };
    this.#queue = await openQueue({ store: watched, storeDir: this.dir, log, ...this.#options });
    for (const endpoint of ["fold", "other"]) this.queue.configure(endpoint, { ...SETTINGS, ...this.#settings });
    this.queue.listen({
      added: ({ id }) => this.heard.push(`added ${id}`),
      taken: ({ id }, worker) => this.heard.push(`taken ${id} ${worker}`),
      ended: ({ id, state }) => this.heard.push(`ended ${id} ${state}`),
      returned: ({ id, state }) => this.heard.push(`returned ${id}${state === "IN_QUEUE" ? "" : ` as ${state}`}`),
      stop: ({ id }, worker, why) => this.heard.push(`stop ${id} ${worker} ${why}`),
      freed: (id, worker) => this.heard.push(`freed ${id} ${worker}`),
    });
  }

  /** Ends the server, without a word to the queue when it is killed, and starts the next. */
  async restart(how: "closed" | "killed" = "closed"): Promise<void> {
    if (how === "closed") await this.queue.close();
    // What it wanted to record later comes too late.
    await this.store.close();
    await this.open();
  }

  async close(): Promise<void> {
    if (!this.#queue) return;
    await this.queue.close();
    this.#queue = undefined;
    await this.store.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  submit(change: Partial<Submission> = {}): Promise<QueueJob> {
    return this.queue.submit({ endpoint: "fold", sync: false, input: '{"x":1}', ...change });
  }

  /** Takes at most so many, without waiting. */
  take(worker = "w1", max = 1, endpoint = "fold"): Promise<readonly TakenJob[]> {
    return this.queue.take(endpoint, worker, { max, waitMs: 0 });
  }

  /** Takes one that must be there. */
  async takeOne(worker = "w1"): Promise<TakenJob> {
    const [job] = await this.take(worker);
    if (!job) throw new Error("there is no job");
    return job;
  }

  done(id: string, worker = "w1", answer: Answer = { state: "COMPLETED", output: '"ok"' }) {
    return this.queue.done(worker, id, answer);
  }

  /** A job that a worker has. */
  async running(change: Partial<Submission> = {}, worker = "w1"): Promise<string> {
    const { id } = await this.submit(change);
    await this.takeOne(worker);
    return id;
  }

  async stateOf(id: string): Promise<string | undefined> {
    return (await this.queue.get(id))?.state;
  }
}

const open: Bench[] = [];

/** A new queue; it is closed after the test. */
export async function bench(
  settings: Partial<QueueSettings> = {},
  options: Partial<QueueOptions> = {},
): Promise<Bench> {
  const made = new Bench(await mkdtemp(join(tmpdir(), "ligase-queue-")), settings, options);
  await made.open();
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Resolves when something that nobody announces has come about. */
export async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setImmediate(resolve));
}
