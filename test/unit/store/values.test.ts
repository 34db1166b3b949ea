import { mkdirSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../../src/store/index.ts";
import * as rows from "./rows.ts";

const LARGE = JSON.stringify("é".repeat(70_000));

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  store = await openStore(dir);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

function files(): string[] {
  const folder = join(dir, "values");
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

async function textOf(hash: string): Promise<string | undefined> {
  return (await store.findValues([hash])).get(hash);
}

describe("a large value", () => {
  it("is kept as a file, a small one is not", async () => {
    const [large, small] = [rows.value(LARGE), rows.value("1")];
    await store.commit({ values: [large, small] });
    expect(files()).toHaveLength(1);
    expect(await textOf(large.hash)).toBe(LARGE);
    expect(await textOf(small.hash)).toBe("1");
  });

  it("is written once", async () => {
    await store.commit({ values: [rows.value(LARGE)] });
    const [name = ""] = files();
    const before = statSync(join(dir, "values", name), { bigint: true });
    await store.commit({ values: [rows.value(LARGE)] });
    expect(statSync(join(dir, "values", name), { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    expect(files()).toEqual([name]);
  });

  it("that becomes small, or other, is read as it was last written", async () => {
    await store.commit({ values: [{ hash: "h", text: LARGE }] });
    await store.commit({ values: [{ hash: "h", text: `${LARGE} ` }] });
    expect(await textOf("h")).toBe(`${LARGE} `);
    await store.commit({ values: [{ hash: "h", text: "1" }] });
    expect(await textOf("h")).toBe("1");
    await store.commit({ values: [{ hash: "h", text: LARGE }] });
    expect(await textOf("h")).toBe(LARGE);
  });

  describe.each([
    ["gone", (path: string) => rmSync(path)],
    ["cut short", (path: string) => truncateSync(path, 10)],
  ])("whose file is %s", (_, damage) => {
    const large = rows.value(LARGE);
    let path: string;

    beforeEach(async () => {
      await store.commit({ values: [large], calls: [rows.call({ bodyValue: large.hash, resultValue: large.hash })] });
      path = join(dir, "values", files()[0] ?? "");
      damage(path);
    });

    it("is missed by name, with a mend", async () => {
      await expect(store.findValues([large.hash])).rejects.toMatchObject({
        code: "LIGASE_E_VALUE_MISSING",
        message: expect.stringContaining(path),
        mend: expect.stringContaining("run again"),
      });
    });

    it("makes its call a miss, and is there again once recorded again", async () => {
      const { key } = rows.call();
      expect((await store.findCalls([key])).size).toBe(0);
      await store.commit({ values: [large] });
      expect((await store.findCalls([key])).get(key)?.resultText).toBe(LARGE);
    });
  });
});

it("a store in memory keeps everything there", async () => {
  const memory = await openStore(":memory:");
  const large = rows.value(LARGE);
  await memory.commit({ runs: [rows.run()], values: [large] });
  expect((await memory.findValues([large.hash])).get(large.hash)).toBe(LARGE);
  expect(await memory.latestRun()).toEqual(rows.run());
  expect(memory.changedElsewhere()).toBe(false);
  await memory.close();
});
