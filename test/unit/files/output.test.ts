import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  collectOutputs,
  commitValueFiles,
  Dir,
  eachWritten,
  File,
  fileAtoms,
  Fingerprints,
  holdsFiles,
  knownOf,
  Output,
  output,
  withWorkDir,
} from "../../../src/files/index.ts";
import { mapOutputs, plainOutputs } from "../../../src/files/spec.ts";
import { Codec } from "../../../src/kernel/index.ts";
import { tempDir } from "./temp-dir.ts";
import { zipEntries } from "./zip-entries.ts";

const CALL = "ab12345678901234567890123456789012345678";

/** A store with the directory of an attempt in it, and files there. */
function attempt(files: Readonly<Record<string, string>> = {}) {
  const dir = tempDir();
  const storeDir = join(dir, ".ligase");
  const workDir = join(storeDir, "work/job-1");
  mkdirSync(workDir, { recursive: true });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(workDir, path)), { recursive: true });
    writeFileSync(join(workDir, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const outputDir = join(storeDir, "outputs/ab", CALL);
  const codec = new Codec(fileAtoms({ root: dir, storeDir }));
  return { dir, storeDir, workDir, outputDir, codec, write };
}

describe("output", () => {
  it("is a File in everything, and knows what it holds", async () => {
    const { workDir } = attempt({ "plot.svg": "<svg/>" });
    const plot = withWorkDir(workDir, () => output("plot.svg"));
    expect(plot).toBeInstanceOf(File);
    expect([plot.name, plot.path, plot.mediaType]).toEqual(["plot.svg", join(workDir, "plot.svg"), "image/svg+xml"]);
    expect([await plot.text(), await plot.size()]).toEqual(["<svg/>", 6]);
    expect(plot.file).not.toBeInstanceOf(Output);
    expect(plot.file).toEqual(new File(plot.path));
    expect(withWorkDir(workDir, () => output("plot.svg", { mediaType: "text/plain" })).mediaType).toBe("text/plain");
  });

  it("takes what others left as it is", () => {
    const file = new File("/data/x.bam").with("/data/x.bam.bai");
    const out = output(file);
    expect([out.path, out.sidecars]).toEqual(["/data/x.bam", file.sidecars]);
  });

  it.each([[""], [3], [undefined], [{}], [["a"]]])("refuses %j", (what) => {
    expect(() => output(what as string)).toThrow(expect.objectContaining({ code: "LIGASE_E_OUTPUTS" }));
  });

  it.each(["png", "image/", "text/html\r\nX: y", "a/b c"])("refuses %j as a media type", (mediaType) => {
    expect(() => output("x", { mediaType })).toThrow(expect.objectContaining({ code: "LIGASE_E_OPTION" }));
  });

  it("is written with a tag of its own, and read again", async () => {
    const { codec, workDir, outputDir } = attempt({ "a.txt": "a", "b.txt": "b" });
    const value = withWorkDir(workDir, () => [output("a.txt"), output("b.txt", { mediaType: "text/x-b" })]);
    await commitValueFiles(value, workDir, outputDir);
    const { text, identity } = codec.encode(value);
    expect(JSON.parse(text)).toMatchObject([
      { $: "output", v: { path: `ligase:outputs/ab/${CALL}/a.txt`, size: 1 } },
      { $: "output", v: { mediaType: "text/x-b" } },
    ]);
    const hash = knownOf(value[0]!)!.hash;
    expect(JSON.parse(identity)).toMatchObject([{ $: "output", v: { name: "a.txt", hash } }, {}]);
    expect(JSON.parse(identity)[0].v).toEqual({ name: "a.txt", hash });
    const read = codec.decode(text) as Output[];
    expect(read).toEqual(value);
    expect(read.map((each) => [each instanceof Output, each.mediaType])).toEqual([
      [true, "text/plain"],
      [true, "text/x-b"],
    ]);
    expect(holdsFiles(text)).toBe(true);
    const seen: string[] = [];
    eachWritten(JSON.parse(text), (file, kind) => seen.push(`${kind} ${file.path.slice(-5)}`));
    expect(seen).toEqual(["file a.txt", "file b.txt"]);
  });

  it("tells outputs apart from files, and by their media type where it was said", async () => {
    const { codec, workDir } = attempt({ "a.txt": "a" });
    const path = join(workDir, "a.txt");
    const values = [new File(path), new Output(path), new Output(path, { mediaType: "text/x-a" })];
    await using fingerprints = { by: new Fingerprints(), [Symbol.asyncDispose]: () => fingerprints.by.close() };
    await fingerprints.by.settle(values);
    expect(new Set(values.map((value) => codec.hash(value))).size).toBe(3);
  });

  it("has no link in its own task, nor outside of a store", () => {
    const { workDir } = attempt({ "a.txt": "a" });
    expect(() => withWorkDir(workDir, () => output("a.txt").url())).toThrow(
      expect.objectContaining({ code: "LIGASE_E_LINK" }),
    );
    expect(() => output(new File("/data/x")).url()).toThrow(expect.objectContaining({ code: "LIGASE_E_LINK" }));
  });
});

describe("an output of a folder", () => {
  it("becomes a zip file with everything in it, links as what they lead to", async () => {
    const { workDir, outputDir, write } = attempt({
      "plots/b.txt": "b",
      "plots/a/x.png": "not compressed",
      "plots/run.sh": "#!/bin/sh\n",
      "other.txt": "other",
    });
    mkdirSync(join(workDir, "plots/empty"));
    chmodSync(join(workDir, "plots/run.sh"), 0o755);
    symlinkSync("../other.txt", join(workDir, "plots/link.txt"));
    symlinkSync("../plots", join(workDir, "plots/circle"));
    symlinkSync("nowhere", join(workDir, "plots/broken"));
    write("plots/ünï.txt", "u");
    const plots = withWorkDir(workDir, () => output("plots/"));
    await commitValueFiles({ plots }, workDir, outputDir);
    expect([plots.path, plots.name, plots.mediaType]).toEqual([
      join(outputDir, "plots.zip"),
      "plots.zip",
      "application/zip",
    ]);
    expect(zipEntries(plots.path)).toEqual([
      { name: "plots/a/x.png", text: "not compressed", mode: 0o644, stored: true },
      { name: "plots/b.txt", text: "b", mode: 0o644, stored: false },
      { name: "plots/empty/", text: "", mode: 0o755, stored: true },
      { name: "plots/link.txt", text: "other", mode: 0o644, stored: false },
      { name: "plots/run.sh", text: "#!/bin/sh\n", mode: 0o755, stored: false },
      { name: "plots/ünï.txt", text: "u", mode: 0o644, stored: false },
    ]);
    expect(knownOf(plots)).toMatchObject({ size: await plots.size() });
  });

  it("has the same bytes whenever and wherever it is made", async () => {
    const zips = await Promise.all(
      [
        ["a", "b/c"],
        ["b/c", "a"],
      ].map(async (order, i) => {
        const { workDir, outputDir, write } = attempt();
        for (const path of order) write(`qc/${path}`, path.repeat(1000));
        utimesSync(join(workDir, "qc/a"), i * 1e6, i * 1e9);
        chmodSync(join(workDir, "qc/a"), i === 0 ? 0o600 : 0o664);
        const qc = withWorkDir(workDir, () => output("qc"));
        await commitValueFiles(qc, workDir, outputDir);
        return readFileSync(qc.path);
      }),
    );
    expect(zips[0]!.equals(zips[1]!)).toBe(true);
  });

  it("may be handed out beside the folder itself and a file of that name", async () => {
    const { workDir, outputDir } = attempt({ "d/x": "x", "e/d/y": "y", "d.zip": "mine" });
    const value = withWorkDir(workDir, () => ({
      dir: new Dir(join(workDir, "d")),
      mine: output("d.zip"),
      all: [output("d"), output("d/"), output("e/d")],
    }));
    await commitValueFiles(value, workDir, outputDir);
    expect(value.all.map(({ name }) => name)).toEqual(["d-2.zip", "d-2.zip", "d-3.zip"]);
    expect(value.all.map(({ path }) => zipEntries(path).map(({ name }) => name))).toEqual([["d/x"], ["d/x"], ["d/y"]]);
    expect(await value.mine.text()).toBe("mine");
    expect((await value.dir.files()).map(({ name }) => name)).toEqual(["x"]);
  });

  it("may be one that another task left, but nothing else outside", async () => {
    const { dir, storeDir, workDir, outputDir } = attempt();
    const left = join(storeDir, "outputs/cd/other/qc");
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, "x"), "x");
    const handed = withWorkDir(workDir, () => output(new Dir(left)));
    await commitValueFiles(handed, workDir, outputDir);
    expect(zipEntries(handed.path).map(({ name }) => name)).toEqual(["qc/x"]);
    expect(existsSync(join(left, "x"))).toBe(true);
    for (const path of [join(dir, "private"), "/etc", ".", ".."]) {
      mkdirSync(join(dir, "private"), { recursive: true });
      const value = withWorkDir(workDir, () => output(path));
      await expect(commitValueFiles(value, workDir, outputDir)).rejects.toMatchObject({
        code: "LIGASE_E_OUTPUT_OUTSIDE",
      });
    }
  });

  it.each(["file", "folder", "itself"])("refuses links that lead out: %s", async (what) => {
    const { dir, workDir, outputDir } = attempt({ "d/x": "x" });
    mkdirSync(join(dir, "secret"));
    writeFileSync(join(dir, "secret/key"), "key");
    const [target, at] = { file: ["secret/key", "d/key"], folder: ["secret", "d/keys"], itself: ["secret", "link"] }[
      what
    ]!;
    symlinkSync(join(dir, target!), join(workDir, at!));
    const value = withWorkDir(workDir, () => output(what === "itself" ? "link" : "d"));
    await expect(commitValueFiles(value, workDir, outputDir)).rejects.toMatchObject({
      code: "LIGASE_E_OUTPUT_OUTSIDE",
    });
    expect(existsSync(outputDir)).toBe(false);
  });

  it("that is not there, or is a file that is not there, is missing", async () => {
    const { workDir, outputDir } = attempt();
    const value = withWorkDir(workDir, () => output("plot.svg"));
    await expect(commitValueFiles(value, workDir, outputDir)).rejects.toMatchObject({
      code: "LIGASE_E_MISSING_OUTPUT",
      message: expect.stringContaining("plot.svg") as string,
    });
  });
});

