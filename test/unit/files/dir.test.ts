import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Dir, File } from "../../../src/files/index.ts";
import { tempDir } from "./temp-dir.ts";

function tree(...paths: string[]): string {
  const dir = join(tempDir(), "tree");
  for (const path of paths) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), path);
  }
  return dir;
}
const names = (files: readonly File[], dir: string) => files.map(({ path }) => path.slice(dir.length + 1));

describe("Dir", () => {
  it("is a folder by path or file: URL, not by http", () => {
    expect(new Dir("/data/run/").path).toBe("/data/run");
    expect(new Dir("/data/run/").name).toBe("run");
    expect(new Dir(new URL("file:///data/run/")).path).toBe("/data/run");
    expect(() => new Dir("https://example.org/run/")).toThrow(expect.objectContaining({ code: "LIGASE_E_LOCATION" }));
    expect(new Dir("/a")).not.toEqual(new File("/a"));
  });

  it("lists its files, sorted, at any depth or by a pattern", async () => {
    const path = tree("b.fq", "a.fq", "sub/c.fq", ".hidden/x", "sub/.dot", "z.txt");
    symlinkSync("a.fq", join(path, "link.fq"));
    symlinkSync("sub", join(path, "linked"));
    const dir = new Dir(path);
    expect(names(await dir.files(), path)).toEqual([
      ".hidden/x",
      "a.fq",
      "b.fq",
      "link.fq",
      "sub/.dot",
      "sub/c.fq",
      "z.txt",
    ]);
    expect(names(await dir.files("*.fq"), path)).toEqual(["a.fq", "b.fq", "link.fq"]);
    expect(names(await dir.files("**/*.fq"), path)).toEqual(["a.fq", "b.fq", "link.fq", "sub/c.fq"]);
    await expect(new Dir(join(path, "no")).files()).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
  });

  it("gives a file in it, and none outside", () => {
    const dir = new Dir("/data/run");
    expect(dir.file("sub/../x").path).toBe("/data/run/x");
    for (const path of ["", ".", "..", "../x", "/etc/passwd", "a/../../x"]) {
      expect(() => dir.file(path)).toThrow(expect.objectContaining({ code: "LIGASE_E_LOCATION" }));
    }
  });

  it("publishes itself whole, then file by file", async () => {
    const path = tree("a", "sub/b");
    symlinkSync("a", join(path, "link"));
    const out = join(dirname(path), "out");
    expect((await new Dir(path).publish(out)).path).toBe(out);
    expect(readFileSync(join(out, "sub/b"), "utf8")).toBe("sub/b");
    const before = statSync(join(out, "a"));
    writeFileSync(join(out, "notes.txt"), "mine");
    writeFileSync(join(path, "sub/b"), "changed");
    await new Dir(path).publish(out);
    expect(statSync(join(out, "a")).ino).toBe(before.ino);
    expect(readFileSync(join(out, "sub/b"), "utf8")).toBe("changed");
    expect(readdirSync(out).sort()).toEqual(["a", "link", "notes.txt", "sub"]);
    expect((await new Dir(path).publish(`${out}/`)).path).toBe(join(out, "tree"));
  });

  it("refuses to publish itself into itself, or when it is missing", async () => {
    const path = tree("a");
    await expect(new Dir(path).publish(join(path, "in"))).rejects.toMatchObject({ code: "LIGASE_E_LOCATION" });
    await expect(new Dir(join(path, "no")).publish(join(path, "x"))).rejects.toMatchObject({
      code: "LIGASE_E_NO_FILE",
      facts: { path: join(path, "no") },
    });
  });
});
