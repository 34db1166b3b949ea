/** Processes that share a store, and processes that die in the middle of a write. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../src/store/index.ts";
import { isWhole } from "./batches.ts";

const WRITER = join(import.meta.dirname, "writer-process.ts");

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Starts processes, lets them off together, and waits for them all; answers how each ended. */
async function race(...argumentLists: string[][]): Promise<(number | null)[]> {
  const children = argumentLists.map((args) =>
    fork(WRITER, args, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  const ends = children.map(async (child) => {
    const [code]: (number | null)[] = await once(child, "exit");
    return code ?? null;
  });
  for (const child of children) child.send("go");
  return Promise.all(ends);
}

function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [WRITER, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** The numbers of the batches that a process said were durable. */
function announced(name: string): number[] {
  const file = join(dir, `${name}.announced`);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) : [];
}

/** Asserts that the database is sound, that each announced batch is there, and no half of any. */
async function expectWhole(name: string): Promise<void> {
  const db = new DatabaseSync(join(dir, "store.db"));
  expect(db.prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  db.close();
  const store = await openStore(dir, { inlineChars: 1000 });
  try {
    const known = announced(name);
    expect(known).toEqual(known.map((_, i) => i));
    // Those sent but not announced may be there or not.
    for (let i = 0; i < known.length + 40; i++) {
      const whole = await isWhole(store, name, i);
      if (i < known.length) expect(whole, `batch ${i} was announced`).toBe(true);
    }
  } finally {
    await store.close();
  }
}

describe("two processes on one store", () => {
  it("both open a new one at once", async () => {
    const names = ["a", "b", "c", "d"];
    expect(await race(...names.map((name) => ["open", dir, name]))).toEqual([0, 0, 0, 0]);
    const store = await openStore(dir);
    expect(await store.listRuns()).toEqual([]);
    await store.close();
  });

  it("both write at once and lose nothing", async () => {
    const ends = await race(["batches", dir, "a", "60", "inline"], ["batches", dir, "b", "60", "thread"]);
    expect(ends).toEqual([0, 0]);
    for (const name of ["a", "b"]) {
      expect(announced(name)).toHaveLength(60);
      await expectWhole(name);
    }
  });

  it("never both claim the same call", async () => {
    expect(await race(["claims", dir, "a", "200"], ["claims", dir, "b", "200"])).toEqual([0, 0]);
    const [a, b] = ["a", "b"].map((name): string[] => JSON.parse(readFileSync(join(dir, `${name}.claimed`), "utf8")));
    const all = [...(a ?? []), ...(b ?? [])];
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(200);
  });
});

describe("a process that is killed while it writes", () => {
  it.each(["inline", "thread"])(
    "twenty times: what it announced is there, nothing is half (%s)",
    async (writer) => {
      for (let round = 0; round < 20; round++) {
        const name = `round${round}`;
        const child = start(["batches", dir, name, "Infinity", writer]);
        const exit = once(child, "exit");
        while (announced(name).length < round) await new Promise((resolve) => setTimeout(resolve, 2));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
        child.kill("SIGKILL");
        expect(await exit).toEqual([null, "SIGKILL"]);
        await expectWhole(name);
      }
    },
    120_000,
  );

  it.each([
    { point: "store.commit.before", isThere: false },
    { point: "store.commit.after", isThere: true },
    { point: "store.value.rename", isThere: false },
  ])("at $point", async ({ point, isThere }) => {
    await (await openStore(dir)).close();
    for (const writer of ["inline", "thread"]) {
      // Each batch is one transaction and has one large value: the fifth dies.
      const child = start(["batches", dir, writer, "9", writer], { LIGASE_CRASH: `${point}:5` });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      expect(announced(writer)).toEqual([0, 1, 2, 3]);
      await expectWhole(writer);
      const store = await openStore(dir, { inlineChars: 1000 });
      expect(await isWhole(store, writer, 4)).toBe(isThere);
      await store.close();
    }
  });

  it("a value whose file was not renamed is written again", async () => {
    const child = start(["batches", dir, "a", "9"], { LIGASE_CRASH: "store.value.rename:3" });
    await once(child, "exit");
    expect(leftovers()).toHaveLength(1);
    expect(await once(start(["batches", dir, "a", "9"]), "exit")).toEqual([0, null]);
    const store = await openStore(dir, { inlineChars: 1000 });
    for (let i = 0; i < 9; i++) expect(await isWhole(store, "a", i)).toBe(true);
    await store.close();
  });
});

function leftovers(): string[] {
  return readdirSync(join(dir, "values"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".tmp"),
  );
}
