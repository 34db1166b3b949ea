import { describe, expect, it } from "vitest";
import { DiskGuard, freeBytes, type LowDisk } from "../../../src/files/index.ts";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

describe("freeBytes", () => {
  it("measures the disk of a folder that is not there yet", async () => {
    expect(await freeBytes(join(tempDir(), "not/yet"))).toBeGreaterThan(0);
  });
});

describe("DiskGuard", () => {
  /** A guard over a disk whose free space is what the test says. */
  function guard(free: { bytes: number }, options: { floor?: number; total?: number } = {}) {
    const told: LowDisk[] = [];
    let looks = 0;
    const made = new DiskGuard("/data", {
      ...(options.floor !== undefined && { floor: options.floor }),
      interval: 5,
      onLow: (low) => told.push(low),
      measure: async () => (looks++, { free: free.bytes, total: options.total ?? 1e12 }),
    });
    return { made, told, looks: () => looks };
  }

  it("lets jobs pass while there is room, with one look for many", async () => {
    const { made, told, looks } = guard({ bytes: 2e9 });
    await Promise.all(Array.from({ length: 1000 }, () => made.whenFree()));
    await made.whenFree();
    expect([told, looks()]).toEqual([[], 1]);
  });

  it("holds them back while there is not, says so once, and lets them go", async () => {
    const free = { bytes: 5 };
    const { made, told, looks } = guard(free, { floor: 10 });
    let passed = 0;
    const all = Promise.all([1, 2, 3].map(() => made.whenFree().then(() => passed++)));
    while (looks() < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(passed).toBe(0);
    expect(told).toEqual([{ free: 5, floor: 10, dir: "/data" }]);
    free.bytes = 10;
    await all;
    expect(passed).toBe(3);
  });

  it("stops waiting when told to, for that one alone", async () => {
    const free = { bytes: 5 };
    const { made } = guard(free, { floor: 10 });
    const stop = new AbortController();
    const stopped = made.whenFree(stop.signal);
    const other = made.whenFree();
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: "LIGASE_E_DISK_LOW", facts: { dir: "/data" } });
    free.bytes = 11;
    await other;
    await expect(made.whenFree(AbortSignal.abort())).resolves.toBeUndefined();
  });

  it("keeps 1 GiB free, or 5 % of a small disk", async () => {
    expect(await guard({ bytes: 2 ** 30 - 1 }).made.check()).toMatchObject({ floor: 2 ** 30 });
    expect(await guard({ bytes: 2 ** 30 }).made.check()).toBeUndefined();
    expect(await guard({ bytes: 49 }, { total: 1000 }).made.check()).toMatchObject({ floor: 50 });
  });
});
