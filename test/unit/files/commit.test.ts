import fs, {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fsp from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  commitFiles,
  commitOutputs,
  commitValueFiles,
  collectOutputs,
  Dir,
  File,
  Fingerprints,
  knownOf,
  withWorkDir,
} from "../../../src/files/index.ts";
import { tempDir } from "./temp-dir.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

function attempt(...paths: string[]) {
  const dir = tempDir();
  const workDir = join(dir, "work");
  mkdirSync(workDir);
  for (const path of paths) {
    mkdirSync(dirname(join(workDir, path)), { recursive: true });
    writeFileSync(join(workDir, path), path);
  }
  return { dir, workDir, outputDir: join(dir, "store/files/ab12") };
}

describe("commitOutputs", () => {
  it("moves outputs into the output directory, with their fingerprints", async () => {
    const { dir, workDir, outputDir } = attempt("a.bam", "a.bam.bai", "deep/x", "qc/r1", "qc/r2", "scratch");
    const spec = { bam: { file: "a.bam", sidecars: "a.bam.*" }, x: "deep/x", qc: "qc/", again: "a.bam" };
    const found = await collectOutputs(spec, workDir);
    const value = (await commitOutputs(found, workDir, outputDir)) as { bam: File; x: File; qc: Dir; again: File };
    expect(value).toEqual({
      bam: new File(join(outputDir, "a.bam")).with(join(outputDir, "a.bam.bai")),
      x: new File(join(outputDir, "deep/x")),
      qc: new Dir(join(outputDir, "qc")),
      again: new File(join(outputDir, "a.bam")),
    });
    expect(await value.bam.text()).toBe("a.bam");
    expect(knownOf(value.bam)).toMatchObject({ hash: sha256("a.bam"), size: 5 });
    expect(knownOf(value.bam.sidecars[0]!)).toMatchObject({ hash: sha256("a.bam.bai") });
    const fingerprints = new Fingerprints();
    expect(knownOf(value.qc)).toMatchObject(await fingerprints.dir(join(outputDir, "qc")));
    expect(await fingerprints.firstChanged([value.bam, value.x, value.qc, value.again])).toBeUndefined();
    await fingerprints.close();
    expect(readdirSync(workDir).sort()).toEqual(["deep", "scratch"]);
    expect(readdirSync(join(dir, "store/files"))).toEqual(["ab12"]);
  });

  it("replaces what an earlier attempt left, whole", async () => {
    const { dir, workDir, outputDir } = attempt("new");
    mkdirSync(outputDir, { recursive: true });
    writeFileSync(join(outputDir, "old"), "");
    await commitOutputs(new File(join(workDir, "new")), workDir, outputDir);
    expect(readdirSync(outputDir)).toEqual(["new"]);
    expect(readdirSync(join(dir, "store/files"))).toEqual(["ab12"]);
  });

  it("makes files of links, moves what only one needs, and copies what two do", async () => {
    const { workDir, outputDir } = attempt("real", "shared", "folder/inner");
    symlinkSync("real", join(workDir, "link"));
    symlinkSync("shared", join(workDir, "also"));
    symlinkSync("folder/inner", join(workDir, "inner"));
    const value = await collectOutputs(["link", "shared", "also", "inner", "folder/", "folder/inner"], workDir);
    await commitOutputs(value, workDir, outputDir);
    for (const [path, content] of [
      ["link", "real"],
      ["shared", "shared"],
      ["also", "shared"],
      ["inner", "folder/inner"],
      ["folder/inner", "folder/inner"],
    ] as const) {
      expect(lstatSync(join(outputDir, path)).isFile()).toBe(true);
      expect(readFileSync(join(outputDir, path), "utf8")).toBe(content);
    }
    expect(existsSync(join(workDir, "real"))).toBe(false);
  });

  it("copies a file that has another name elsewhere: it may be the user's", async () => {
    const { dir, workDir, outputDir } = attempt();
    writeFileSync(join(dir, "users"), "precious");
    linkSync(join(dir, "users"), join(workDir, "out"));
    await commitOutputs(await collectOutputs("out", workDir), workDir, outputDir);
    expect(statSync(join(outputDir, "out")).ino).not.toBe(statSync(join(dir, "users")).ino);
  });

  it("makes a directory whole in itself", async () => {
    const { dir, workDir, outputDir } = attempt("d/a", "beside");
    writeFileSync(join(dir, "far"), "far");
    mkdirSync(join(workDir, "d/sub"));
    const links = {
      "d/relative": "a",
      "d/absolute": join(workDir, "d/a"),
      "d/sub/up": "../a",
      "d/beside": "../beside",
      "d/far": join(dir, "far"),
      "d/dangling": "nowhere",
    };
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(workDir, path));
    const value = (await commitOutputs(await collectOutputs("d/", workDir), workDir, outputDir)) as Dir;
    const read = (path: string) => readFileSync(join(value.path, path), "utf8");
    expect(["relative", "absolute", "sub/up", "beside", "far"].map(read)).toEqual([
      "d/a",
      "d/a",
      "d/a",
      "beside",
      "far",
    ]);
    expect(readlinkSync(join(value.path, "absolute"))).toBe("a");
    expect(lstatSync(join(value.path, "far")).isFile()).toBe(true);
    expect(readlinkSync(join(value.path, "dangling"))).toBe("nowhere");
    symlinkSync(dir, join(workDir, "d2"));
    mkdirSync(join(workDir, "e"));
    symlinkSync(dir, join(workDir, "e/out"));
    await expect(commitOutputs(new Dir(join(workDir, "e")), workDir, join(dir, "o"))).rejects.toMatchObject({
      code: "LIGASE_E_OUTPUT_OUTSIDE",
    });
  });

  it("takes a directory of 50,000 files", async () => {
    const { workDir, outputDir } = attempt();
    mkdirSync(join(workDir, "many"));
    for (let i = 0; i < 50_000; i++) writeFileSync(join(workDir, "many", `${i}`), "");
    const value = (await commitOutputs(await collectOutputs("many/", workDir), workDir, outputDir)) as Dir;
    expect(await value.files()).toHaveLength(50_000);
    const fingerprints = new Fingerprints();
    expect(await fingerprints.firstChanged([value])).toBeUndefined();
    writeFileSync(join(value.path, "49999"), "x");
    expect(await fingerprints.firstChanged([value])).toBe(value);
    await fingerprints.close();
  }, 120_000);

  it.each(["-x", "a b", 'it\'s "q"', "new\nline", "é", "e\u0301", "日本語"])("keeps the odd name %j", async (name) => {
    const { workDir, outputDir } = attempt(name);
    await commitOutputs(await collectOutputs({ x: name }, workDir), workDir, outputDir);
    expect(readdirSync(outputDir)).toEqual([name]);
  });

  it("works in a directory that is reached through a link", async () => {
    const { dir, workDir, outputDir } = attempt("x");
    symlinkSync(workDir, join(dir, "alias"));
    symlinkSync("x", join(workDir, "y"));
    const value = await collectOutputs(["x", "y"], join(dir, "alias"));
    await commitOutputs(value, join(dir, "alias"), outputDir);
    expect(readdirSync(outputDir).sort()).toEqual(["x", "y"]);
  });
});

