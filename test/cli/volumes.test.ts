import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BIN, project, type Project, until } from "./project.ts";

/** A project with the volume `seq` and a few files, here and in it. */
async function withVolume(): Promise<Project> {
  const p = project({
    "a.gb": "LOCUS a",
    "b.gb": "LOCUS b",
    "tree/one.txt": "1",
    "tree/deep/two.txt": "22",
    ".ligase/volumes/seq/x.gb": "LOCUS x",
    ".ligase/volumes/seq/y.gb": "LOCUS y",
    ".ligase/volumes/seq/sub/z.fa": ">z",
    ".ligase/volumes/seq/.hidden": "h",
  });
  return p;
}

/** Everything in a folder, at any depth. */
const inside = (path: string): string[] => readdirSync(path, { recursive: true }).map(String).sort();

const inVolume = (p: Project, path: string): string => p.path(".ligase/volumes/seq", path);
const partial = (p: Project): string[] =>
  existsSync(p.path(".ligase/volumes/.partial")) ? readdirSync(p.path(".ligase/volumes/.partial")) : [];

describe.concurrent("ligase volume", () => {
  it("makes, lists and removes volumes", async () => {
    const p = project();
    expect((await p.run("volume", "ls")).stderr).toContain("there are no volumes");
    expect(await p.ok("volume", "create", "seq", "models")).toBe("volume seq is made\nvolume models is made\n");
    expect(await p.ok("volume", "create", "seq")).toBe("volume seq was there already\n");
    await p.ok("cp", p.dir + "/package.json", "seq/");
    expect(await p.json("volume", "ls")).toEqual([
      { volume: "models", files: 0, bytes: 0, modifiedAt: expect.any(Number) },
      { volume: "seq", files: 1, bytes: 20, modifiedAt: expect.any(Number) },
    ]);
    expect(await p.ok("volume", "ls")).toMatch(/^models +0 B +0 files .*\nseq +20 B +1 file /);
    expect(await p.ok("ls")).toBe("models/\nseq/\n");
    expect(await p.ok("volume", "rm", "models")).toBe("volume models is removed\n");
    expect(await p.run("volume", "rm", "seq")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/seq holds 1 file \(20 B\), and nobody can be asked\n.*--yes/),
    });
    expect(existsSync(inVolume(p, "package.json"))).toBe(true);
    expect(await p.ok("volume", "rm", "seq", "--yes")).toBe("volume seq is removed, 20 B freed\n");
    expect(readdirSync(p.path(".ligase/volumes"))).toEqual([".partial"]);
    expect(partial(p)).toEqual([]);
    expect(await p.run("volume", "rm", "seq")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no volume seq"),
    });
    expect(await p.run("volume", "rm", "seq", "--force")).toMatchObject({ code: 0 });
  });

  it.each([
    [["volume"], 2, "needs <create|ls|rm>"],
    [["volume", "creat", "x"], 2, "did you mean ligase volume create?"],
    [["volume", "create"], 2, "needs <volume>"],
    [["volume", "create", "../x"], 1, "cannot be the name of a volume"],
    [["volume", "create", ".x"], 1, "cannot be the name of a volume"],
    [["volume", "rm", ".."], 1, "there is no volume .."],
    [["volume", "rm", "sex"], 1, "did you mean seq?"],
    [["ls", "sqe/x"], 1, "did you mean seq?"],
    [["ls", "./seq"], 2, "is a path of this machine"],
    [["ls", "seq/nope"], 1, "ligase ls seq lists what there is"],
    [["ls", "seq/x.gbk"], 1, "did you mean seq/x.gb?"],
    [["ls", "seq/*.bam"], 1, "nothing in the volume seq is like it"],
    [["ls", "seq/../../store.db"], 1, "it has a .. in it"],
    [["cp", "seq/x.gb"], 2, "needs <to>"],
    [["cp", "a.gb", "other.gb"], 2, "neither of a.gb and other.gb is in a volume"],
    [["cp", "a.gb", "sqe/"], 1, "did you mean seq?"],
    [["cp", "a.gb", "new/"], 1, "ligase volume create new makes it"],
    [["cp", "nope.gb", "seq/"], 1, "cannot copy nope.gb: it does not exist"],
    [["cp", "tree", "seq/"], 1, "-r copies it"],
    [["cp", "seq/sub", "./out"], 1, "-r copies it"],
    [["cp", "a.gb", "b.gb", "seq/x.gb"], 1, "seq/x.gb is a file"],
    [["cp", "a.gb", "seq/x.gb/"], 1, "seq/x.gb is a file"],
    [["cp", "a.gb", "./a.gb", "seq/"], 1, "would both become seq/a.gb"],
    [["cp", "seq/x.gb", "seq/x.gb"], 1, "to itself"],
    [["cp", "-r", "seq", "seq/sub"], 1, "to itself"],
    [["cp", "-r", "tree", "seq/x.gb/y"], 1, "a part of its path is a file"],
    [["mv", "seq", "other"], 2, "whole volume"],
    [["mv", "a.gb", "other"], 2, "neither"],
    [["mv", "seq", "seq/sub"], 2, "whole volume"],
    [["mv", "seq/sub", "seq/sub/deeper"], 1, "to itself"],
    [["rm", "seq"], 1, "ligase volume rm seq"],
    [["rm", "-r", "seq/"], 1, "ligase volume rm seq"],
    [["rm", "seq/sub"], 1, "-r removes it"],
    [["rm", "seq/x.gb", "seq/nope"], 1, "cannot remove seq/nope"],
    [["rm", "x.gb"], 1, "there is no volume x.gb"],
  ])("%j: one clear error, and nothing changed", async (argv, code, message) => {
    const p = await withVolume();
    const ended = await p.run(...argv);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
    expect(ended.stderr.match(/^error/gm)).toHaveLength(1);
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(readdirSync(p.path(".ligase/volumes"))).not.toContain("new");
    expect(readdirSync(inVolume(p, "")).sort()).toEqual([".hidden", "sub", "x.gb", "y.gb"]);
    expect(p.read(".ligase/volumes/seq/x.gb")).toBe("LOCUS x");
    expect(partial(p)).toEqual([]);
  });
});

