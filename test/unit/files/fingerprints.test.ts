import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  Dir,
  File,
  type FingerprintIndex,
  type FingerprintOptions,
  type FingerprintRow,
  Fingerprints,
  knownOf,
} from "../../../src/files/index.ts";
import { isSettled } from "../../../src/files/stat-facts.ts";
import { settle, tempDir } from "./temp-dir.ts";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

class MemoryIndex implements FingerprintIndex {
  readonly rows = new Map<string, FingerprintRow>();
  async find(path: string) {
    return this.rows.get(path);
  }
  put(row: FingerprintRow) {
    this.rows.set(row.path, row);
  }
}

const open: Fingerprints[] = [];
/** Fingerprints with the count of bytes they read. */
function fingerprints(options: FingerprintOptions = {}) {
  const read = { bytes: 0 };
  const activities = { begin: () => ({ at() {}, moved: (bytes: number) => (read.bytes += bytes), end() {} }) };
  const made = new Fingerprints({ threads: 2, ...options, activities });
  open.push(made);
  return Object.assign(made, { read });
}
afterEach(async () => {
  for (const made of open.splice(0)) await made.close();
});

/** Changes a file's content, and gives it back its size and times: all that is left is the ctime. */
function tamper(path: string): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe("Fingerprints.file", () => {
  it.each([0, 1, 100_000, (1 << 18) - 1, 1 << 18, (1 << 20) - 1, 1 << 20, 3_000_001])(
    "is the SHA-256 of %d bytes",
    async (size) => {
      const path = join(tempDir(), "x");
      const content = Buffer.alloc(size, "content");
      writeFileSync(path, content);
      const made = fingerprints();
      expect(await made.file(path)).toEqual({ hash: sha256(content), size });
      expect(made.read.bytes).toBe(size);
    },
  );

  it("reads a settled file once a run, and not at all in the next", async () => {
    const index = new MemoryIndex();
    const [small, large] = [join(tempDir(), "x"), join(tempDir(), "y")];
    writeFileSync(small, "content");
    writeFileSync(large, Buffer.alloc(2_000_000));
    await settle();
    const first = fingerprints({ index });
    const hashes = [await first.file(small), await first.file(large)];
    const read = first.read.bytes;
    expect([await first.file(small), await first.file(large)]).toMatchObject(hashes);
    expect(first.read.bytes).toBe(read);
    const second = fingerprints({ index });
    expect([await second.file(small), await second.file(large)]).toMatchObject(hashes);
    expect(second.read.bytes).toBe(0);
  });

  it("touched only, a file is the same; with one byte changed and size and mtime restored it is not", async () => {
    const index = new MemoryIndex();
    const path = join(tempDir(), "x");
    writeFileSync(path, "content");
    await settle();
    const { hash } = await fingerprints({ index }).file(path);
    utimesSync(path, new Date(0), new Date(0));
    expect(await fingerprints({ index }).file(path)).toMatchObject({ hash });
    tamper(path);
    const made = fingerprints({ index });
    expect(await made.file(path)).toEqual({ hash: sha256(readFileSync(path)), size: 7 });
    expect(await made.verify(path, hash)).toBe(false);
  });

  it("does not trust a look at a file that had just changed", async () => {
    const index = new MemoryIndex();
    const path = join(tempDir(), "x");
    writeFileSync(path, "content");
    const made = fingerprints({ index });
    await made.file(path);
    await made.file(path);
    expect(made.read.bytes).toBe(14);
    expect(index.rows.size).toBe(0);
  });

  it("does not trust a stored row that was hashed too soon", async () => {
    const index = new MemoryIndex();
    const path = join(tempDir(), "x");
    writeFileSync(path, "content");
    await settle();
    await fingerprints({ index }).file(path);
    const row = index.rows.get(path)!;
    index.put({ ...row, hash: "wrong", hashedAt: Number(BigInt(row.ctimeNs) / 1_000_000n) + 1999 });
    expect(await fingerprints({ index }).file(path)).toMatchObject({ hash: sha256("content") });
  });

  it("shares one reading between calls that come at once", async () => {
    const path = join(tempDir(), "x");
    writeFileSync(path, Buffer.alloc(5_000_000));
    const made = fingerprints();
    const found = await Promise.all(Array.from({ length: 20 }, () => made.file(path)));
    expect(new Set(found.map(({ hash }) => hash)).size).toBe(1);
    expect(made.read.bytes).toBe(5_000_000);
  });

  it("follows a link, and sees that it leads elsewhere", async () => {
    const dir = tempDir();
    writeFileSync(join(dir, "a"), "one");
    writeFileSync(join(dir, "b"), "two");
    symlinkSync("a", join(dir, "link"));
    const made = fingerprints();
    expect(await made.file(join(dir, "link"))).toMatchObject({ hash: sha256("one") });
    symlinkSync("b", join(dir, "link2"));
    renameSync(join(dir, "link2"), join(dir, "link"));
    expect(await made.file(join(dir, "link"))).toMatchObject({ hash: sha256("two") });
  });

  it("names a file that is missing, a folder, a pipe, and one that is being written", async () => {
    const dir = tempDir();
    const made = fingerprints();
    await expect(made.file(join(dir, "no"))).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
    await expect(made.file(dir)).rejects.toMatchObject({ code: "LIGASE_E_IS_DIR" });
    execFileSync("mkfifo", [join(dir, "pipe")]);
    await expect(made.file(join(dir, "pipe"))).rejects.toMatchObject({ code: "LIGASE_E_SPECIAL_FILE" });
    writeFileSync(join(dir, "log"), "");
    const stop = new AbortController();
    const grow = async () => {
      while (!stop.signal.aborted) {
        appendFileSync(join(dir, "log"), Buffer.alloc(1 << 20));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const growing = grow();
    await expect(made.file(join(dir, "log"))).rejects.toMatchObject({ code: "LIGASE_E_FILE_CHANGING" });
    stop.abort();
    await growing;
  });

  it("goes on after a large file that cannot be read", async () => {
    const dir = tempDir();
    const made = fingerprints({ threads: 1 });
    writeFileSync(join(dir, "x"), Buffer.alloc(2_000_000));
    const lost = made.file(join(dir, "x"));
    rmSync(join(dir, "x"));
    await expect(lost).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
    writeFileSync(join(dir, "y"), Buffer.alloc(2_000_000));
    expect(await made.file(join(dir, "y"))).toMatchObject({ size: 2_000_000 });
  });
});

describe("isSettled", () => {
  it("wants the ctime to be two seconds old", () => {
    const facts = { size: 1, mtimeNs: "0", ctimeNs: "10000000000999999", inode: "1" };
    expect(isSettled(facts, 10_000_001_999)).toBe(false);
    expect(isSettled(facts, 10_000_002_000)).toBe(true);
    expect(isSettled(facts, 9_000_000_000)).toBe(false);
  });
});

describe("Fingerprints.dir", () => {
  function tree(): string {
    const dir = join(tempDir(), "tree");
    mkdirSync(join(dir, "sub"), { recursive: true });
    writeFileSync(join(dir, "a"), "one");
    writeFileSync(join(dir, "sub/b"), "two");
    writeFileSync(join(dir, "large"), Buffer.alloc(1_500_000));
    return dir;
  }

  it("depends on names, contents, executable bits and links, and on nothing else", async () => {
    const [dir, same] = [tree(), tree()];
    const hash = async (path: string) => (await fingerprints().dir(path)).hash;
    const original = await hash(dir);
    expect(original).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash(same)).toBe(original);
    utimesSync(join(dir, "a"), 0, 0);
    chmodSync(join(dir, "a"), 0o600);
    expect(await hash(dir)).toBe(original);

    const changes: (() => void)[] = [
      () => chmodSync(join(dir, "a"), 0o700),
      () => tamper(join(dir, "sub/b")),
      () => tamper(join(dir, "large")),
      () => renameSync(join(dir, "a"), join(dir, "c")),
      () => mkdirSync(join(dir, "empty")),
      () => symlinkSync("c", join(dir, "link")),
      () => rmSync(join(dir, "sub"), { recursive: true }),
    ];
    const seen = new Set([original]);
    for (const change of changes) {
      change();
      seen.add(await hash(dir));
    }
    expect(seen.size).toBe(changes.length + 1);
  });

  it("cannot be fooled by names", async () => {
    const [one, two] = [join(tempDir(), "d"), join(tempDir(), "d")];
    for (const dir of [one, two]) mkdirSync(dir);
    writeFileSync(join(one, 'a"\nf'), "");
    writeFileSync(join(two, "a"), "");
    writeFileSync(join(two, "f"), "");
    expect((await fingerprints().dir(one)).hash).not.toBe((await fingerprints().dir(two)).hash);
  });

  it("counts a link that leads outside by what it leads to", async () => {
    const dir = tree();
    const elsewhere = tempDir();
    writeFileSync(join(elsewhere, "reads"), "one");
    mkdirSync(join(elsewhere, "more"));
    writeFileSync(join(elsewhere, "more/reads"), "one");
    symlinkSync(join(elsewhere, "reads"), join(dir, "file"));
    symlinkSync(join(elsewhere, "more"), join(dir, "folder"));
    symlinkSync("..", join(dir, "above"));
    symlinkSync("nowhere", join(dir, "dangling"));
    const made = fingerprints();
    const first = await made.dir(dir);
    tamper(join(elsewhere, "reads"));
    const second = await made.dir(dir);
    tamper(join(elsewhere, "more/reads"));
    const third = await made.dir(dir);
    expect(new Set([first.hash, second.hash, third.hash]).size).toBe(3);
  });

  it("reads nothing again while nothing changes, across runs", async () => {
    const index = new MemoryIndex();
    const dir = tree();
    await settle();
    const { hash } = await fingerprints({ index }).dir(dir);
    const second = fingerprints({ index });
    expect(await second.dir(dir)).toMatchObject({ hash });
    expect(second.read.bytes).toBe(0);
    tamper(join(dir, "a"));
    const third = fingerprints({ index });
    expect((await third.dir(dir)).hash).not.toBe(hash);
    // The large file keeps a row of its own.
    expect(third.read.bytes).toBe(6);
  });

  it("takes thousands of files", async () => {
    const dir = join(tempDir(), "many");
    mkdirSync(dir);
    for (let i = 0; i < 3000; i++) writeFileSync(join(dir, `f${i}`), i % 100 === 0 ? String(i) : "");
    const made = fingerprints();
    const { hash, size } = await made.dir(dir);
    expect(size).toBe(made.read.bytes);
    expect(await made.verify(dir, hash)).toBe(true);
    writeFileSync(join(dir, "f2999"), "x");
    expect(await made.verify(dir, hash)).toBe(false);
    expect(await new Dir(dir).files()).toHaveLength(3000);
  });
});

describe("Fingerprints.settle and firstChanged", () => {
  it("give Files with sidecars and Dirs an identity, and notice when it is no longer theirs", async () => {
    const dir = tempDir();
    mkdirSync(join(dir, "d"));
    for (const name of ["ref.fa", "ref.fa.fai", "d/x"]) writeFileSync(join(dir, name), name);
    const file = new File(join(dir, "ref.fa")).with(join(dir, "ref.fa.fai"));
    const folder = new Dir(join(dir, "d"));
    const made = fingerprints();
    await made.settle([file, folder, { other: true }]);
    expect(knownOf(file)).toMatchObject({ hash: sha256("ref.fa"), size: 6 });
    expect(knownOf(file.sidecars[0]!)).toMatchObject({ hash: sha256("ref.fa.fai") });
    expect(knownOf(folder)?.hash).toBe((await made.dir(folder.path)).hash);
    expect(await made.firstChanged([file, folder])).toBeUndefined();
    tamper(join(dir, "ref.fa.fai"));
    expect(await made.firstChanged([folder, file])).toBe(file.sidecars[0]);
    rmSync(folder.path, { recursive: true });
    expect(await made.firstChanged([folder, file])).toBe(folder);
  });

  it("ask again in another run", async () => {
    const file = await new File(join(tempDir(), "x")).write("one");
    await fingerprints().settle([file]);
    writeFileSync(file.path, "two");
    await fingerprints().settle([file]);
    expect(knownOf(file)?.hash).toBe(sha256("two"));
  });

  it("name a missing input", async () => {
    const file = new File(join(tempDir(), "no.csv"));
    await expect(fingerprints().settle([file])).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
  });
});