describe("commitValueFiles", () => {
  it("takes over what the body made, wherever in its result, and leaves the rest", async () => {
    const { dir, workDir, outputDir } = attempt();
    const input = await new File(join(dir, "input")).write("input");
    const value = await withWorkDir(workDir, async () => ({
      table: await File.write("t.tsv", "t"),
      map: new Map([["k", await File.write("sub/m", "m")]]),
      set: new Set([await File.write("s", "s")]),
      list: [input, null, undefined, 1, new Date(0)],
    }));
    const same = value.table;
    await commitValueFiles(value, workDir, outputDir);
    expect(value.table).toBe(same);
    expect(value.table.path).toBe(join(outputDir, "t.tsv"));
    expect(value.map.get("k")?.path).toBe(join(outputDir, "sub/m"));
    expect([...value.set][0]?.path).toBe(join(outputDir, "s"));
    expect(input.path).toBe(join(dir, "input"));
    expect(await value.table.text()).toBe("t");
  });

  it("makes no directory when there is nothing to take", async () => {
    const { dir, workDir, outputDir } = attempt();
    await commitValueFiles({ a: 1 }, workDir, outputDir);
    expect(existsSync(join(dir, "store"))).toBe(false);
  });

  it("names a file that the body did not write, and changes nothing", async () => {
    const { dir, workDir, outputDir } = attempt("made");
    const value = [new File(join(workDir, "made")), new File(join(workDir, "forgotten"))];
    await expect(commitFiles(value, workDir, outputDir)).rejects.toMatchObject({
      code: "LIGASE_E_MISSING_OUTPUT",
      facts: { path: "forgotten" },
    });
    expect(readdirSync(workDir)).toEqual(["made"]);
    expect(readdirSync(join(dir, "store/files"))).toEqual([]);
    await expect(commitFiles([new Dir(join(workDir, "made"))], workDir, outputDir)).rejects.toMatchObject({
      code: "LIGASE_E_OUTPUT_KIND",
    });
  });
});

