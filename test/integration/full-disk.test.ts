import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { commitFiles, File } from "../../src/files/index.ts";
import { describeWith } from "../support/needs.ts";

const dir = mkdtempSync(join(tmpdir(), "ligase-full-"));
const disk = join(dir, "disk");
mkdirSync(disk);
// A disk of 1 MiB; only root may make one.
const mounted =
  process.platform === "linux" && spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0;

afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(dir, { recursive: true, force: true });
});

describeWith({ also: { "Linux and root, to mount a disk of 1 MiB": mounted } })("a full disk", () => {
  it("stops a write with a clear error, and keeps what was there", async () => {
    const file = await new File(join(disk, "x")).write("old");
    await expect(file.write(Buffer.alloc(2 << 20))).rejects.toMatchObject({
      code: "LIGASE_E_DISK_FULL",
      facts: { path: file.path },
    });
    expect(await file.text()).toBe("old");
    expect(readdirSync(disk)).toEqual(["x"]);
  });

  it("stops a publish with a clear error", async () => {
    const file = await new File(join(dir, "large")).write(Buffer.alloc(2 << 20));
    await expect(file.publish(`${disk}/`)).rejects.toMatchObject({
      code: "LIGASE_E_DISK_FULL",
      facts: { path: join(disk, "large") },
    });
    expect(readdirSync(disk)).toEqual(["x"]);
  });

  it("stops a commit across devices, and leaves the work directory as it was", async () => {
    const workDir = join(dir, "work");
    mkdirSync(workDir);
    writeFileSync(join(workDir, "a"), "small");
    writeFileSync(join(workDir, "b"), Buffer.alloc(2 << 20));
    const files = [new File(join(workDir, "a")), new File(join(workDir, "b"))];
    const outputDir = join(disk, "outputs/ab");
    await expect(commitFiles(files, workDir, outputDir)).rejects.toMatchObject({ code: "LIGASE_E_DISK_FULL" });
    expect(readdirSync(workDir).sort()).toEqual(["a", "b"]);
    expect(readFileSync(join(workDir, "a"), "utf8")).toBe("small");
    expect(readdirSync(join(disk, "outputs"))).toEqual([]);
  });
});
