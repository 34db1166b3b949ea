import fsp from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { File, projectDir, withWorkDir } from "../../../src/files/index.ts";
import { Lines } from "../../../src/files/lines.ts";
import { plainChunks } from "../../../src/files/text.ts";
import { containing, tempDir } from "./temp-dir.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("File", () => {
  it("takes a path, a file: URL or an http(s) URL, and makes paths absolute", () => {
    expect(new File("data/x.fq").path).toBe(join(projectDir(), "data/x.fq"));
    expect(new File("/data/../x.fq").path).toBe("/x.fq");
    expect(new File(pathToFileURL("/a b/ü.fq")).path).toBe("/a b/ü.fq");
    expect(new File("file:///a%20b").path).toBe("/a b");
    expect(new File("https://example.org/a/reads.fq.gz?x=1").path).toBe("https://example.org/a/reads.fq.gz?x=1");
    expect(new File("https://example.org/a/my%20reads.fq.gz?x=1").name).toBe("my reads.fq.gz");
    expect(new File("https://example.org/").name).toBe("example.org");
    expect(new File("/a/-x.fq").name).toBe("-x.fq");
  });

  it.each(["", "a\0b", "s3://bucket/key", "https://", "file://host/x"])("refuses %j", (location) => {
    expect(() => new File(location)).toThrow(expect.objectContaining({ code: "LIGASE_E_LOCATION" }));
  });

  it("refuses what is no text", () => {
    const given: unknown = 7;
    expect(() => new File(given as string)).toThrow(expect.objectContaining({ code: "LIGASE_E_LOCATION" }));
  });

  it("is equal to another of the same path, and unlike one of another", () => {
    expect(new File("/a")).toEqual(new File("/a"));
    expect(new File("/a")).not.toEqual(new File("/b"));
    expect(new File("/a").with("/b")).not.toEqual(new File("/a"));
    expect(JSON.stringify({ bam: new File("/a.bam") })).toBe('{"bam":"/a.bam"}');
  });

  it("keeps its sidecars", () => {
    const fasta = new File("/ref.fa").with("/ref.fa.fai").with(new File("/ref.fa.bwt"));
    expect(fasta.sidecars.map(({ name }) => name)).toEqual(["ref.fa.fai", "ref.fa.bwt"]);
  });

  it.each([
    "with space",
    'it\'s "quoted"',
    "new\nline",
    "-dash",
    "é",
    "e\u0301",
    "日本語 🧬",
    "$(x)`y`",
    "a\\b",
    "*",
    "." + "x".repeat(200),
  ])("reads and writes the name %j", async (name) => {
    const dir = tempDir();
    await new File(join(dir, name)).write("content");
    expect(readdirSync(dir)).toEqual([name]);
    expect(await new File(join(dir, name)).text()).toBe("content");
  });

  it("names a missing file and the one that was meant", async () => {
    const dir = tempDir();
    writeFileSync(join(dir, "samples.csv"), "");
    await expect(new File(join(dir, "sampels.csv")).text()).rejects.toMatchObject({
      code: "LIGASE_E_NO_FILE",
      message: containing(join(dir, "sampels.csv")),
      mend: 'did you mean "samples.csv"?',
    });
    await expect(collect(new File(join(dir, "sampels.csv")).lines())).rejects.toMatchObject({
      code: "LIGASE_E_NO_FILE",
    });
    await expect(new File(dir).text()).rejects.toMatchObject({ code: "LIGASE_E_IS_DIR" });
    expect(await new File(join(dir, "no")).exists()).toBe(false);
    expect(await new File(join(dir, "samples.csv", "x")).exists()).toBe(false);
    expect(await new File(join(dir, "samples.csv")).exists()).toBe(true);
  });
});

