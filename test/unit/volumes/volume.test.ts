import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { task } from "../../../src/expr/index.ts";
import { Dir, File, fileAtoms, projectDir, setProjectDir } from "../../../src/files/index.ts";
import { relocate } from "../../../src/files/located.ts";
import { LigaseError } from "../../../src/kernel/index.ts";
import { matching } from "../../../src/volumes/match.ts";
import { resolveVolumes, setStoreDir, volume } from "../../../src/volumes/index.ts";
import { pathInVolume } from "../../../src/volumes/path.ts";
import { freshFolder, freshVolume, streamOf } from "./tree.ts";

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(LigaseError);
    return (error as LigaseError).code;
  }
};

describe("volume", () => {
  it("is a value that never changes, and fits the options of a task", () => {
    const sequences = volume("sequences");
    expect(sequences).toMatchObject({ volume: "sequences", readOnly: false });
    expect(sequences.asReadOnly()).toMatchObject({ volume: "sequences", readOnly: true });
    expect(sequences.readOnly).toBe(false);
    expect(Object.isFrozen(sequences)).toBe(true);
    expect(String(sequences.asReadOnly())).toBe('volume("sequences").asReadOnly()');
    expect(() =>
      task({ volumes: { "./seq": sequences, "/data/models": volume("m").asReadOnly() } }, () => 1),
    ).not.toThrow();
    expect(() => task({ volumes: { seq: sequences } }, () => 1)).toThrow(/should be volumes by where they are mounted/);
  });

  it.each(["", ".", "..", "a/b", ".hidden", "-r", "a b", "ä", "a\0", "x".repeat(64), 7])(
    "refuses the name %j",
    (name) => {
      expect(codeOf(() => volume(name as string))).toBe("LIGASE_E_VOLUME");
    },
  );

  it("has files by their place, which follows the store, also of those that were named before", () => {
    const before = projectDir();
    try {
      setProjectDir("/project");
      const file = volume("seq").file("plasmids//pUC19.gb");
      const dir = volume("seq").dir();
      expect(file).toBeInstanceOf(File);
      expect(file.path).toMatch(/\/volumes\/seq\/plasmids\/pUC19\.gb$/);
      setStoreDir("/elsewhere/store");
      expect(file.path).toBe("/elsewhere/store/volumes/seq/plasmids/pUC19.gb");
      expect(file.name).toBe("pUC19.gb");
      expect(dir).toBeInstanceOf(Dir);
      expect(dir.path).toBe("/elsewhere/store/volumes/seq");
      expect(JSON.stringify({ file })).toBe('{"file":"/elsewhere/store/volumes/seq/plasmids/pUC19.gb"}');
      const atoms = fileAtoms({ storeDir: "/elsewhere/store", root: "/project" });
      const files = atoms.find(({ tag }) => tag === "file");
      expect(files!.encode(file)).toEqual({ path: "ligase:volumes/seq/plasmids/pUC19.gb" });
      expect(files!.decode({ path: "ligase:volumes/seq/plasmids/pUC19.gb" })).toEqual(file);
      relocate(file, "/moved");
      expect(file.path).toBe("/moved");
    } finally {
      setProjectDir(before);
    }
  });

  it("is read and written by its files", async () => {
    const dir = freshFolder();
    setStoreDir(dir);
    const file = await volume("seq").file("a/b.txt").write("text");
    expect(await file.text()).toBe("text");
    expect(existsSync(join(dir, "volumes/seq/a/b.txt"))).toBe(true);
    expect((await volume("seq").dir("a").files("*.txt")).map(({ name }) => name)).toEqual(["b.txt"]);
  });

  it.each(["", ".", "/", "../x", "a/../../x", "a/.."])("has no file at %j", (path) => {
    expect(codeOf(() => volume("seq").file(path))).toBe("LIGASE_E_VOLUME_PATH");
  });

  it("never has a file outside of itself, whatever its path", () => {
    const segment = fc.oneof(fc.constantFrom("..", ".", "", "a", "\0", "...", "~"), fc.string());
    setStoreDir("/store");
    fc.assert(
      fc.property(
        fc.array(segment).map((parts) => parts.join("/")),
        (path) => {
          const refused = codeOf(() => {
            const inside = pathInVolume("seq", path);
            expect(pathInVolume("seq", inside)).toBe(inside);
            expect(volume("seq").dir(path).path.startsWith("/store/volumes/seq")).toBe(true);
            expect(join("/store/volumes/seq", inside)).toBe(volume("seq").dir(path).path);
          });
          expect([undefined, "LIGASE_E_VOLUME_PATH"]).toContain(refused);
          expect(refused === undefined).toBe(!path.split("/").includes("..") && !path.includes("\0"));
        },
      ),
    );
  });
});

