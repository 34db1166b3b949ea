/** A server that is killed under load keeps every job that it accepted, and every end that it announced. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openQueue } from "../../src/endpoints/queue/index.ts";
import { silentLog } from "../../src/kernel/index.ts";
import { openStore } from "../../src/store/index.ts";

const KILLS = 20;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-queue-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a server until it has announced so many things, kills it, and answers all that it announced. */
async function killed(clients: number, after: number): Promise<string[]> {
  const program = new URL("./queue-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, dir, String(clients)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(dir, "cache") },
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === after) child.kill("SIGKILL");
  }
  return lines;
}

describe("a server that is killed again and again under load", () => {
  it("keeps what it accepted, and announces each end once", async () => {
    const accepted = new Set<string>();
    const ended = new Map<string, string>();
    for (let round = 0; round < KILLS; round++) {
      const lines = await killed(8, 1 + Math.floor(Math.random() * 300));
      for (const line of lines) {
        const [what, id = "", state = "", size = ""] = line.split(" ");
        expect(what === "warning" ? line : "").toBe("");
        if (what === "accepted") accepted.add(id);
        if (what !== "ended") continue;
        expect(ended.has(id) ? `${id} ends twice` : "").toBe("");
        ended.set(id, `${state} ${size}`);
      }
      const store = await openStore(dir);
      const rows = await Promise.all([...accepted, ...ended.keys()].map((id) => store.getQueueJob(id)));
      expect(rows.filter((row) => row === undefined)).toEqual([]);
      for (const row of rows) {
        if (row && ended.has(row.id)) expect(`${row.state} ${row.outputSize ?? 0}`).toBe(ended.get(row.id));
      }
      await store.close();
    }
    expect(accepted.size).toBeGreaterThan(KILLS);

    // What is left is worked off; then each has ended, and its output is whole.
    const store = await openStore(dir);
    const queue = await openQueue({ store, storeDir: dir, log: silentLog });
    for (let [job] = await next(); job !== undefined; [job] = await next()) {
      await queue.done("last", job.id, { state: "COMPLETED", output: JSON.stringify(job.input) });
    }
    function next() {
      return queue.take("fold", "last", { max: 1, waitMs: 0 });
    }
    for (const id of accepted) {
      const job = await queue.get(id);
      expect(["COMPLETED", "FAILED", "CANCELLED"]).toContain(job?.state);
      if (job?.state !== "COMPLETED") continue;
      const output = (await queue.outputOf(job)) ?? "";
      expect(output).toHaveLength(job.outputSize ?? -1);
      // Or the list of what it streamed.
      if (!output.startsWith("[")) expect(JSON.parse(output)).toContain('"text"');
    }
    await queue.close();
    await store.close();
    expect(readdirSync(join(dir, "queue")).length).toBeGreaterThan(0);
  }, 120_000);
});