describe("File.text, lines, json and bytes", () => {
  it("unpack gzip by its content, of several members too, and leave bytes alone", async () => {
    const dir = tempDir();
    const path = join(dir, "reads.txt");
    // bgzip: many members, an empty one last.
    const packed = Buffer.concat([gzipSync("one\ntw"), gzipSync("o\nthree\n"), gzipSync("")]);
    writeFileSync(path, packed);
    const file = new File(path);
    expect(await file.text()).toBe("one\ntwo\nthree\n");
    expect(await collect(file.lines())).toEqual(["one", "two", "three"]);
    expect(Buffer.from(await file.bytes())).toEqual(packed);
    expect(Buffer.concat(await (await file.stream()).toArray())).toEqual(packed);
    expect(await file.size()).toBe(packed.length);
  });

  it("say that gzip is cut short", async () => {
    const path = join(tempDir(), "x.gz");
    writeFileSync(path, gzipSync("content ".repeat(1000)).subarray(0, 30));
    await expect(new File(path).text()).rejects.toMatchObject({ code: "LIGASE_E_GZIP", message: containing(path) });
    await expect(collect(new File(path).lines())).rejects.toMatchObject({ code: "LIGASE_E_GZIP" });
  });

  it("drop a byte order mark, and replace what is not UTF-8", async () => {
    const path = join(tempDir(), "sheet.csv");
    writeFileSync(path, Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x0d, 0x0a, 0x62]));
    expect(await new File(path).text()).toBe("a\uFFFD\r\nb");
    expect(await collect(new File(path).lines())).toEqual(["a\uFFFD", "b"]);
  });

  it("parse JSON, and name the file that is none", async () => {
    const path = join(tempDir(), "x.json");
    const file = await new File(path).write('{"a":[1]}');
    expect(await file.json()).toEqual({ a: [1] });
    await file.write("{");
    await expect(file.json()).rejects.toMatchObject({ code: "LIGASE_E_JSON", message: containing(path) });
  });

  it("give the same lines however the bytes arrive", async () => {
    const line = fc
      .string({ unit: fc.constantFrom("a", "\r", "é", "🧬", " "), maxLength: 6 })
      .filter((text) => !text.endsWith("\r"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.boolean(),
        fc.constantFrom("\n", "\r\n"),
        fc.array(fc.nat(40)),
        fc.nat(9),
        async (lines, packed, end, sizes, split) => {
          const text = lines.map((line) => line + end).join("");
          const plain = Buffer.from(text);
          const at = Math.min(split, plain.length);
          const bytes = packed ? Buffer.concat([gzipSync(plain.subarray(0, at)), gzipSync(plain.subarray(at))]) : plain;
          const chunks = async function* () {
            let from = 0;
            for (const size of sizes) yield bytes.subarray(from, (from += size));
            yield bytes.subarray(from);
          };
          expect(await collect(new Lines(async () => plainChunks(chunks(), "x")))).toEqual(lines);
        },
      ),
    );
  });

  it("stop reading when the reader stops", async () => {
    const path = join(tempDir(), "x.gz");
    writeFileSync(path, gzipSync("line\n".repeat(500_000)));
    for await (const line of new File(path).lines()) {
      expect(line).toBe("line");
      break;
    }
  });

  it("answer calls for lines that come at once in their order", async () => {
    const file = await new File(join(tempDir(), "x")).write("1\n2\n3");
    const lines = file.lines();
    const results = await Promise.all([lines.next(), lines.next(), lines.next(), lines.next(), lines.next()]);
    expect(results.map(({ value }) => value)).toEqual(["1", "2", "3", undefined, undefined]);
    expect(await lines.next()).toEqual({ done: true, value: undefined });
  });

  it("read a line of 10 MB", async () => {
    const path = join(tempDir(), "x");
    writeFileSync(path, `${"x".repeat(10_000_000)}\ny`);
    expect((await collect(new File(path).lines())).map((line) => line.length)).toEqual([10_000_000, 1]);
  });
});

describe("File.write", () => {
  it("takes text, bytes, and pieces of either as they come", async () => {
    const dir = tempDir();
    const pieces = async function* () {
      yield "a";
      yield Buffer.from("b");
    };
    const written = (content: Parameters<File["write"]>[0]) =>
      new File(join(dir, "deep/er/x")).write(content).then((file) => file.text());
    expect(await written("é")).toBe("é");
    expect(await written(Buffer.from("bytes"))).toBe("bytes");
    expect(await written(["x", "y\n"])).toBe("xy\n");
    expect(await written(pieces())).toBe("ab");
    expect(await written(new Response("web").body!)).toBe("web");
    expect(await written(Array.from({ length: 100_000 }, () => "0123456789"))).toHaveLength(1_000_000);
    expect(readdirSync(join(dir, "deep/er"))).toEqual(["x"]);
  });

  it("leaves the old content when the new one fails", async () => {
    const dir = tempDir();
    const file = await new File(join(dir, "x")).write("old");
    const failing = function* () {
      yield "new".repeat(200_000);
      throw new Error("no more");
    };
    await expect(file.write(failing())).rejects.toThrow("no more");
    expect(await file.text()).toBe("old");
    expect(readdirSync(dir)).toEqual(["x"]);
  });

  it("replaces a link instead of writing through it, and keeps a mode", async () => {
    const dir = tempDir();
    writeFileSync(join(dir, "original"), "original");
    symlinkSync("original", join(dir, "link"));
    await new File(join(dir, "link")).write("new");
    expect(readFileSync(join(dir, "original"), "utf8")).toBe("original");
    writeFileSync(join(dir, "tool.sh"), "");
    chmodSync(join(dir, "tool.sh"), 0o750);
    await new File(join(dir, "tool.sh")).write("#!/bin/sh");
    expect(statSync(join(dir, "tool.sh")).mode & 0o777).toBe(0o750);
  });

  it("refuses a URL", async () => {
    await expect(new File("http://localhost/x").write("")).rejects.toMatchObject({ code: "LIGASE_E_READ_ONLY" });
  });

  it("in a task makes the file in the attempt's directory, and nowhere else", async () => {
    const dir = tempDir();
    mkdirSync(join(dir, "work"));
    const file = await withWorkDir(join(dir, "work"), async () => File.write("sub/x.txt", "content"));
    expect(file.path).toBe(join(dir, "work/sub/x.txt"));
    for (const name of ["../x", "/etc/x", ".", "a/../../x", ""]) {
      await expect(withWorkDir(join(dir, "work"), async () => File.write(name, ""))).rejects.toMatchObject({
        code: "LIGASE_E_OUTPUT_OUTSIDE",
      });
    }
    expect(readdirSync(dir)).toEqual(["work"]);
  });
});

