import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { type Project, project } from "../behaviour/project.ts";
import { Served } from "../behaviour/served.ts";
import { describeWith } from "../support/needs.ts";

const APP = `
import { endpoint } from "ligase";
export const echo = endpoint((text: string) => text, { minWorkers: 1, maxWorkers: 1 });
`;
/** More jobs than the last bytes of a disk can hold. */
const MANY = 2000;

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

/** A project whose store is on a disk of 32 MiB. */
function onSmallDisk(files: Readonly<Record<string, string>>): Project {
  const p = project(files);
  mkdirSync(p.path(".ligase"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", p.path(".ligase")]);
  expect(status).toBe(0);
  onTestFinished(() => void spawnSync("umount", ["--lazy", p.path(".ligase")]));
  return p;
}

/** Takes what is left of the disk, to the last byte. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 1 << 20; size > 0; size >>= 1) {
      try {
        while (writeSync(file, Buffer.alloc(size)) === size);
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOSPC" });
      }
    }
  } finally {
    closeSync(file);
  }
}

describeWith({ also: { "Linux and root, to mount a disk of 32 MiB": isRoot } })("a server whose disk is full", () => {
  it("refuses what it cannot record, goes on, and loses nothing that it accepted", { timeout: 60_000 }, async () => {
    const p = onSmallDisk({ "app.ts": APP });
    const server = await Served.start(p);
    await server.deploy("app.ts");
    const before = await server.ask("echo/runsync", { input: { text: "before" } });
    expect(before).toMatchObject({ status: "COMPLETED", output: "before" });

    fill(p.path(".ligase/filler"));
    const accepted = new Map<string, string>();
    let refusal: Response | undefined;
    for (let n = 0; n < MANY && !refusal; n++) {
      const text = `${n} ${"x".repeat(10_000)}`;
      const response = await server.fetch("echo/run", { input: { text } });
      if (response.ok) accepted.set(((await response.json()) as { id: string }).id, text);
      else refusal = response;
    }
    expect(refusal?.status).toBe(503);
    expect(await refusal?.json()).toEqual({ error: "the server cannot record anything now: nothing was taken" });
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(await server.ask(`echo/status/${String(before["id"])}`)).toMatchObject({ output: "before" });

    rmSync(p.path(".ligase/filler"));
    const after = await server.ask("echo/runsync?wait=30000", { input: { text: "after" } });
    expect(after).toMatchObject({ status: "COMPLETED", output: "after" });
    for (const [id, text] of accepted) {
      expect(await server.ask(`echo/status-sync/${id}?wait=30000`)).toMatchObject({
        status: "COMPLETED",
        output: text,
      });
    }
    await server.stop();
    expect((await server.command.ended).code).toBe(0);
  });
});
