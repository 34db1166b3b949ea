/** What a store refuses, with which words. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LigaseError } from "../../../src/kernel/index.ts";
import { openStore } from "../../../src/store/index.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { ensureSchema } from "../../../src/store/sqlite/create.ts";
import { explain } from "../../../src/store/sqlite/errors.ts";
import { SqliteStore } from "../../../src/store/sqlite/store.ts";
import { Tables } from "../../../src/store/sqlite/tables.ts";
import { InlineWriter } from "../../../src/store/sqlite/writer.ts";
import * as rows from "./rows.ts";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  file = join(dir, "store.db");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** The error that something ends with, checked to be one of ours with a mend. */
async function refusal(work: () => Promise<unknown>): Promise<LigaseError> {
  const error: unknown = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof LigaseError)) throw new Error("no refusal", { cause: error });
  expect(error.mend).toBeTruthy();
  return error;
}

async function fill(): Promise<void> {
  const store = await openStore(dir, { writer: "inline" });
  await store.commit({ runs: [rows.run()] });
  await store.commit(rows.together(Array.from({ length: 300 }, (_, i) => rows.trivial(`job${i}`))));
  await store.close();
}

describe("opening a store", () => {
  it("that a newer version wrote is refused, and the store left as it is", async () => {
    await fill();
    const db = new DatabaseSync(file);
    db.exec("pragma user_version = 9999");
    db.close();
    const error = await refusal(() => openStore(dir));
    expect(error.code).toBe("LIGASE_E_STORE_NEWER");
    expect(error.message).toContain("version 9999");
    expect(error.message).toContain(file);
    expect(error.mend).toMatch(/update ligase/);
  });

  it("of random bytes is refused", async () => {
    writeFileSync(file, randomBytes(20_000));
    const error = await refusal(() => openStore(dir));
    expect(error.code).toBe("LIGASE_E_STORE_CORRUPT");
    expect(error.message).toContain("not a Ligase store");
  });

  it("of another program is refused, and left as it is", async () => {
    const db = new DatabaseSync(file);
    db.exec("create table t (x); insert into t values (1)");
    db.close();
    const before = readFileSync(file);
    expect((await refusal(() => openStore(dir))).code).toBe("LIGASE_E_STORE_CORRUPT");
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("that is not there is refused when it shall not be made", async () => {
    const error = await refusal(() => openStore(join(dir, "none"), { create: false }));
    expect(error.code).toBe("LIGASE_E_NO_STORE");
    expect(existsSync(join(dir, "none"))).toBe(false);
  });

  it("where a file is in the way is refused", async () => {
    writeFileSync(join(dir, "file"), "");
    await expect(openStore(join(dir, "file"))).rejects.toThrow();
    mkdirSync(file);
    expect((await refusal(() => openStore(dir))).code).toBe("LIGASE_E_STORE_READ_ONLY");
  });

  it("in a read-only folder is refused", async () => {
    chmodSync(dir, 0o555);
    // Root may write anywhere: a process of its own gives that up first.
    const program = `
      const { openStore } = await import(${JSON.stringify(new URL("../../../src/store/index.ts", import.meta.url).href)});
      if (process.getuid() === 0) process.setuid(65534);
      for (const dir of process.argv.slice(1)) await openStore(dir).catch((error) => console.log(error.code, error.mend));
    `;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", program, dir, join(dir, "deeper")], {
      encoding: "utf8",
    });
    chmodSync(dir, 0o755);
    expect(output.split("\n").slice(0, -1)).toEqual(
      Array(2).fill(expect.stringMatching(/^LIGASE_E_STORE_READ_ONLY make its folder writable/)),
    );
  });

  it("on a network file system is refused before anything is written", async () => {
    const error = await refusal(() => openStore(dir, { fileSystem: { type: () => 0x6969, mountinfo: () => "" } }));
    expect(error.code).toBe("LIGASE_E_STORE_NETWORK");
    expect(error.message).toContain("NFS");
    expect(error.mend).toMatch(/local disk.*work directory/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("that is locked for too long is refused", async () => {
    const other = new DatabaseSync(file);
    other.exec("begin exclusive; create table t (x)");
    const error = await refusal(() => openStore(dir, { lockTimeoutMs: 50 }));
    other.close();
    expect(error.code).toBe("LIGASE_E_STORE_LOCKED");
  });
});

describe("a store that is open", () => {
  it("says so when it turns out to be damaged", async () => {
    await fill();
    // The first half stays: it opens, and breaks where it is read.
    const bytes = readFileSync(file);
    bytes.fill(0xa5, bytes.length / 2);
    writeFileSync(file, bytes);
    const store = await openStore(dir, { writer: "inline" });
    const error = await refusal(() => store.listJobs({}));
    await store.close();
    expect(error.code).toBe("LIGASE_E_STORE_CORRUPT");
    expect(error.message).toContain(file);
    expect(error.facts["damage"]).toMatch(/page|tree/i);
  });

  it("says so when it was cut short", async () => {
    await fill();
    truncateSync(file, 40_000);
    const error = await refusal(async () => {
      const store = await openStore(dir, { writer: "inline" });
      try {
        await store.listJobs({});
        await store.commit(rows.trivial("another"));
      } finally {
        await store.close();
      }
    });
    expect(error.code).toBe("LIGASE_E_STORE_CORRUPT");
  });

  it("says so when another program wrote nonsense into it", async () => {
    await fill();
    const db = new DatabaseSync(file);
    db.exec("update runs set argv = '{}', started_at = 'yesterday'");
    db.close();
    const store = await openStore(dir);
    expect((await refusal(() => store.listRuns())).code).toBe("LIGASE_E_STORE_CORRUPT");
    await store.close();
  });

  it("says so when the disk is full, keeps what was there, and goes on when there is space", async () => {
    const connection = new Connection(file, { lockTimeoutMs: 1000, cacheKiB: 1000 });
    await ensureSchema(connection);
    const tables = new Tables(connection, undefined, 0);
    const store = new SqliteStore(tables, new InlineWriter(tables));
    await store.commit(rows.trivial("before"));
    const pages = Number(connection.db.prepare("pragma page_count").get()?.["page_count"]);
    connection.db.exec(`pragma max_page_count = ${pages + 2}`);
    const large = {
      values: [rows.value(JSON.stringify("x".repeat(100_000)))],
      ...rows.together([{ jobs: [rows.job({ id: "after" })] }]),
    };
    const error = await refusal(() => store.commit(large));
    expect(error.code).toBe("LIGASE_E_DISK_FULL");
    expect(error.mend).toMatch(/free some space/);
    expect(await store.getJob("before")).toBeDefined();
    expect(await store.getJob("after")).toBeUndefined();
    connection.db.exec("pragma max_page_count = 1000000");
    await store.commit(large);
    expect(await store.getJob("after")).toBeDefined();
    await store.close();
  });

  it("says so when a large value finds the disk full", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    expect(explain(full, file)).toMatchObject({ code: "LIGASE_E_DISK_FULL", facts: { path: file } });
  });

  it.each(["inline", "thread"] as const)("says so when another holds the lock for too long (%s)", async (writer) => {
    const store = await openStore(dir, { writer, lockTimeoutMs: 50 });
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    const error = await refusal(() => store.commit(rows.trivial("job")));
    expect(error.code).toBe("LIGASE_E_STORE_LOCKED");
    expect(error.message).toContain(file);
    // Reading goes on meanwhile, and writing afterwards.
    expect(await store.getJob("job")).toBeUndefined();
    other.exec("commit");
    other.close();
    await store.commit(rows.trivial("job"));
    expect(await store.getJob("job")).toBeDefined();
    await store.close();
  });
});
