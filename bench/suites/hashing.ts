import { closeSync, openSync, readSync, writeSync, mkdtempSync, rmSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hasher } from "../../src/files/hasher.ts";
import { measure } from "../lib/process.ts";
import { summarise, takeTurns, type Sample } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

async function timed(work: () => unknown): Promise<Sample> {
  const start = process.hrtime.bigint();
  await work();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9 };
}

/** Writes a file of random bytes, a mebibyte that repeats. */
function fill(path: string, size: number): void {
  const block = randomBytes(Math.min(size, 1 << 20));
  const fd = openSync(path, "w");
  for (let written = 0; written < size; written += block.length) writeSync(fd, block);
  closeSync(fd);
}

function readAlone(path: string): void {
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const fd = openSync(path, "r");
  while (readSync(fd, buffer) > 0);
  closeSync(fd);
}

/** The digest of as many bytes that are in memory already: what no fingerprint on one thread can beat. */
function digestAlone(size: number): void {
  const block = randomBytes(1 << 20);
  const digest = createHash("sha256");
  for (let done = 0; done < size; done += block.length) digest.update(block);
  digest.digest();
}

const ignore = (): void => {};

/** How fast content becomes a fingerprint. */
export const suite: Suite = {
  name: "hashing",
  title: "Fingerprints",
  about:
    "SHA-256 of files that lie in the page cache, against reading them alone and against the digest of memory alone, both on one thread, and against sha256sum: one large file, and two at once.",
  async measure({ rounds, shrink }) {
    const folder = mkdtempSync(join(tmpdir(), "ligase-bench-"));
    const hasher = new Hasher();
    try {
      const size = Math.ceil(512 / shrink) << 20;
      const paths = ["a", "b"].map((name) => join(folder, name));
      for (const path of paths) fill(path, size);
      const [one] = paths as [string, string];
      const samples = await takeTurns(rounds, {
        read: () => timed(() => readAlone(one)),
        digest: () => timed(() => digestAlone(size)),
        sha256sum: () => measure("sha256sum", [one]),
        one: () => timed(() => hasher.hashFile(one, ignore)),
        both: () => timed(() => Promise.all(paths.map((path) => hasher.hashFile(path, ignore)))),
      });
      const against = { name: "digest", samples: samples.digest };
      const count = { n: size, of: "bytes" };
      const twice = { n: 2 * size, of: "bytes" };
      return [
        summarise("reading one file", samples.read, { count }),
        summarise("digest of memory alone", samples.digest, { count }),
        summarise("sha256sum", samples.sha256sum, { count, against }),
        summarise("ligase, one file", samples.one, { count, against }),
        summarise("ligase, two files at once", samples.both, { count: twice, against }),
      ];
    } finally {
      await hasher.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