describe.concurrent("ligase ls", () => {
  it("lists names, sizes and times", async () => {
    const p = await withVolume();
    writeFileSync(inVolume(p, "big.bin"), Buffer.alloc(3_000_000));
    utimesSync(inVolume(p, "big.bin"), 1_700_000_000, 1_700_000_000);
    symlinkSync("x.gb", inVolume(p, "link"));
    expect(await p.ok("ls", "seq")).toBe("big.bin\nlink → x.gb\nsub/\nx.gb\ny.gb\n");
    expect(await p.ok("ls", "-a", "seq")).toMatch(/^\.hidden\n/);
    expect(await p.ok("ls", "seq/sub/")).toBe("z.fa\n");
    expect(await p.ok("ls", "seq/x.gb", "seq/sub")).toBe("seq/x.gb\n\nseq/sub:\nz.fa\n");
    expect(await p.ok("ls", "seq/*.gb")).toBe("seq/x.gb\nseq/y.gb\n");
    expect(await p.ok("ls", "-R", "seq")).toBe("big.bin\nlink → x.gb\nsub/\nsub/z.fa\nx.gb\ny.gb\n");
    const long = (await p.ok("ls", "-l", "--utc", "seq")).split("\n");
    expect(long[0]).toBe("2.86 MiB  2023-11-14T22:13:20Z  big.bin");
    expect(long[2]).toMatch(/^ +- {2}\d{4}-\S+ {2}sub\/$/);
    expect(await p.ok("ls", "-lb", "--utc", "seq/big.bin")).toBe("3000000  2023-11-14T22:13:20Z  seq/big.bin\n");
    expect(await p.json("ls", "seq/*.bin")).toEqual([
      { path: "seq/big.bin", kind: "file", size: 3_000_000, modifiedAt: 1_700_000_000_000 },
    ]);
  });
});