describe("a commit that fails", () => {
  const real = { renameSync: fs.renameSync, mkdirSync: fs.mkdirSync, open: fsp.open };
  const restore = () => {
    Object.assign(fs, { renameSync: real.renameSync, mkdirSync: real.mkdirSync });
    Object.assign(fsp, { open: real.open });
    syncBuiltinESMExports();
  };
  afterEach(restore);
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };

  it("for a full or read-only disk says so, and puts everything back", async () => {
    const { dir, workDir, outputDir } = attempt("a", "b");
    const value = [new File(join(workDir, "a")), new File(join(workDir, "b"))];
    for (const [errno, code] of [
      ["ENOSPC", "LIGASE_E_DISK_FULL"],
      ["EROFS", "LIGASE_E_READ_ONLY"],
    ] as const) {
      Object.assign(fsp, { open: async () => failing(errno)() });
      syncBuiltinESMExports();
      await expect(commitFiles(value, workDir, outputDir)).rejects.toMatchObject({ code, facts: { path: outputDir } });
      expect(readdirSync(workDir).sort()).toEqual(["a", "b"]);
      expect(value[0]!.path).toBe(join(workDir, "a"));
      expect(readdirSync(join(dir, "store/files"))).toEqual([]);
    }
    Object.assign(fs, { mkdirSync: failing("EROFS") });
    syncBuiltinESMExports();
    await expect(commitFiles(value, workDir, outputDir)).rejects.toMatchObject({ code: "LIGASE_E_READ_ONLY" });
    restore();
    await commitFiles(value, workDir, outputDir);
    expect(readdirSync(outputDir).sort()).toEqual(["a", "b"]);
  });

  it("copies across devices", async () => {
    const { workDir, outputDir } = attempt("file", "folder/sub/x");
    symlinkSync("sub/x", join(workDir, "folder/link"));
    fs.utimesSync(join(workDir, "file"), 1e9, 1e9);
    Object.assign(fs, {
      renameSync: (from: string, to: string) =>
        from.startsWith(workDir) ? failing("EXDEV")() : real.renameSync(from, to),
    });
    syncBuiltinESMExports();
    await commitFiles([new File(join(workDir, "file")), new Dir(join(workDir, "folder"))], workDir, outputDir);
    expect(readFileSync(join(outputDir, "folder/sub/x"), "utf8")).toBe("folder/sub/x");
    expect(readlinkSync(join(outputDir, "folder/link"))).toBe("sub/x");
    expect(statSync(join(outputDir, "file")).mtimeMs).toBe(1e12);
    expect(readdirSync(workDir).sort()).toEqual(["file", "folder"]);
  });
});

describe("a process killed in a commit", () => {
  const commit = (workDir: string, outputDir: string, crash: string) => {
    const index = new URL("../../../src/files/index.ts", import.meta.url).href;
    const code = `
      const { commitFiles, File } = await import(${JSON.stringify(index)});
      await commitFiles([new File(${JSON.stringify(join(workDir, "x"))})], ${JSON.stringify(workDir)}, ${JSON.stringify(outputDir)});
    `;
    return spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      env: { ...process.env, LIGASE_CRASH: crash },
    });
  };

  it("before the rename leaves the old outputs, after it the new ones, whole", () => {
    const { workDir, outputDir } = attempt("x");
    mkdirSync(outputDir, { recursive: true });
    writeFileSync(join(outputDir, "x"), "old");
    expect(commit(workDir, outputDir, "files.commit.before-rename").signal).toBe("SIGKILL");
    expect(readFileSync(join(outputDir, "x"), "utf8")).toBe("old");
    writeFileSync(join(workDir, "x"), "new");
    expect(commit(workDir, outputDir, "files.commit.after-rename").signal).toBe("SIGKILL");
    expect(readFileSync(join(outputDir, "x"), "utf8")).toBe("new");
    writeFileSync(join(workDir, "x"), "newer");
    expect(commit(workDir, outputDir, "").status).toBe(0);
    expect(readdirSync(outputDir)).toEqual(["x"]);
  });
});
