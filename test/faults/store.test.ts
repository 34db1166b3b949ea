import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ligase } from "../behaviour/command.ts";
import { project } from "../behaviour/project.ts";

const WORKFLOW = `export const main = task(() => { note("main"); return 1; });`;

describe("a store that cannot be used is one clear error, and nothing runs", () => {
  it("in a folder that cannot be written", async () => {
    const p = project(WORKFLOW);
    // Root may write anywhere: the command runs as somebody else.
    chmodSync(p.root, 0o555);
    const ended = await ligase(p, ["run", "workflow.ts"], {}, { uid: process.getuid?.() === 0 ? 65534 : undefined })
      .ended;
    chmodSync(p.root, 0o755);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/cannot be written|read-only|permission/i);
    expect(ended.stderr).toMatch(/writable/);
    expect(ended.stderr).not.toMatch(/^\s+at .*src\//m);
    expect(p.ran()).toEqual([]);
  });

  it("that is damaged", async () => {
    const p = project(WORKFLOW);
    await ligase(p, ["run", "workflow.ts"]).ended;
    p.ran();
    for (const end of ["-wal", "-shm"]) rmSync(p.path(`.ligase/store.db${end}`), { force: true });
    writeFileSync(p.path(".ligase/store.db"), "this is no database, and never was one".repeat(200));
    const ended = await ligase(p, ["run", "workflow.ts"]).ended;
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/store\.db is not a Ligase store/);
    expect(ended.stderr).toMatch(/move it away/);
    expect(p.ran()).toEqual([]);
  });
});