describe.concurrent("ligase cp", () => {
  it("copies up: to a name, into a folder, several, trees", async () => {
    const p = await withVolume();
    const said = await p.run("cp", "a.gb", "seq/renamed.gb");
    expect(said).toMatchObject({ code: 0, stdout: "", stderr: "✓ 1 file (7 B) to seq/renamed.gb\n" });
    await p.ok("cp", "-q", "a.gb", "b.gb", "seq/new/folder/");
    await p.ok("cp", "-r", "tree", "seq/sub");
    await p.ok("cp", "-r", "tree", "seq/copy");
    expect(inside(inVolume(p, ""))).toEqual(
      [
        ".hidden",
        "copy",
        "copy/deep",
        "copy/deep/two.txt",
        "copy/one.txt",
        "new",
        "new/folder",
        "new/folder/a.gb",
        "new/folder/b.gb",
        "renamed.gb",
        "sub",
        "sub/tree",
        "sub/tree/deep",
        "sub/tree/deep/two.txt",
        "sub/tree/one.txt",
        "sub/z.fa",
        "x.gb",
        "y.gb",
      ].sort(),
    );
    expect(p.read(".ligase/volumes/seq/copy/deep/two.txt")).toBe("22");
  });

  it("copies down, with patterns of its own", async () => {
    const p = await withVolume();
    await p.ok("cp", "seq/*.gb", "./out/");
    expect(readdirSync(p.path("out"))).toEqual(["x.gb", "y.gb"]);
    const left = await p.run("cp", "seq/*", "./some/");
    expect(left).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("left out seq/sub: it is a folder, which -r copies"),
    });
    expect(readdirSync(p.path("some"))).toEqual(["x.gb", "y.gb"]);
    await p.ok("cp", "seq/{x,y}.gb", "seq/**/*.fa", "./flat");
    expect(readdirSync(p.path("flat"))).toEqual(["x.gb", "y.gb", "z.fa"]);
    await p.ok("cp", "seq/sub/z.fa", "renamed.fa");
    expect(p.read("renamed.fa")).toBe(">z");
    await p.ok("cp", "-r", "seq", "./whole");
    expect(inside(p.path("whole"))).toEqual([".hidden", "sub", "sub/z.fa", "x.gb", "y.gb"]);
    expect(await p.ok("cp", "seq/x.gb", "seq/y.gb", "-")).toBe("LOCUS xLOCUS y");
    expect(await p.json("cp", "seq/x.gb", "./j.gb")).toEqual([{ from: "seq/x.gb", to: "./j.gb", bytes: 7 }]);
  });

  it("copies between volumes and within one, and from stdin", async () => {
    const p = await withVolume();
    await p.ok("volume", "create", "other");
    await p.ok("cp", "-r", "seq/sub", "seq/x.gb", "other/");
    await p.ok("cp", "seq/x.gb", "seq/twin.gb");
    expect(await p.ok("ls", "-R", "other")).toBe("sub/\nsub/z.fa\nx.gb\n");
    const { code } = await p.start(["cp", "-", "seq/from/stdin.txt"], { stdin: Buffer.from("typed") }).ended;
    expect(code).toBe(0);
    expect(p.read(".ligase/volumes/seq/from/stdin.txt")).toBe("typed");
    expect((await p.start(["cp", "-", "seq/"], { stdin: Buffer.from("typed") }).ended).stderr).toContain(
      "stdin has no name",
    );
  });

  it("replaces files, keeps times and executable bits; --no-clobber leaves what is there", async () => {
    const p = await withVolume();
    chmodSync(p.path("a.gb"), 0o755);
    utimesSync(p.path("a.gb"), 1_700_000_000, 1_700_000_000);
    const { stderr } = await p.run("cp", "--no-clobber", "a.gb", "seq/x.gb");
    expect(stderr).toContain("0 files");
    expect(p.read(".ligase/volumes/seq/x.gb")).toBe("LOCUS x");
    await p.ok("cp", "a.gb", "seq/x.gb");
    const { mode, mtimeMs } = statSync(inVolume(p, "x.gb"));
    expect([p.read(".ligase/volumes/seq/x.gb"), mode & 0o777, mtimeMs]).toEqual(["LOCUS a", 0o755, 1_700_000_000_000]);
    writeFileSync(p.path("down.gb"), "before");
    await p.ok("cp", "seq/x.gb", "./down.gb");
    expect(p.read("down.gb")).toBe("LOCUS a");
  });

  it("copies what links lead to; what cannot be copied is told, and the rest is copied", async () => {
    const p = await withVolume();
    symlinkSync("../a.gb", p.path("tree/link"));
    symlinkSync("nowhere", p.path("tree/broken"));
    symlinkSync("..", p.path("tree/round"));
    const up = await p.run("cp", "-r", "tree", "seq/");
    expect(up.code).toBe(1);
    expect(up.stderr).toContain("left out tree/broken: it leads nowhere");
    expect(up.stderr).toContain("left out tree/round: it is a link to a folder");
    expect(p.read(".ligase/volumes/seq/tree/link")).toBe("LOCUS a");
    expect(lstatSync(inVolume(p, "tree/link")).isFile()).toBe(true);
    symlinkSync(p.path("b.gb"), inVolume(p, "sub/out"));
    symlinkSync("../x.gb", inVolume(p, "sub/in"));
    const down = await p.run("cp", "-r", "seq/sub", "./got");
    expect(down).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("seq/sub/out: it is a link that leads out"),
    });
    expect(readdirSync(p.path("got"))).toEqual(["in", "z.fa"]);
    expect(p.read("got/in")).toBe("LOCUS x");
    expect(await p.run("cp", "seq/sub/out", "./got")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LIGASE_E_VOLUME_PATH"),
    });
    expect(await p.run("cp", "a.gb", "seq/sub/out")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LIGASE_E_VOLUME_PATH"),
    });
    expect(p.read("b.gb")).toBe("LOCUS b");
  });

  it("a volume stands before a folder of the same name; ./ means the folder", async () => {
    const p = await withVolume();
    mkdirSync(p.path("seq"));
    writeFileSync(p.path("seq/x.gb"), "local");
    expect(await p.ok("cp", "seq/x.gb", "-")).toBe("LOCUS x");
    await p.ok("cp", "./seq/x.gb", "seq/");
    expect(await p.ok("cp", "seq/x.gb", "-")).toBe("local");
  });
});

