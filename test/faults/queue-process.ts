/**
 * A server's queue under load, for tests that kill it.
 *
 *     node queue-process.ts <store> <clients>
 *
 * Writes a line for what it announces, at once: `accepted <id>`, `ended <id> <state> <bytes of output>`. Workers answer,
 * stream, fail and die; clients submit, and cancel now and then. Some inputs and outputs are large.
 */
import { writeSync } from "node:fs";
import { openQueue } from "../../src/endpoints/queue/index.ts";
import { openStore } from "../../src/store/index.ts";

const [dir = "", clients = "0"] = process.argv.slice(2);
const store = await openStore(dir, { writer: Math.random() < 0.5 ? "inline" : "thread" });
const log = { debug() {}, info() {}, warn: (message: string) => say(`warning ${message}`) };
const queue = await openQueue({ store, storeDir: dir, log, inlineChars: 5000 });
queue.configure("fold", {
  maxQueue: 1e6,
  maxAttempts: 1000,
  executionTimeout: 600_000,
  ttl: 600_000,
  keepResults: 600_000,
  aggregateStream: true,
});
queue.listen({ ended: ({ id, state, outputSize }) => say(`ended ${id} ${state} ${outputSize ?? 0}`) });

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const chance = (one: number): boolean => Math.random() * one < 1;

async function client(): Promise<void> {
  for (;;) {
    const input = JSON.stringify({ text: "x".repeat(chance(20) ? 8000 : 10) });
    const { id } = await queue.submit({ endpoint: "fold", sync: chance(2), input });
    say(`accepted ${id}`);
    if (chance(10)) await queue.cancel(id);
    else await queue.wait(id, 600_000);
  }
}

async function worker(name: string): Promise<void> {
  for (let life = 0; ; life++) {
    const id = `${name}-${life}`;
    while (!chance(20)) {
      for (const job of await queue.take("fold", id, { max: 2, waitMs: 600_000 })) {
        if (chance(5)) await queue.chunk(id, job.id, '"chunk"');
        // The size of the output says what input it was made of.
        const output = JSON.stringify(job.input);
        await queue.done(id, job.id, chance(10) ? { state: "FAILED", error: "no" } : { state: "COMPLETED", output });
      }
    }
    void queue.take("fold", id, { max: 2, waitMs: 0 }).then(() => queue.lost(id, "it died"));
  }
}

say("ready");
for (let i = 0; i < Number(clients); i++) void client();
for (let i = 0; i < 4; i++) void worker(`w${i}`);