describe("a file system that refuses", () => {
  const real = { ...fsp };
  const failWith = (call: "open" | "copyFile" | "mkdir", code: string) => {
    Object.assign(fsp, { [call]: async () => Promise.reject(Object.assign(new Error(`${code}: no`), { code })) });
    syncBuiltinESMExports();
  };
  afterEach(() => {
    Object.assign(fsp, real);
    syncBuiltinESMExports();
  });

  it.each([
    ["ENOSPC", "LIGASE_E_DISK_FULL"],
    ["EDQUOT", "LIGASE_E_DISK_FULL"],
    ["EROFS", "LIGASE_E_READ_ONLY"],
    ["EACCES", "LIGASE_E_PERMISSION"],
    ["EMFILE", "LIGASE_E_TOO_MANY_FILES"],
  ])("gives for %s %s, with the path", async (errno, code) => {
    const dir = tempDir();
    const source = await new File(join(dir, "source")).write("content");
    failWith("open", errno);
    await expect(new File(join(dir, "x")).write("")).rejects.toMatchObject({
      code,
      facts: { path: join(dir, "x"), errno },
    });
    failWith("copyFile", errno);
    await expect(source.publish(join(dir, "y"))).rejects.toMatchObject({ code, facts: { path: join(dir, "y") } });
    expect(readdirSync(dir)).toEqual(["source"]);
  });
});

describe("File.publish", () => {
  it("copies to a path, into a folder, and into one that is to be made", async () => {
    const dir = tempDir();
    const file = await new File(join(dir, "a.txt")).write("content");
    mkdirSync(join(dir, "there"));
    expect((await file.publish(join(dir, "b.txt"))).path).toBe(join(dir, "b.txt"));
    expect((await file.publish(join(dir, "there"))).path).toBe(join(dir, "there/a.txt"));
    expect((await file.publish(`${join(dir, "new/er")}/`)).path).toBe(join(dir, "new/er/a.txt"));
    expect(readFileSync(join(dir, "new/er/a.txt"), "utf8")).toBe("content");
    expect(statSync(join(dir, "b.txt")).ino).not.toBe(statSync(file.path).ino);
    expect(statSync(join(dir, "b.txt")).nlink).toBe(1);
  });

  it("leaves an equal destination alone, and replaces another at once", async () => {
    const dir = tempDir();
    const file = await new File(join(dir, "a")).write("x".repeat(3_000_000));
    await file.publish(join(dir, "b"));
    const before = statSync(join(dir, "b"));
    await file.publish(join(dir, "b"));
    expect(statSync(join(dir, "b")).ino).toBe(before.ino);
    await file.write(`${"x".repeat(2_999_999)}y`);
    await file.publish(join(dir, "b"));
    expect(statSync(join(dir, "b")).ino).not.toBe(before.ino);
    expect(readFileSync(join(dir, "b"), "utf8").endsWith("xy")).toBe(true);
    await file.publish(file.path);
    expect(statSync(file.path).size).toBe(3_000_000);
  });

  it("replaces a link and a hard link to the file by a copy", async () => {
    const dir = tempDir();
    const file = await new File(join(dir, "a")).write("content");
    symlinkSync("a", join(dir, "link"));
    linkSync(file.path, join(dir, "hard"));
    await file.publish(join(dir, "link"));
    await file.publish(join(dir, "hard"));
    expect(lstatSync(join(dir, "link")).isFile()).toBe(true);
    expect(statSync(join(dir, "hard")).nlink).toBe(1);
  });

  it("puts sidecars beside it under names that keep the relation", async () => {
    const dir = tempDir();
    for (const name of ["s1.bam", "s1.bam.bai", "s1.bai", "other.txt"]) writeFileSync(join(dir, name), name);
    const file = new File(join(dir, "s1.bam")).with(
      join(dir, "s1.bam.bai"),
      join(dir, "s1.bai"),
      join(dir, "other.txt"),
    );
    const published = await file.publish(join(dir, "out/final.bam"));
    expect(published.sidecars.map(({ name }) => name)).toEqual(["final.bam.bai", "final.bai", "other.txt"]);
    expect(readdirSync(join(dir, "out")).sort()).toEqual(["final.bai", "final.bam", "final.bam.bai", "other.txt"]);
  });

  it("names what is missing", async () => {
    const dir = tempDir();
    await expect(new File(join(dir, "no")).publish(join(dir, "b"))).rejects.toMatchObject({
      code: "LIGASE_E_NO_FILE",
      facts: { path: join(dir, "no") },
    });
    expect(readdirSync(dir)).toEqual([]);
  });
});