describe.concurrent("ligase mv and rm", () => {
  it("moves and renames in one step, up, down and between", async () => {
    const p = await withVolume();
    await p.ok("volume", "create", "other");
    expect((await p.run("mv", "seq/x.gb", "seq/renamed.gb")).stderr).toBe("✓ moved seq/x.gb to seq/renamed.gb\n");
    await p.ok("mv", "seq/*.gb", "seq/gb/");
    await p.ok("mv", "seq/sub", "other/");
    await p.ok("mv", "tree", "other/tree");
    await p.ok("mv", "seq/gb/y.gb", "./y.gb");
    expect(await p.ok("ls", "-R", "seq", "other")).toBe(
      "seq:\ngb/\ngb/renamed.gb\n\nother:\nsub/\nsub/z.fa\ntree/\ntree/deep/\ntree/deep/two.txt\ntree/one.txt\n",
    );
    expect(p.read("y.gb")).toBe("LOCUS y");
    expect(existsSync(p.path("tree"))).toBe(false);
    await p.ok("cp", "a.gb", "seq/");
    await p.ok("mv", "-n", "b.gb", "seq/a.gb");
    expect(p.read("b.gb")).toBe("LOCUS b");
  });

  it("moves a link as it is, and removes it alone", async () => {
    const p = await withVolume();
    symlinkSync(p.path("tree"), inVolume(p, "out"));
    await p.ok("mv", "seq/out", "seq/sub/");
    expect(readlinkSync(inVolume(p, "sub/out"))).toBe(p.path("tree"));
    await p.ok("rm", "-r", "seq/sub");
    expect(existsSync(inVolume(p, "sub"))).toBe(false);
    expect(readdirSync(p.path("tree"))).toEqual(["deep", "one.txt"]);
    expect(partial(p)).toEqual([]);
  });

  it("removes files by pattern, folders with -r; --force passes over what is not there", async () => {
    const p = await withVolume();
    await p.ok("rm", "seq/*.gb");
    expect(await p.ok("ls", "-a", "seq")).toBe(".hidden\nsub/\n");
    await p.ok("rm", "-f", "seq/nope", "none/x", "seq/*.nope");
    expect(await p.json("rm", "-r", "seq/sub", "seq/sub/z.fa")).toEqual([{ path: "seq/sub", kind: "dir", size: 0 }]);
    expect(await p.ok("ls", "-a", "seq")).toBe(".hidden\n");
  });
});

