/**
 * Lock files, and what stands for an image in a cache key.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  imageKey,
  type ImageLock,
  LOCK_FILE,
  locksOf,
  makeLock,
  mismatches,
  readLock,
  writeLock,
} from "../../../src/images/lock/index.ts";

const root = mkdtempSync(join(tmpdir(), "ligase-lock-"));
afterAll(() => rmSync(root, { recursive: true }));

const lock: ImageLock = makeLock({
  identity: "a".repeat(40),
  title: "debian 12, apt bwa",
  digest: `sha256:${"b".repeat(64)}`,
  packages: { apt: { zlib1g: "1.2", bwa: "0.7.17" } },
  archives: [
    { manager: "pip", name: "six", version: "1.17.0", sha256: "1".repeat(64) },
    { manager: "apt", name: "bwa", version: "0.7.17", sha256: "2".repeat(64) },
  ],
  snapshots: ["20260102T000000Z", "20260101T000000Z"],
  resolved: null,
});

describe("a lock file", () => {
  it("is nothing where there is none", () => {
    expect(readLock(join(root, "nowhere"))).toBeUndefined();
    expect(locksOf(join(root, "nowhere"))(lock.identity)).toBeUndefined();
  });

  it("is read back, and is the same text whatever order things came in", () => {
    writeLock(root, { format: 1, images: { [lock.identity]: lock } });
    const text = readFileSync(join(root, LOCK_FILE), "utf8");
    expect(readLock(root)?.images[lock.identity]).toEqual(lock);
    expect(locksOf(root)(lock.identity)).toEqual(lock);
    expect(text.indexOf('"bwa": "0.7.17"')).toBeLessThan(text.indexOf('"zlib1g"'));
    const { identity, ...rest } = lock;
    writeLock(root, { images: { [identity]: { ...rest, identity } }, format: 1 });
    expect(readFileSync(join(root, LOCK_FILE), "utf8")).toBe(text);
  });

  it.each([
    ["no JSON", "{", "it is no JSON"],
    ["another version", '{"format":2,"images":{}}', "another version"],
    ["a damaged entry", '{"format":1,"images":{"a":{"identity":"a"}}}', "not a lock"],
  ])("that is %s is refused", (_, text, why) => {
    writeFileSync(join(root, LOCK_FILE), text);
    expect(() => readLock(root)).toThrow(
      expect.objectContaining({ code: "LIGASE_E_IMAGE_LOCK", message: expect.stringContaining(why) }),
    );
  });
});

describe("an image's part of a cache key", () => {
  const image = { identity: lock.identity };

  it("is its identity alone, with its lock, or with what a tag was found to be", () => {
    expect(imageKey(image)).toBe(lock.identity);
    expect(imageKey(image, undefined, "sha256:1")).toBe(`${lock.identity}@sha256:1`);
    expect(imageKey(image, lock)).toMatch(new RegExp(`^${lock.identity}\\+[0-9a-f]{40}$`));
    // A lock holds the digest already.
    expect(imageKey(image, lock, "sha256:1")).toBe(imageKey(image, lock));
  });

  it("changes with any version in the lock", () => {
    const other = { ...lock, packages: { apt: { ...lock.packages["apt"], bwa: "0.7.18" } } };
    expect(imageKey(image, other)).not.toBe(imageKey(image, lock));
  });
});

describe("what is installed otherwise than it was locked", () => {
  it("is named; what the lock does not know is not", () => {
    const found = { apt: { bwa: "0.7.18", zlib1g: "1.2", other: "1" }, pip: { six: "2" } };
    expect(mismatches(lock, found, ["apt", "pip"])).toEqual([
      { manager: "apt", name: "bwa", locked: "0.7.17", found: "0.7.18" },
    ]);
  });
});
