import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../../src/store/index.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { Tables } from "../../../src/store/sqlite/tables.ts";
import { ThreadWriter } from "../../../src/store/sqlite/thread-writer.ts";
import { AdaptiveWriter } from "../../../src/store/sqlite/writer.ts";
import { queueJob } from "./serving-rows.ts";
import * as rows from "./rows.ts";

it("writing goes from this thread to its own in the middle, and nothing is lost", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  const store = await openStore(dir);
  const many = Array.from({ length: 200 }, (_, i) => rows.trivial(`many${i}`));
  const commits = [rows.trivial("before"), rows.together(many), rows.trivial("after")].map((batch) =>
    store.commit(batch),
  );
  await Promise.all(commits);
  expect(await store.listJobs({})).toHaveLength(202);
  await store.close();
  await rm(dir, { recursive: true });
});

it("the queue is written on a thread once it turns out that the disk is slow", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  await (await openStore(dir)).close();
  const location = join(dir, "store.db");
  /** Counts the transactions of this thread, and takes its time over each. */
  class Slow extends Connection {
    transactions = 0;

    override transaction<T>(work: () => T): T {
      this.transactions += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6);
      return super.transaction(work);
    }
  }
  const connection = new Slow(location, { lockTimeoutMs: 1000, cacheKiB: 1000 });
  const settings = { location, lockTimeoutMs: 1000, textsFolder: join(dir, "values"), inlineChars: 1000 };
  const writer = new AdaptiveWriter(new Tables(connection, undefined, 1000), settings, 500);
  for (let i = 0; i < 20; i++) {
    await writer.write({ kind: "commit-queue", batch: { added: [queueJob({ id: `job${i}-u1` })] } });
  }
  await writer.close();
  expect(connection.transactions).toBe(8);
  connection.close();
  const store = await openStore(dir);
  expect(await store.openQueueJobs()).toHaveLength(20);
  await store.close();
  await rm(dir, { recursive: true });
});

it("closing waits for what is under way", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  const store = await openStore(dir, { writer: "thread" });
  const commits = Array.from({ length: 50 }, (_, i) => store.commit(rows.trivial(`job${i}`)));
  await store.close();
  await Promise.all(commits);
  const again = await openStore(dir);
  expect(await again.listJobs({})).toHaveLength(50);
  await again.close();
  await rm(dir, { recursive: true });
});

it("a thread that cannot open the store fails every write, those to come too", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  rmSync(dir, { recursive: true });
  const settings = {
    location: join(dir, "store.db"),
    lockTimeoutMs: 100,
    textsFolder: join(dir, "values"),
    inlineChars: 10,
  };
  const writer = new ThreadWriter(settings, () => false);
  const write = { kind: "commit", batch: rows.trivial("job") } as const;
  await expect(writer.write(write)).rejects.toMatchObject({
    code: "LIGASE_E_STORE_IO",
    message: expect.stringContaining(dir),
  });
  await expect(writer.write(write)).rejects.toMatchObject({ code: "LIGASE_E_STORE_IO" });
  await writer.close();
});
