import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Watcher, type WatcherOptions } from "../../src/cli/watch/watcher.ts";
import { until } from "./project.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A folder, a watcher and what it told. */
function watched(options: Partial<WatcherOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "ligase-watch-"));
  const told: string[][] = [];
  const watcher = new Watcher({ onChange: (paths) => told.push([...paths]), settleMs: 30, ...options });
  open.push(watcher, { close: () => rmSync(dir, { recursive: true }) });
  const path = (name: string): string => join(dir, name);
  const write = (name: string, text: string): void => writeFileSync(path(name), text);
  return { dir, told, watcher, path, write };
}

/** How many folders the system watches for this process. */
function watches(): number {
  const files = readdirSync("/proc/self/fdinfo").map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
    } catch {
      return "";
    }
  });
  return files.join("\n").match(/^inotify wd:/gm)?.length ?? 0;
}

const NEVER = 10_000_000;

describe("Watcher", () => {
  it("tells what changed, together, when it is written, replaced, removed or new", async () => {
    const { told, watcher, path, write } = watched({ pollMs: NEVER });
    for (const name of ["a", "b", "c"]) write(name, "1");
    await watcher.add(["a", "b", "c", "new"].map(path));
    write("a", "2");
    write("tmp", "2");
    renameSync(path("tmp"), path("b"));
    await until(() => told.length > 0, "the first change");
    expect(told[0]!.toSorted()).toEqual([path("a"), path("b")]);
    rmSync(path("c"));
    write("new", "1");
    await until(() => told.flat().length >= 4, "the others");
    expect(told.slice(1).flat().toSorted()).toEqual([path("c"), path("new")]);
  });

  it("does not wait for the end of what is written to all the time", async () => {
    const { told, watcher, path, write } = watched({ pollMs: NEVER, settleMs: 60 });
    write("a", "0");
    await watcher.add([path("a")]);
    let edits = 0;
    await until(() => {
      write("a", String(++edits));
      return told.length > 0;
    }, "the first change");
    expect(told[0]).toEqual([path("a")]);
  });

  it("is silent about what is as it was, and what it does not watch", async () => {
    const { told, watcher, path, write } = watched({ pollMs: 40 });
    write("a", "1");
    write("b", "1");
    await watcher.add([path("a")]);
    write("a", "1");
    utimesSync(path("a"), 1, 1);
    write("b", "2");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).toEqual([]);
    write("a", "2");
    await until(() => told.length > 0, "the change");
    expect(told).toEqual([[path("a")]]);
  });

  it("looks by itself now and then, where the system says nothing", async () => {
    const { told, watcher, path, write } = watched({ pollMs: 40 });
    mkdirSync(path("data/deep"), { recursive: true });
    // No folder to be watched yet, and a folder whose members lie deeper.
    await watcher.add([path("later/a"), path("data")]);
    mkdirSync(path("later"));
    write("later/a", "1");
    await until(() => told.length > 0, "the file");
    expect(told).toEqual([[path("later/a")]]);
    write("data/deep/x", "1");
    await until(() => told.length > 1, "the member");
    expect(told[1]).toEqual([path("data")]);
  });

  it("takes a file that was changed after a time for changed", async () => {
    const { told, watcher, path, write } = watched({ pollMs: NEVER });
    write("old", "1");
    utimesSync(path("old"), 1, 1);
    const since = Date.now() - 1000;
    write("young", "1");
    await watcher.add([path("old"), path("young")], since);
    await until(() => told.length > 0, "the young one");
    expect(told).toEqual([[path("young")]]);
  });

  it("takes new code in a folder into account, until it is told what counts", async () => {
    const { told, watcher, path, write, dir } = watched({ pollMs: NEVER });
    write("a.ts", "1");
    await watcher.add([path("a.ts")]);
    watcher.addFolders([dir]);
    write("log.txt", "1");
    write(".hidden.ts", "1");
    write("new.ts", "1");
    await until(() => told.length > 0, "the new file");
    expect(told).toEqual([[path("new.ts")]]);
    watcher.keep(new Set([path("a.ts")]));
    write("other.ts", "1");
    write("a.ts", "2");
    await until(() => told.length > 1, "the change");
    expect(told[1]).toEqual([path("a.ts")]);
    expect(watcher.size).toBe(1);
  });

  it("leaves nothing behind", async () => {
    const before = watches();
    const { watcher, path, write } = watched();
    write("a", "1");
    mkdirSync(path("sub"));
    write("sub/b", "1");
    await watcher.add([path("a"), path("sub/b")]);
    expect(watches()).toBe(before + 2);
    watcher.keep(new Set([path("a")]));
    expect(watches()).toBe(before + 1);
    watcher.close();
    expect(watches()).toBe(before);
  });
});