describe("resolveVolumes", () => {
  it("answers where each is, and makes those that are not there", () => {
    const dir = freshFolder();
    expect(
      resolveVolumes(dir, { "./seq/": volume("seq"), ".//out/./x": volume("out").asReadOnly(), "/data": volume("d") }),
    ).toEqual([
      { name: "seq", from: join(dir, "volumes/seq"), at: "./seq", writable: true },
      { name: "out", from: join(dir, "volumes/out"), at: "./out/x", writable: false },
      { name: "d", from: join(dir, "volumes/d"), at: "/data", writable: true },
    ]);
    expect(readdirSync(join(dir, "volumes")).sort()).toEqual(["d", "out", "seq"]);
    expect(resolveVolumes(dir, { "./a": volume("seq"), "./b": volume("seq").asReadOnly() })).toHaveLength(2);
  });

  it.each([
    [["./"], "the work directory itself"],
    [["."], "the work directory itself"],
    [["/"], "that is all there is"],
    [["./a/../b"], "it has a .. in it"],
    [["../a"], "it has a .. in it"],
    [["seq"], "neither relative nor absolute"],
    [["/proc"], "belongs to the system"],
    [["/dev/shm"], "belongs to the system"],
    [["./a\0b"], "a NUL"],
    [["./a", "./a/"], "are mounted at one place"],
    [["./a", "./a/b"], "one inside of the other"],
    [["/x/y", "/x"], "one inside of the other"],
  ])("refuses to mount at %j, and makes nothing", (places, message) => {
    const dir = freshFolder();
    const mounts = Object.fromEntries(places.map((place, i) => [place, volume(`v${i}`)]));
    expect(() => resolveVolumes(dir, mounts)).toThrow(message);
    expect(codeOf(() => resolveVolumes(dir, mounts))).toBe("LIGASE_E_VOLUME");
    expect(readdirSync(dir)).toEqual([]);
  });

  it("mounts at absolute places in an image only", () => {
    const dir = freshFolder();
    expect(() => resolveVolumes(dir, { "/data": volume("d") }, { inImage: false })).toThrow(
      "the task runs in no image",
    );
    expect(resolveVolumes(dir, { "./data": volume("d") }, { inImage: false })).toHaveLength(1);
    // `/ab` does not lie in `/a`.
    expect(resolveVolumes(dir, { "/a": volume("a"), "/ab": volume("b") })).toHaveLength(2);
  });

  it("refuses names that came around the value", () => {
    expect(codeOf(() => resolveVolumes(freshFolder(), { "./a": { volume: "../../etc", readOnly: true } }))).toBe(
      "LIGASE_E_VOLUME",
    );
  });
});

describe("patterns in a volume", () => {
  it("match as in a shell; a name that is there is meant literally", async () => {
    const seq = freshVolume();
    for (const path of ["a.gb", "b.gb", "c.fa", ".hidden.gb", "sub/d.gb", "sub/deep/e.gb", "odd[1].gb", "odd1.gb"]) {
      await seq.write(path, streamOf(path));
    }
    const found = async (pattern: string): Promise<string[]> => (await matching(seq, pattern)).map(({ path }) => path);
    expect(await found("*.gb")).toEqual(["a.gb", "b.gb", "odd1.gb", "odd[1].gb"]);
    expect(await found("?.{gb,fa}")).toEqual(["a.gb", "b.gb", "c.fa"]);
    expect(await found("**/*.gb")).toEqual(["a.gb", "b.gb", "odd1.gb", "odd[1].gb", "sub/d.gb", "sub/deep/e.gb"]);
    expect(await found("s*")).toEqual(["sub"]);
    expect(await found("s*/*")).toEqual(["sub/d.gb", "sub/deep"]);
    expect(await found("odd[1].gb")).toEqual(["odd[1].gb"]);
    expect(await found("x*")).toEqual([]);
    expect(await found("x")).toEqual([]);
  });

  it("do not look through links", async () => {
    const seq = freshVolume();
    await seq.write("a/f", streamOf("f"));
    symlinkSync("/", join(seq.root, "out"));
    expect((await matching(seq, "**/f")).map(({ path }) => path)).toEqual(["a/f"]);
    expect((await matching(seq, "*/etc")).map(({ path }) => path)).toEqual([]);
  });
});
