import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Codec } from "../../../src/kernel/index.ts";
import { Dir, File, fileAtoms, Fingerprints, knownOf } from "../../../src/files/index.ts";
import { tempDir } from "./temp-dir.ts";

/** A project with a store, its codec, and a file in it. */
function project() {
  const root = tempDir();
  const storeDir = join(root, ".ligase");
  mkdirSync(join(storeDir, "files"), { recursive: true });
  const fingerprints = new Fingerprints();
  const codec = new Codec(fileAtoms({ root, storeDir, fingerprints }));
  const file = (path: string, content: string) => new File(join(root, path)).write(content);
  return { root, storeDir, fingerprints, codec, file };
}

describe("fileAtoms", () => {
  it("tell two files apart by name and content, never by place", async () => {
    const { codec, fingerprints, file } = project();
    const a = await file("one/x.fq", "reads");
    const b = await file("two/x.fq", "reads");
    const renamed = await file("y.fq", "reads");
    const other = await file("three/x.fq", "other");
    expect(codec.encode(a).unresolved).toEqual([a]);
    await fingerprints.settle([a, b, renamed, other]);
    expect(codec.hash({ r: a })).toBe(codec.hash({ r: b }));
    expect(new Set([a, renamed, other].map((value) => codec.hash(value))).size).toBe(3);
    expect(codec.encode(a).text).not.toBe(codec.encode(b).text);
    expect(codec.encode(a).identity).not.toContain("one");
  });

  it("count sidecars, and wait for them", async () => {
    const { codec, fingerprints, file } = project();
    const [fasta, index] = [await file("ref.fa", "a"), await file("ref.fa.fai", "b")];
    await fingerprints.settle([fasta]);
    const indexed = fasta.with(index);
    expect(codec.encode(indexed).unresolved).toEqual([indexed]);
    await fingerprints.settle([indexed]);
    expect(codec.hash(indexed)).not.toBe(codec.hash(fasta));
  });

  it("write places relative to the store or the project, so that both can be moved", async () => {
    const [here, there] = [project(), project()];
    const places = ["x.fq", ".ligase/files/y.fq", "ligase:odd/http:/z"];
    const files = await Promise.all(places.map((path) => here.file(path, path)));
    await here.fingerprints.settle(files);
    const { text } = here.codec.encode(files);
    expect(text).not.toContain(here.root);
    const moved = there.codec.decode(text) as File[];
    expect(moved.map(({ path }) => path)).toEqual(places.map((path) => join(there.root, path)));
    expect(moved.map((file) => knownOf(file)?.hash)).toEqual(files.map((file) => knownOf(file)?.hash));
    expect(there.codec.encode(moved).identity).toBe(here.codec.encode(files).identity);
  });

  it("write other places as they are, and bring everything back", async () => {
    const { root, codec, fingerprints } = project();
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "d/x"), "");
    const dir = new Dir(join(root, "d"));
    await fingerprints.settle([dir]);
    const value = { dir, far: new File("/far/away").with("/far/index"), web: new File("https://example.org/a%20b?c") };
    const back = codec.decode(codec.encode(value).text) as typeof value;
    expect(back).toEqual(value);
    expect(back.dir).toBeInstanceOf(Dir);
    expect(back.far.sidecars[0]).toBeInstanceOf(File);
    expect(knownOf(back.dir)?.hash).toBe(knownOf(dir)?.hash);
    expect(codec.hash(back.dir)).toBe(codec.hash(dir));
  });

  it("take what another run knew for unknown", async () => {
    const { root, storeDir, codec, fingerprints, file } = project();
    const value = await file("x", "content");
    await fingerprints.settle([value]);
    expect(codec.encode(value).unresolved).toEqual([]);
    const next = new Codec(fileAtoms({ root, storeDir, fingerprints: new Fingerprints() }));
    expect(next.encode(value).unresolved).toEqual([value]);
    await value.write("changed");
    expect(codec.encode(value).unresolved).toEqual([value]);
  });

  it("have the hashes they always had", async () => {
    const { codec, fingerprints, file } = project();
    const value = (await file("x.fq", "reads")).with(await file("x.idx", "index"));
    await fingerprints.settle([value]);
    expect(codec.encode(value).identity).toMatchInlineSnapshot(
      `"{"$":"file","v":{"hash":"3566cf23ecb6f832d67d1439e0cb3d05eb7f4ad702c6f478aa96f19812f18e8c","name":"x.fq","sidecars":[{"hash":"1bc04b5291c26a46d918139138b992d2de976d6851d0893b0476b85bfbdfc6e6","name":"x.idx"}]}}"`,
    );
  });
});
