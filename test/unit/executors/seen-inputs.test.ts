import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isWithin, seenInputs } from "../../../src/executors/process/seen-inputs.ts";
import { Dir, File } from "../../../src/files/index.ts";

describe("what a worker in an environment must be shown", () => {
  let dir: string;
  let project: { root: string; storeDir: string };
  beforeAll(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-test-")));
    project = { root: join(dir, "project"), storeDir: join(dir, "project", ".ligase") };
    for (const folder of ["project/data", "elsewhere/deep", "links"]) mkdirSync(join(dir, folder), { recursive: true });
    for (const file of ["project/data/a", "elsewhere/b", "elsewhere/deep/c"]) writeFileSync(join(dir, file), "x");
    symlinkSync(join(dir, "elsewhere", "b"), join(dir, "links", "b"));
    symlinkSync(join(dir, "elsewhere", "deep"), join(dir, "project", "linked"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const shown = async (...atoms: (File | Dir)[]): Promise<string[]> =>
    (await seenInputs(atoms, project)).paths.map((path) => path.replace(`${dir}/`, ""));

  test("is nothing of the project, nor what it sees of the store", async () => {
    const { root, storeDir } = project;
    const files = [join(root, "data", "a"), join(storeDir, "outputs", "ab", "x"), join(storeDir, "code", "x.mjs")];
    expect(await shown(...files.map((path) => new File(path)))).toEqual([]);
  });

  test("is what lies elsewhere in the store", async () => {
    expect(await shown(new File(join(project.storeDir, "work", "worker.x-0", "1", "a")))).toEqual([
      "project/.ligase/work/worker.x-0/1",
    ]);
  });

  test("is the folder of a file, once, with those of its sidecars; and a Dir itself", async () => {
    const bam = new File(join(dir, "elsewhere", "b")).with(join(dir, "elsewhere", "deep", "c"));
    expect(await shown(bam, new File(join(dir, "elsewhere", "more")))).toEqual(["elsewhere", "elsewhere/deep"]);
    expect(await shown(new Dir(join(dir, "elsewhere", "deep")))).toEqual(["elsewhere/deep"]);
  });

  test("is also where a link leads", async () => {
    expect(await shown(new File(join(dir, "links", "b")))).toEqual(["elsewhere", "links"]);
    expect(await shown(new File(join(project.root, "linked", "c")))).toEqual(["elsewhere/deep"]);
  });

  test("is a file alone where its folder holds more than data", async () => {
    for (const folder of [homedir(), dirname(homedir()), tmpdir(), "/", "/etc", dir, dirname(dir)]) {
      expect((await seenInputs([new File(join(folder, "x"))], project)).paths).toEqual([join(folder, "x")]);
    }
  });

  test("is told by whole names", () => {
    expect(isWithin("/a/b", "/a/b")).toBe(true);
    expect(isWithin("/a/b", "/a/b/c")).toBe(true);
    expect(isWithin("/a/b/", "/a/b/c")).toBe(true);
    expect(isWithin("/a/b", "/a/bc")).toBe(false);
    expect(isWithin("/", "/a")).toBe(true);
  });
});
