import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { prune } from "../../../../src/code/sync/prune.ts";
import { findFiles, syncFiles } from "../../../../src/code/sync/index.ts";

function project(files: Readonly<Record<string, string>>): {
  root: string;
  write: (path: string, text: string) => void;
} {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-sync-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { root, write };
}

function sync(root: string) {
  const said: string[] = [];
  const warned: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warned.push(message) };
  const synced = syncFiles({ root, storeDir: join(root, ".ligase"), say: (line) => said.push(line), log });
  return { ...synced, said, warned };
}

const names = (root: string): string[] => findFiles(root).files.map(({ path }) => path);

describe("what is synced", () => {
  it("is everything but what nobody wants a copy of", () => {
    const { root } = project({
      "app.py": "",
      "data/motifs.json": "",
      "lib/__pycache__/a.pyc": "",
      "lib/a.py": "",
      ".git/config": "",
      "sub/.git": "gitdir: elsewhere",
      "node_modules/x/index.js": "",
      ".venv/bin/python": "",
      "results/out.tsv": "",
      "lib/results/a.py": "",
      ".ligase/store.db": "",
      ".env": "TOKEN=1",
      "my-env/pyvenv.cfg": "",
      "my-env/lib/numpy.py": "",
    });
    expect(names(root)).toEqual(["app.py", "data/motifs.json", "lib/a.py", "lib/results/a.py"]);
  });

  it("leaves out what .ligaseignore says, by the rules of Git", () => {
    const { root } = project({
      ".ligaseignore": "# big things\n*.fq\n!keep.fq\n/top\nraw/\ndocs/**/*.md\n!results\n\\#hash\n",
      "a.fq": "",
      "keep.fq": "",
      top: "",
      "sub/top": "",
      "raw/x": "",
      "docs/a/b.md": "",
      "docs/b.txt": "",
      "results/kept": "",
      "#hash": "",
    });
    expect(names(root)).toEqual([".ligaseignore", "docs/b.txt", "keep.fq", "results/kept", "sub/top"]);
  });

  it("takes the rules of a deeper .ligaseignore over those above it", () => {
    const { root } = project({
      ".ligaseignore": "*.bam\nraw/\n",
      "a.bam": "",
      "small/.ligaseignore": "!*.bam\nnote.txt\n",
      "small/b.bam": "",
      "small/deeper/c.bam": "",
      "small/note.txt": "",
      "note.txt": "",
      "raw/x": "",
      "sub/.ligaseignore": "!raw\n",
      "sub/raw/x": "",
    });
    expect(names(root)).toEqual([
      ".ligaseignore",
      "note.txt",
      "small/.ligaseignore",
      "small/b.bam",
      "small/deeper/c.bam",
      "sub/.ligaseignore",
      "sub/raw/x",
    ]);
  });

  it("never is the store, Git's own, or what a rule would take back of them", () => {
    const { root } = project({
      ".ligaseignore": "!.git\n!.ligase\n",
      ".git/HEAD": "",
      ".ligase/x": "",
      "store/x": "",
      "a.py": "",
    });
    expect(findFiles(root, [join(root, "store")]).files.map(({ path }) => path)).toEqual([".ligaseignore", "a.py"]);
  });

  it("keeps links within the project, and none that leave it", () => {
    const { root } = project({ "lib/a.py": "A = 1\n" });
    symlinkSync("lib/a.py", join(root, "near.py"));
    symlinkSync(join(root, "lib"), join(root, "absolute"));
    symlinkSync("/etc/hostname", join(root, "far"));
    symlinkSync("nowhere", join(root, "broken"));
    const { folder, warned } = sync(root);
    expect(readlinkSync(join(folder, "near.py"))).toBe("lib/a.py");
    expect(readFileSync(join(folder, "absolute/a.py"), "utf8")).toBe("A = 1\n");
    expect(existsSync(join(folder, "far"))).toBe(false);
    expect(warned).toEqual([
      "broken is a link that leads nowhere",
      "far leads out of the project: what it leads to is not synced",
    ]);
  });

  it("is no very large file", () => {
    const { root, write } = project({ "app.py": "" });
    write("reads.fq", "");
    truncateSync(join(root, "reads.fq"), 101 * 1024 * 1024);
    const { warned, files } = sync(root);
    expect(files).toBe(1);
    expect(warned).toEqual([
      "reads.fq (101 MiB) is larger than 100 MiB and is not synced: put it on a volume, or name it in .ligaseignore",
    ]);
  });
});

