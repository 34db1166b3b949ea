/** That a store is read where it cannot be written. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../src/store/index.ts";
import * as rows from "./rows.ts";
import { makeVersionOne } from "./version-one.ts";

const STORE = JSON.stringify(new URL("../../../src/store/index.ts", import.meta.url).href);
const NOBODY = 65534;

let dir: string;
let folder: string;
let temporary: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  chmodSync(dir, 0o777);
  // A name that must be written otherwise in a URL.
  folder = join(dir, "a #? b%20");
  temporary = await mkdtemp(join(tmpdir(), "ligase-tmp-"));
  chmodSync(temporary, 0o777);
  const store = await openStore(folder, { writer: "inline" });
  await store.commit({ runs: [rows.run()] });
  await store.close();
});
afterEach(async () => {
  chmodSync(folder, 0o755);
  await rm(dir, { recursive: true, force: true });
  await rm(temporary, { recursive: true, force: true });
});

/** Reads the runs, and tries to pin the first, as somebody who owns nothing here: root may write anywhere. */
function readAsNobody(): { runs: string[]; pin: string } {
  const program = `
    const { openStore } = await import(${STORE});
    if (process.getuid() === 0) process.setuid(${NOBODY});
    const store = await openStore(process.argv[1], { create: false, acceptReadOnly: true });
    const runs = (await store.listRuns()).map(({ id }) => id);
    const pin = await store.pinRun(runs[0], true).then(() => "done", ({ code }) => code);
    await store.close();
    console.log(JSON.stringify({ runs, pin }));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program, folder], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: temporary },
  });
  return JSON.parse(output) as { runs: string[]; pin: string };
}

function closeFolder(): void {
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444);
  chmodSync(folder, 0o555);
}

describe("a store in a folder that cannot be written", () => {
  it("is read, and not written", () => {
    closeFolder();
    expect(readAsNobody()).toEqual({ runs: ["run0000000001"], pin: "LIGASE_E_STORE_READ_ONLY" });
    expect(readdirSync(folder)).toEqual(["store.db"]);
  });

  it("is read when only the file cannot be written", () => {
    if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
    chmodSync(join(folder, "store.db"), 0o444);
    expect(readAsNobody()).toEqual({ runs: ["run0000000001"], pin: "LIGASE_E_STORE_READ_ONLY" });
  });

  it("is read as the run that goes on in it leaves it", async () => {
    const writer = await startWriter();
    try {
      closeFolder();
      expect(readAsNobody().runs).toEqual(["run0000000002", "run0000000001"]);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      writer.kill("SIGKILL");
      await once(writer, "exit");
    }
  });

  it("is read with what a crash left in its log, index or not", async () => {
    const writer = await startWriter();
    writer.kill("SIGKILL");
    await once(writer, "exit");
    closeFolder();
    expect(readAsNobody().runs).toEqual(["run0000000002", "run0000000001"]);
    chmodSync(folder, 0o755);
    rmSync(join(folder, "store.db-shm"));
    closeFolder();
    expect(readAsNobody()).toEqual({ runs: ["run0000000002", "run0000000001"], pin: "LIGASE_E_STORE_READ_ONLY" });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is read when an older version wrote it", async () => {
    rmSync(join(folder, "store.db"));
    await makeVersionOne(join(folder, "store.db"));
    closeFolder();
    expect(readAsNobody()).toEqual({ runs: ["run0000000001"], pin: "LIGASE_E_STORE_READ_ONLY" });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** A process that has committed a second run and keeps the store open. */
async function startWriter(): Promise<ChildProcess> {
  const program = `
    const { openStore } = await import(${STORE});
    const store = await openStore(process.argv[1], { writer: "inline" });
    await store.commit({ runs: [JSON.parse(process.argv[2])] });
    console.log("written");
    setInterval(() => {}, 1000);
  `;
  const run = JSON.stringify(rows.run({ id: "run0000000002", startedAt: rows.T0 + 1 }));
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder, run]);
  await once(child.stdout, "data");
  return child;
}
