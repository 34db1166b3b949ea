import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dir, File, Fingerprints, stage, StagingPlan } from "../../../src/files/index.ts";
import { tempDir } from "./temp-dir.ts";

function folders() {
  const dir = tempDir();
  const workDir = join(dir, "work");
  mkdirSync(workDir);
  const file = (path: string, content = path) => {
    mkdirSync(join(dir, "in", path, ".."), { recursive: true });
    writeFileSync(join(dir, "in", path), content);
    return new File(join(dir, "in", path));
  };
  return { dir, workDir, file };
}

describe("stage", () => {
  it.each(["symlink", "reflink", "copy"] as const)(
    "brings files and directories in by %s, never by a hard link",
    async (how) => {
      const { dir, workDir, file } = folders();
      const reads = file("reads.fq");
      file("folder/sub/x");
      const folder = new Dir(join(dir, "in/folder"));
      const staged = await stage([reads, folder], workDir, { how });
      expect(staged.pathOf(reads)).toBe("reads.fq");
      expect(readFileSync(join(workDir, staged.pathOf(reads)), "utf8")).toBe("reads.fq");
      expect(readFileSync(join(workDir, staged.pathOf(folder), "sub/x"), "utf8")).toBe("folder/sub/x");
      expect(lstatSync(join(workDir, "reads.fq")).isSymbolicLink()).toBe(how === "symlink");
      expect(statSync(reads.path).nlink).toBe(1);
      expect(statSync(join(dir, "in/folder/sub/x")).nlink).toBe(1);
      await staged.assertUnchanged();
      // Through a link a script does reach the original.
      writeFileSync(join(workDir, "reads.fq"), "changed");
      expect(readFileSync(reads.path, "utf8")).toBe(how === "symlink" ? "changed" : "reads.fq");
    },
  );

  it("puts colliding names in numbered folders, and one file in one place", async () => {
    const { workDir, file } = folders();
    const files = ["a/reads.fq", "b/reads.fq", "c/READS.fq", "d/2"].map((path) => file(path));
    const again = new File(files[1]!.path);
    const staged = await stage([...files, again], workDir, { how: "symlink" });
    expect(files.map((value) => staged.pathOf(value))).toEqual(["reads.fq", "2/reads.fq", "3/READS.fq", "2/2"]);
    expect(staged.pathOf(again)).toBe("2/reads.fq");
    expect(files.map((value) => readlinkSync(join(workDir, staged.pathOf(value))))).toEqual(
      files.map(({ path }) => path),
    );
  });

  it("keeps sidecars beside their file, whatever else has their names", async () => {
    const { workDir, file } = folders();
    const stray = file("x/ref.fa.fai");
    const other = file("y/ref.fa.bwt");
    const fasta = file("ref.fa").with(file("ref.fa.fai"), file("ref.fa.bwt").with(file("ref.fa.bwt.md5")));
    const staged = await stage([stray, other, fasta.sidecars[0]!, fasta], workDir, { how: "symlink" });
    const folder = join(workDir, staged.pathOf(fasta), "..");
    for (const name of ["ref.fa", "ref.fa.fai", "ref.fa.bwt", "ref.fa.bwt.md5"]) {
      expect(readFileSync(join(folder, name), "utf8")).toBe(name);
    }
    expect(readFileSync(join(workDir, staged.pathOf(stray)), "utf8")).toBe("x/ref.fa.fai");
  });

  it("leaves names alone that the script will write", async () => {
    const { workDir, file } = folders();
    const reads = file("out.fq");
    const staged = await stage([reads], workDir, { how: "symlink", reserved: ["out.fq", "qc/x"] });
    expect(staged.pathOf(reads)).toBe("2/out.fq");
    expect(existsSync(join(workDir, "out.fq"))).toBe(false);
  });

  it("refuses two sidecars of one name", async () => {
    const { workDir, file } = folders();
    const fasta = file("ref.fa").with(file("a/x"), file("b/x"));
    await expect(stage([fasta], workDir, { how: "symlink" })).rejects.toMatchObject({ code: "LIGASE_E_SIDECARS" });
  });

  it.each(["-x.fq", "with space", 'it\'s "q"', "new\nline", "é", "e\u0301", "$(touch pwned)", "*", "2", "~", "日本語"])(
    "stages the name %j so that a tool can open it",
    async (name) => {
      const { workDir, file } = folders();
      const reads = file(name, "content");
      const staged = await stage([reads], workDir, { how: "symlink" });
      expect(staged.pathOf(reads)).not.toMatch(/^-/);
      expect(execFileSync("cat", [staged.pathOf(reads)], { cwd: workDir, encoding: "utf8" })).toBe("content");
      expect(readdirSync(workDir)).toEqual([name]);
    },
  );

  it("finds an input that was changed or removed, and names it", async () => {
    const { workDir, file } = folders();
    const reads = file("reads.fq").with(file("reads.idx"));
    const staged = await stage([reads], workDir, { how: "symlink" });
    await staged.assertUnchanged();
    writeFileSync(join(workDir, "reads.idx"), "overwritten");
    await expect(staged.assertUnchanged()).rejects.toMatchObject({
      code: "LIGASE_E_INPUT_CHANGED",
      facts: { path: reads.sidecars[0]!.path },
    });
  });

  it("finds a change inside a directory", async () => {
    const { dir, workDir, file } = folders();
    const inside = file("folder/sub/x");
    const staged = await stage([new Dir(join(dir, "in/folder"))], workDir, { how: "symlink" });
    await staged.assertUnchanged();
    writeFileSync(inside.path, "other");
    await expect(staged.assertUnchanged()).rejects.toMatchObject({ code: "LIGASE_E_INPUT_CHANGED" });
  });

  it("lets a touched input pass when it can tell", async () => {
    const { workDir, file } = folders();
    const reads = file("reads.fq");
    const fingerprints = new Fingerprints();
    await fingerprints.settle([reads]);
    const staged = await stage([reads], workDir, { how: "symlink" });
    utimesSync(reads.path, 0, 0);
    await staged.assertUnchanged(fingerprints);
    await expect(staged.assertUnchanged()).rejects.toMatchObject({ code: "LIGASE_E_INPUT_CHANGED" });
  });

  it("names a missing input, and a URL that nobody fetched", async () => {
    const { dir, workDir } = folders();
    const missing = new File(join(dir, "no"));
    await expect(stage([missing], workDir, { how: "symlink" })).rejects.toMatchObject({
      code: "LIGASE_E_NO_FILE",
      facts: { path: missing.path },
    });
    await expect(stage([new File("http://localhost/x")], workDir, { how: "symlink" })).rejects.toMatchObject({
      code: "LIGASE_E_NOT_FETCHED",
    });
  });
});