describe("a copy", () => {
  it("holds the files as they were, whatever becomes of them", () => {
    const { root, write } = project({ "app.py": "A = 1\n", "bin/tool": "#!/bin/sh\n" });
    chmodSync(join(root, "bin/tool"), 0o755);
    const first = sync(root);
    expect(first.said).toEqual(["=> Syncing files (2 files, 16 B, 2 new)"]);
    write("app.py", "A = 2\n");
    const second = sync(root);
    expect(second.said).toEqual(["=> Syncing files (2 files, 16 B, 1 new)"]);
    expect(readFileSync(join(first.folder, "app.py"), "utf8")).toBe("A = 1\n");
    expect(readFileSync(join(second.folder, "app.py"), "utf8")).toBe("A = 2\n");
    expect(statSync(join(second.folder, "bin/tool")).mode & 0o777).toBe(0o555);
    expect(statSync(join(root, "app.py")).nlink).toBe(1);
    // What did not change is there once.
    expect(statSync(join(first.folder, "bin/tool")).ino).toBe(statSync(join(second.folder, "bin/tool")).ino);
  });

  it("is the same one for the same files, and nothing is said of it", () => {
    const { root, write } = project({ "app.py": "A = 1\n" });
    const first = sync(root);
    expect(sync(root)).toMatchObject({ id: first.id, folder: first.folder, copied: 0, said: [] });
    write("app.py", "A = 2\n");
    sync(root);
    write("app.py", "A = 1\n");
    expect(sync(root)).toMatchObject({ id: first.id, copied: 0, said: [] });
  });

  it("notices a change within one tick of the clock, of the same size and with its time put back", () => {
    const { root, write } = project({ "app.py": "A = 1\n" });
    const { atime, mtime } = statSync(join(root, "app.py"));
    const first = sync(root);
    write("app.py", "A = 2\n");
    utimesSync(join(root, "app.py"), atime, mtime);
    const second = sync(root);
    expect(second.id).not.toBe(first.id);
    expect(readFileSync(join(second.folder, "app.py"), "utf8")).toBe("A = 2\n");
  });

  it("counts what may be executed, and names", () => {
    const { root } = project({ a: "x", b: "y" });
    const { id } = sync(root);
    chmodSync(join(root, "a"), 0o755);
    expect(sync(root).id).not.toBe(id);
  });

  it("is read by nobody else where the file is not", () => {
    const { root } = project({ "private.txt": "KEY=1", open: "KEY=1" });
    chmodSync(join(root, "private.txt"), 0o600);
    const { folder } = sync(root);
    expect(statSync(join(folder, "private.txt")).mode & 0o777).toBe(0o400);
    expect(statSync(join(folder, "open")).mode & 0o777).toBe(0o444);
  });

  it("is made again when its contents were tidied away", () => {
    const { root } = project({ "app.py": "A = 1\n" });
    const { folder } = sync(root);
    rmSync(join(root, ".ligase/sync"), { recursive: true });
    expect(sync(root).folder).toBe(folder);
    expect(readFileSync(join(folder, "app.py"), "utf8")).toBe("A = 1\n");
    writeFileSync(join(root, ".ligase/sync/index.json"), "{ half of");
    expect(sync(root).folder).toBe(folder);
  });

  it("is no link to a file of the user's, and leaves nothing half-made", () => {
    const { root } = project({ "a.py": "A", "b/c.py": "C" });
    linkSync(join(root, "a.py"), join(root, "other.py"));
    const { folder } = sync(root);
    expect(lstatSync(join(folder, "a.py")).ino).not.toBe(lstatSync(join(root, "a.py")).ino);
    expect(readdirSync(join(root, ".ligase/sync/trees")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("goes when nobody used it for a week and there are newer ones", () => {
    const { root, write } = project({});
    const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    const folders = Array.from({ length: 12 }, (_, i) => {
      write("app.py", `A = ${i}\n`);
      return sync(root).folder;
    });
    for (const folder of folders) utimesSync(folder, old, old);
    prune(join(root, ".ligase/sync"), "none");
    expect(folders.filter((folder) => existsSync(folder))).toHaveLength(7);
    prune(join(root, ".ligase/sync"), "none");
    expect(folders.filter((folder) => existsSync(folder))).toHaveLength(7);
  });

  it("says which file cannot be read", () => {
    const { root } = project({ "app.py": "" });
    mkdirSync(join(root, ".ligase"), { recursive: true });
    writeFileSync(join(root, ".ligase/sync"), "in the way");
    expect(() => sync(root)).toThrow(expect.objectContaining({ code: "LIGASE_E_SYNC" }));
  });
});
