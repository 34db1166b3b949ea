/**
 * What is recorded of a root file system: its digest, its packages, and how it is cleaned.
 *
 * @module
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeDigest } from "../../../src/images/build/digest.ts";
import { finish } from "../../../src/images/build/finish.ts";
import { readPackages } from "../../../src/images/build/packages.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-contents-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function root(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, path, ".."), { recursive: true });
    writeFileSync(join(dir, name, path), text, { mode: 0o644 });
  }
  return join(dir, name);
}

const digestOf = (path: string): string => takeDigest(path, `${path}.manifest`, null).digest;

describe("a digest", () => {
  const files = { "etc/a": "1", "usr/bin/b": "2", "usr/bin/c": "2" };

  it("is of names, modes, contents and links; not of times", () => {
    const a = root("a", files);
    const b = root("b", files);
    utimesSync(join(b, "etc/a"), 1, 1);
    const same = digestOf(a);
    expect(digestOf(b)).toBe(same);
    const changes: (() => void)[] = [
      () => writeFileSync(join(b, "etc/a"), "2"),
      () => chmodSync(join(b, "usr/bin/b"), 0o755),
      () => symlinkSync("b", join(b, "usr/bin/d")),
      () => mkdirSync(join(b, "empty")),
      () => rmSync(join(b, "usr/bin/c")),
    ];
    const digests = changes.map((change) => {
      change();
      return digestOf(b);
    });
    expect(new Set([same, ...digests]).size).toBe(changes.length + 1);
  });

  it("shares with the root file system before what is the same, and only that", () => {
    const before = root("before", files);
    takeDigest(before, join(dir, "m1"), null);
    const after = join(dir, "after");
    cpSync(before, after, { recursive: true, preserveTimestamps: true });
    writeFileSync(join(after, "etc/a"), "9");
    const copy = readFileSync(join(after, "usr/bin/b"), "utf8");
    const { size, total } = takeDigest(after, join(dir, "m2"), { root: before, manifest: join(dir, "m1") });
    expect(readFileSync(join(after, "usr/bin/b"), "utf8")).toBe(copy);
    const inode = (path: string): number => statSync(path).ino;
    expect(inode(join(after, "usr/bin/b"))).toBe(inode(join(before, "usr/bin/b")));
    expect(inode(join(after, "etc/a"))).not.toBe(inode(join(before, "etc/a")));
    expect(readFileSync(join(before, "etc/a"), "utf8")).toBe("1");
    expect(size).toBeLessThan(total);
    expect(digestOf(after)).toBe(takeDigest(after, join(dir, "m3"), null).digest);
  });

  it("takes names that are no text, and files with a line break in their name", () => {
    const a = root("a", { "x\ny": "1" });
    writeFileSync(Buffer.concat([Buffer.from(`${a}/`), Buffer.from([0xff, 0xfe])]), "2");
    expect(digestOf(a)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe("packages", () => {
  it("are read as each manager keeps them", () => {
    const path = root("r", {
      "var/lib/dpkg/status":
        "Package: bwa\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.7.17-7+b2\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
      "usr/local/lib/python3.11/dist-packages/Foo_Bar-1.0.dist-info/METADATA":
        "Name: Foo_Bar\nVersion: 1.0\n\nName: no\n",
      "usr/local/lib/python3.11/dist-packages/Foo_Bar-1.0.dist-info/INSTALLER": "pip\n",
      "opt/conda/conda-meta/bwa-0.7.17-h1.json": '{"name":"bwa","version":"0.7.17","build":"h1"}',
      "opt/conda/conda-meta/history": "",
      "lib/apk/db/installed": "P:musl\nV:1.2\n\nP:busybox\nV:1.36\n",
    });
    expect(readPackages(path)).toEqual({
      apk: { busybox: "1.36", musl: "1.2" },
      apt: { bwa: "0.7.17-7+b2" },
      conda: { bwa: "0.7.17=h1" },
      pip: { "foo-bar": "1.0" },
    });
  });
});

describe("finishing a root file system", () => {
  it("removes what no two builds share, makes what is mounted over, and names the job's user", () => {
    const path = root("r", {
      "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
      "etc/group": "root:x:0:\n",
      "etc/machine-id": "abc\n",
      "etc/passwd-": "x",
      "var/log/dpkg.log": "today",
      "var/lib/apt/lists/x": "x",
      "tmp/x": "x",
    });
    finish(path);
    expect(readFileSync(join(path, "etc/passwd"), "utf8")).toBe(
      "root:x:0:0:root:/root:/bin/bash\nligase:x:1000:1000:Ligase job:/tmp:/bin/sh\n",
    );
    expect(readFileSync(join(path, "etc/machine-id"), "utf8")).toBe("");
    for (const gone of ["etc/passwd-", "var/log/dpkg.log", "var/lib/apt/lists/x", "tmp/x"]) {
      expect(statSync(join(path, gone), { throwIfNoEntry: false })).toBeUndefined();
    }
    for (const there of ["proc", "dev", "tmp", "etc/resolv.conf", "etc/hosts"]) {
      expect(statSync(join(path, there), { throwIfNoEntry: false })).toBeDefined();
    }
    const once = digestOf(path);
    finish(path);
    expect(digestOf(path)).toBe(once);
  });

  it("never writes outside of it, whatever links an image holds", () => {
    const victim = root("victim", { hosts: "mine", passwd: "mine", "log/x": "mine" });
    const path = join(dir, "evil");
    mkdirSync(join(path, "var"), { recursive: true });
    symlinkSync(victim, join(path, "etc"));
    symlinkSync(join(victim, "log"), join(path, "var/log"));
    symlinkSync("../".repeat(20) + victim, join(path, "tmp"));
    finish(path);
    expect(readFileSync(join(victim, "hosts"), "utf8")).toBe("mine");
    expect(readFileSync(join(victim, "passwd"), "utf8")).toBe("mine");
    expect(readFileSync(join(victim, "log/x"), "utf8")).toBe("mine");
  });

  it("leaves a user of that number as the image has it", () => {
    const path = root("r", { "etc/passwd": "node:x:1000:1000::/home/node:/bin/sh\n" });
    finish(path);
    expect(readFileSync(join(path, "etc/passwd"), "utf8")).toBe("node:x:1000:1000::/home/node:/bin/sh\n");
  });
});
