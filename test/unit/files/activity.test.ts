import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Activities,
  ActivityBoard,
  File,
  Fingerprints,
  stage,
  withWorkDir,
  WorkDir,
} from "../../../src/files/index.ts";
import { tempDir } from "./temp-dir.ts";

const MIB = 2 ** 20;

/** A board whose time is set by hand, in milliseconds. */
function board() {
  const clock = { now: 0 };
  return { clock, board: new ActivityBoard(() => clock.now) };
}

/** Writes down what is said, with the bytes of each. */
function listener(): {
  activities: Activities;
  said: { kind: string; total: number | undefined; moved: number; ended: boolean }[];
} {
  const said: { kind: string; total: number | undefined; moved: number; ended: boolean }[] = [];
  const activities: Activities = {
    begin(kind, _what, total) {
      const each = { kind, total, moved: 0, ended: false };
      said.push(each);
      return {
        at: (_done, all) => (each.total = all),
        moved: (bytes) => (each.moved += bytes),
        end: () => (each.ended = true),
      };
    },
  };
  return { activities, said };
}

describe("ActivityBoard", () => {
  it("adds up what goes on by kind, from its first second on", () => {
    const { clock, board: all } = board();
    const [a, b] = [all.begin("hash", "a", 100), all.begin("hash", "b", 300)];
    const host = all.begin("fetch", "ftp.example.org");
    a.moved(50);
    clock.now = 999;
    expect(all.read()).toEqual([]);
    clock.now = 1000;
    b.moved(150);
    expect(all.read()).toMatchObject([
      { kind: "hash", what: undefined, count: 2, done: 200, total: 400 },
      { kind: "fetch", what: "ftp.example.org", count: 1, done: 0, total: undefined, rate: 0 },
    ]);
    a.end();
    host.at(10, 20);
    expect(all.read()).toMatchObject([
      // What was not read of it is not waited for.
      { what: "b", count: 1, done: 200, total: 350 },
      { done: 10, total: 20 },
    ]);
  });

  it("knows the rate of the last seconds, to which what was there before adds nothing", () => {
    const { clock, board: all } = board();
    const file = all.begin("fetch", "host");
    file.at(1_000_000, 2_000_000);
    const run = (seconds: number, bytes: number): number => {
      for (let i = 0; i < seconds * 10; i++) {
        clock.now += 100;
        file.moved(bytes / 10);
        all.read();
      }
      return all.read()[0]!.rate;
    };
    expect(run(5, 1000)).toBeCloseTo(1000, 0);
    expect(run(1, 4000)).toBeGreaterThan(1500);
    expect(run(20, 4000)).toBeCloseTo(4000, -1);
    expect(run(30, 0)).toBeLessThan(1);
  });

  it("takes what follows at once for the same work, and what comes later for another", () => {
    const { clock, board: all } = board();
    for (let i = 0; i < 3; i++) {
      const file = all.begin("hash", `file${i}`, 30 * MIB);
      clock.now += 600;
      file.moved(30 * MIB);
      file.end();
      clock.now += 200;
    }
    expect(all.read()).toMatchObject([{ done: 90 * MIB, total: 90 * MIB, count: 0, what: "file2" }]);
    clock.now += 900;
    expect(all.read()).toEqual([]);
    all.begin("hash", "late", 5);
    clock.now += 1000;
    expect(all.read()).toMatchObject([{ done: 0, total: 5, what: "late" }]);
  });

  it("says nothing of a little now and then", () => {
    const { clock, board: all } = board();
    for (let i = 0; i < 20; i++) {
      const file = all.begin("hash", `file${i}`, 1000);
      clock.now += 500;
      expect(all.read()).toEqual([]);
      file.moved(1000);
      file.end();
      clock.now += 100;
    }
  });
});

describe("activities", () => {
  it("are told by what reads, copies in and publishes, to the last byte", async () => {
    const dir = tempDir();
    const { activities, said } = listener();
    const size = 3 << 20;
    const file = new File(join(dir, "reads.fq"));
    writeFileSync(file.path, Buffer.alloc(size, 7));
    const fingerprints = new Fingerprints({ activities });
    await fingerprints.settle([file]);
    await fingerprints.close();
    await stage([file], tempDir(), { how: "symlink", activities });
    await stage([file], tempDir(), { how: "copy", activities });
    const published = join(dir, "out", "reads.fq");
    await withWorkDir(new WorkDir(join(dir, "work"), activities), () => file.publish(published));
    expect(readFileSync(published)).toHaveLength(size);
    expect(said).toEqual(["hash", "stage", "publish"].map((kind) => ({ kind, total: size, moved: size, ended: true })));
  });

  it("end when the work fails", async () => {
    const { activities, said } = listener();
    await using server = createServer((_, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const fingerprints = new Fingerprints({ activities, cacheDir: tempDir() });
    await expect(fingerprints.settle([new File(`http://127.0.0.1:${port}/none`)])).rejects.toMatchObject({
      code: "LIGASE_E_FETCH",
    });
    await fingerprints.close();
    expect(said).toMatchObject([{ kind: "fetch", moved: 0, ended: true }]);
  });
});
