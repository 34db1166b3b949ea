/**
 * One build of one thing, however many ask, and whenever builders die.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tryLock } from "../../../src/files/lock.ts";
import { withBuild } from "../../../src/images/build/index.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-flight-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const find = (): string | undefined =>
  existsSync(join(dir, "made")) ? readFileSync(join(dir, "made"), "utf8") : undefined;

/** Makes the thing as builders do: in the folder it is given, moved to its place at the end. */
async function make(folder: string, text: string): Promise<string> {
  writeFileSync(join(folder, "part"), text);
  await wait(20);
  renameSync(join(folder, "part"), join(dir, "made"));
  return text;
}

const PROGRAM = `
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { withBuild } from ${JSON.stringify(new URL("../../../src/images/build/flight.ts", import.meta.url).href)};
const [dir, name, holds] = process.argv.slice(2);
const made = join(dir, "made");
await withBuild(dir, "key", () => (existsSync(made) ? readFileSync(made, "utf8") : undefined), async (folder) => {
  writeFileSync(join(folder, "half"), name);
  console.log("building");
  // However slow the machine is: until the test says so.
  while (holds === "held" && !existsSync(join(dir, "go"))) await wait(10);
  renameSync(join(folder, "half"), made);
  return name;
}, { onWait: () => console.log("waiting") });
console.log("done", readFileSync(made, "utf8"));
`;

/** A process that builds the thing, and what it prints. */
function builder(name: string, holds: "held" | "quick") {
  const file = join(dir, "builder.ts");
  writeFileSync(file, PROGRAM);
  const child = spawn(process.execPath, [file, dir, name, holds], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return {
    child,
    text: () => text,
    async says(word: string) {
      while (!text.includes(word)) {
        if (child.exitCode !== null) throw new Error(`it ended without saying ${word}: ${text}`);
        await Promise.race([once(child.stdout, "data"), once(child, "close")]);
      }
    },
    ended: once(child, "close"),
  };
}

describe("withBuild", () => {
  it("makes a thing once, however many ask at once", async () => {
    let times = 0;
    const ask = () =>
      withBuild(dir, "key", find, async (folder) => {
        times++;
        return make(folder, "x");
      });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(["x", "x", "x"]);
    expect(times).toBe(1);
    expect(readdirSync(join(dir, "building"))).toEqual([]);
  });

  it("leaves nothing of a build that failed, and the next one may succeed", async () => {
    const failing = withBuild(dir, "key", find, async (folder) => {
      writeFileSync(join(folder, "part"), "");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(readdirSync(join(dir, "building"))).toEqual([]);
    expect(await withBuild(dir, "key", find, (folder) => make(folder, "y"))).toBe("y");
  });

  it("waits for another process that builds it, and takes what that made", async () => {
    const first = builder("first", "held");
    await first.says("building");
    const second = builder("second", "quick");
    await second.says("waiting");
    writeFileSync(join(dir, "go"), "");
    await Promise.all([first.ended, second.ended]);
    expect(first.text()).toContain("done first");
    expect(second.text()).toBe("waiting\ndone first\n");
  });

  it("takes over from a builder that was killed, and removes what that left", async () => {
    const first = builder("first", "held");
    await first.says("building");
    const second = builder("second", "quick");
    await second.says("waiting");
    first.child.kill("SIGKILL");
    await second.ended;
    expect(second.text()).toContain("done second");
    expect(readdirSync(join(dir, "building"))).toEqual([]);
  });

  it("stops waiting when it is told to", async () => {
    const first = builder("first", "held");
    await first.says("building");
    const stop = new AbortController();
    const asked = withBuild(dir, "key", find, (folder) => make(folder, "z"), {
      signal: stop.signal,
      onWait: (holder) => stop.abort(new Error(`waited for ${holder?.pid}`)),
    });
    await expect(asked).rejects.toThrow();
    first.child.kill("SIGKILL");
    await first.ended;
  });
});

describe("a lock", () => {
  it("is one holder's, in one process as among several", () => {
    const path = join(dir, "lock");
    const held = tryLock(path);
    expect(tryLock(path)).toBeUndefined();
    held?.release();
    const again = tryLock(path);
    expect(again).toBeDefined();
    again?.release();
  });
});