describe("StagingPlan", () => {
  it("gives every input a place of its own under its own name, with its sidecars beside it, the same each time", () => {
    const name = fc.constantFrom("a", "A", "b", "2", "3", "-x", "é", "e\u0301", "a.b");
    const file = fc
      .tuple(fc.constantFrom("/p", "/q", "/r"), name, fc.uniqueArray(fc.constantFrom("i", "j", "2"), { maxLength: 2 }))
      .map(([dir, base, sides]) => new File(`${dir}/${base}`).with(...sides.map((side) => `${dir}/${base}.${side}`)));
    fc.assert(
      fc.property(fc.array(file, { maxLength: 12 }), fc.array(name, { maxLength: 3 }), (files, reserved) => {
        const plan = new StagingPlan(files, reserved);
        const at = new Map(plan.inputs.map((input) => [input.path, input.source]));
        expect(at.size).toBe(plan.inputs.length);
        const keys = plan.inputs.map(({ path }) => path.normalize("NFC").toLowerCase());
        expect(new Set(keys).size).toBe(keys.length);
        const tops = new Set(
          plan.inputs.filter(({ path }) => path.includes("/")).map(({ path }) => path.split("/")[0]!),
        );
        for (const { path } of plan.inputs) {
          expect(tops.has(path)).toBe(false);
          expect(reserved).not.toContain(path.split("/")[0]);
        }
        for (const value of files) {
          const path = plan.pathOf(value).replace(/^\.\//, "");
          expect(at.get(path)).toBe(value.path);
          for (const side of value.sidecars)
            expect(at.get(path.slice(0, path.lastIndexOf("/") + 1) + side.name)).toBe(side.path);
        }
        expect(new StagingPlan(files, reserved).inputs).toEqual(plan.inputs);
      }),
    );
  });
});