describe.concurrent("several at once, and deaths", () => {
  it("writers of one file leave it whole at every moment", async () => {
    const p = await withVolume();
    const size = 2_000_000;
    for (const letter of ["a", "b", "c", "d"]) writeFileSync(p.path(letter), letter.repeat(size));
    await p.ok("cp", "a", "seq/shared");
    let writing = true;
    let looked = 0;
    const reader = (async () => {
      const seen = new Set<string>();
      for (; writing || looked < 20; looked++) {
        const text = readFileSync(inVolume(p, "shared"), "utf8");
        expect(text).toHaveLength(size);
        expect(text).toBe(text[0]!.repeat(size));
        seen.add(text[0]!);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return seen;
    })();
    const write = async (letter: string): Promise<void> => {
      for (let i = 0; i < 3; i++) await p.ok("cp", letter, "seq/shared");
    };
    await Promise.all(["a", "b", "c", "d"].map(write));
    writing = false;
    expect((await reader).size).toBeGreaterThan(1);
    expect(partial(p)).toEqual([]);
    expect(readdirSync(inVolume(p, "")).sort()).toEqual([".hidden", "shared", "sub", "x.gb", "y.gb"]);
  });

  it("writers of many files into one new folder all find it", async () => {
    const p = await withVolume();
    for (let i = 0; i < 6; i++) p.write(`part${i}/file${i}`, String(i));
    await Promise.all(Array.from({ length: 6 }, (_, i) => p.ok("cp", "-r", `part${i}/file${i}`, "seq/made/by/all/")));
    expect(readdirSync(inVolume(p, "made/by/all"))).toEqual(Array.from({ length: 6 }, (_, i) => `file${i}`));
  });

  it("a death before a file is in its place leaves the old one, and nothing for long", async () => {
    const p = await withVolume();
    const env = { LIGASE_CRASH: "volumes.write" };
    expect((await p.start(["cp", "a.gb", "seq/x.gb"], { env }).ended).signal).toBe("SIGKILL");
    expect((await p.start(["cp", "a.gb", "seq/new.gb"], { env }).ended).signal).toBe("SIGKILL");
    expect(p.read(".ligase/volumes/seq/x.gb")).toBe("LOCUS x");
    expect(await p.ok("ls", "-a", "seq")).toBe(".hidden\nsub/\nx.gb\ny.gb\n");
    expect(partial(p)).toHaveLength(1);
    await p.ok("cp", "a.gb", "seq/x.gb");
    await until(() => partial(p).length === 0, "the partial files to be gone");
    expect(p.read(".ligase/volumes/seq/x.gb")).toBe("LOCUS a");
  });

  it("a kill in the middle of a stream leaves nothing in the volume; gc removes what it had written", async () => {
    const p = await withVolume();
    const child = spawn(process.execPath, [BIN, "cp", "-", "seq/big"], {
      cwd: p.dir,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const ended = once(child, "exit");
    child.stdin.on("error", () => {}).write(Buffer.alloc(8_000_000, "x"));
    await until(
      () => partial(p).some((name) => statSync(p.path(".ligase/volumes/.partial", name)).size > 1_000_000),
      "a part",
    );
    child.kill("SIGKILL");
    await ended;
    expect(await p.ok("ls", "-a", "seq")).toBe(".hidden\nsub/\nx.gb\ny.gb\n");
    p.write("w.ts", 'import { task } from "ligase"; export const main = task(() => 1);');
    await p.ok("run", "w.ts");
    await p.ok("gc");
    expect(partial(p)).toEqual([]);
    expect(await p.ok("ls", "-a", "seq")).toBe(".hidden\nsub/\nx.gb\ny.gb\n");
  });

  it("a death in the middle of a download leaves no part of a file under its name", async () => {
    const p = await withVolume();
    const { signal } = await p.start(["cp", "seq/x.gb", "./got.gb"], { env: { LIGASE_CRASH: "volumes.get" } }).ended;
    expect(signal).toBe("SIGKILL");
    expect(existsSync(p.path("got.gb"))).toBe(false);
  });
});

it("du tells of volumes, and gc leaves them alone", async () => {
  const p = await withVolume();
  p.write("w.ts", 'import { task } from "ligase"; export const main = task(() => 1);');
  await p.ok("run", "w.ts");
  expect(await p.json("du")).toEqual(expect.arrayContaining([{ kind: "volumes", things: 1, bytes: 17 }]));
  expect(await p.ok("du")).toMatch(/volumes +17 B +1 volume/);
  await p.ok("gc", "--all", "--yes");
  expect(await p.ok("ls", "-R", "-a", "seq")).toBe(".hidden\nsub/\nsub/z.fa\nx.gb\ny.gb\n");
});

it("tasks share a volume: those that write are not cached, those that only read are", async () => {
  const p = await withVolume();
  p.write(
    "w.ts",
    `import { script, task, volume } from "ligase";
     const seq = volume("fresh");
     export const add = task({ volumes: { "./seq": seq } }, (name: string) => script\`echo \${name} >> seq/names; cat seq/names\`);
     export const look = task({ volumes: { "./deep/seq": seq.asReadOnly() } }, () => script\`cat deep/seq/names\`);
     export const both = task({ volumes: { "./a": seq, "./a/b": volume("other") } }, () => 1);
     export const root = task({ cpu: 1, volumes: { "/data": seq } }, () => 1);`,
  );
  expect(await p.ok("run", "w.ts", "add", "--name", "one")).toBe("one\n");
  expect(await p.ok("run", "w.ts", "look")).toBe("one\n");
  expect(await p.ok("run", "w.ts", "add", "--name", "one")).toBe("one\none\n");
  expect(await p.ok("run", "w.ts", "look")).toBe("one\n");
  expect(await p.ok("cp", "fresh/names", "-")).toBe("one\none\n");
  expect((await p.run("run", "w.ts", "both")).stderr).toContain("mounted one inside of the other");
  expect((await p.run("run", "w.ts", "root")).stderr).toContain("the task runs in no image");
});

it("a file in a volume counts by its content", async () => {
  const p = await withVolume();
  p.write(
    "w.ts",
    `import { appendFileSync } from "node:fs";
     import { type File, task, volume } from "ligase";
     const record = volume("seq").file("x.gb");
     const read = task(async (file: File) => { appendFileSync("ledger", "read\\n"); return file.text(); });
     export const main = task(() => read(record));`,
  );
  expect(await p.ok("run", "w.ts")).toBe("LOCUS x\n");
  expect(await p.ok("run", "w.ts")).toBe("LOCUS x\n");
  expect(p.read("ledger")).toBe("read\n");
  await p.ok("cp", "a.gb", "seq/x.gb");
  expect(await p.ok("run", "w.ts")).toBe("LOCUS a\n");
  expect(p.read("ledger")).toBe("read\nread\n");
});

it("a store elsewhere has its volumes there", async () => {
  const p = project({ "ligase.config.ts": 'export default { store: "kept" };', "a.gb": "a" });
  await p.ok("volume", "create", "seq");
  await p.ok("cp", "a.gb", "seq/");
  expect(p.read("kept/volumes/seq/a.gb")).toBe("a");
  p.write(
    "w.ts",
    `import { task, volume } from "ligase";
    const file = volume("seq").file("a.gb");
    export const main = task(async () => file.text());
    export const apart = task({ cpu: 1 }, async () => (await volume("seq").file("b.gb").write("b")).text());`,
  );
  expect(await p.ok("run", "w.ts", "main")).toBe("a\n");
  expect(await p.ok("run", "w.ts", "apart")).toBe("b\n");
  expect(p.read("kept/volumes/seq/b.gb")).toBe("b");
  await p.ok("volume", "create", "seq", "--store", "third");
  expect(readdirSync(join(p.dir, "third/volumes"))).toEqual(["seq"]);
});