describe("output among the outputs of a script", () => {
  const spec = () => ({
    plot: output("a [1].svg"),
    list: [output("qc/", { mediaType: "application/x-qc" })],
    bam: "x.bam",
  });

  it("is stored as plain data", () => {
    const { workDir } = attempt();
    for (const plain of [plainOutputs(spec()), withWorkDir(workDir, () => plainOutputs(spec()))]) {
      expect(plain).toEqual({
        plot: { "^": "a [1].svg" },
        list: [{ "^": "qc/", mediaType: "application/x-qc" }],
        bam: "x.bam",
      });
    }
  });

  it("gives Outputs, of a folder as a zip file, and takes names as they are", async () => {
    const { workDir, outputDir } = attempt({ "a [1].svg": "<svg/>", "qc/x": "x", "x.bam": "x" });
    const found = (await collectOutputs(plainOutputs(spec()), workDir)) as { plot: Output; list: Output[]; bam: File };
    await commitValueFiles(found, workDir, outputDir);
    expect([found.plot, found.list[0], found.bam].map((each) => each instanceof Output)).toEqual([true, true, false]);
    expect([found.plot.path, found.list[0]!.path]).toEqual([join(outputDir, "a [1].svg"), join(outputDir, "qc.zip")]);
    expect(found.list[0]!.mediaType).toBe("application/x-qc");
  });

  it("may be missing where that is said", async () => {
    const { workDir } = attempt();
    expect(await collectOutputs(plainOutputs({ a: { "?": output("a.svg") } }), workDir)).toEqual({ a: undefined });
    await expect(collectOutputs(plainOutputs({ a: output("a.svg") }), workDir)).rejects.toMatchObject({
      code: "LIGASE_E_MISSING_OUTPUT",
    });
  });

  it.each(["../x", "/x", ".", "a/../../b"])("refuses %s", (path) => {
    expect(() => mapOutputs(plainOutputs(output(path)), () => undefined)).toThrow(
      expect.objectContaining({ code: "LIGASE_E_OUTPUT_OUTSIDE" }),
    );
  });

  it("refuses a file that is there already", () => {
    expect(() => plainOutputs({ a: output(new File("/data/x")) })).toThrow(
      expect.objectContaining({ code: "LIGASE_E_OUTPUTS" }),
    );
  });
});
