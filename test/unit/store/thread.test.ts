import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../../src/store/index.ts";
import { ThreadWriter } from "../../../src/store/sqlite/thread-writer.ts";
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
