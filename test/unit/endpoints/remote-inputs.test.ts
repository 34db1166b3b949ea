import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeExpression, makeCall, nodeOf } from "../../../src/expr/index.ts";
import { Dir, File, fileAtoms } from "../../../src/files/index.ts";
import { Codec } from "../../../src/kernel/index.ts";
import { encodeForServer } from "../../../src/programs/remote/inputs.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ligase-inputs-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

/** The arguments of a call as a server reads them whose code lies in this folder. */
function read(text: string, root: string): readonly unknown[] {
  const value = decodeExpression(text, new Codec(fileAtoms({ root, storeDir: join(root, ".store") })));
  const node = nodeOf(value);
  return node?.kind === "call" ? node.args : [];
}

test("files of this machine go with the expression, by their content, and are found where the code lies", async () => {
  const bam = new File(write("a.bam", "reads")).with(new File(write("a.bam.bai", "index")));
  const web = new File("https://example.org/genome.fa");
  const { text, files } = await encodeForServer(makeCall("count", [{ bam, web, twice: bam }]), false);
  expect(files.map(({ path, from }) => [path.split("/").at(-1), from])).toEqual([
    ["a.bam", join(dir, "a.bam")],
    ["a.bam.bai", join(dir, "a.bam.bai")],
  ]);
  expect(files[0]?.hash).toBe(createHash("sha256").update("reads").digest("hex"));
  const [seen] = read(text, "/server/code") as [{ bam: File; web: File; twice: File }];
  expect(seen.bam.path).toBe(`/server/code/${files[0]?.path}`);
  expect(seen.bam.name).toBe("a.bam");
  expect(seen.bam.sidecars.map(({ path }) => path)).toEqual([`/server/code/${files[1]?.path}`]);
  expect(seen.twice.path).toBe(seen.bam.path);
  expect(seen.web.path).toBe("https://example.org/genome.fa");
});

test("where the server sees this machine, files stay where they are", async () => {
  const path = write("a.txt", "a");
  const { text, files } = await encodeForServer(makeCall("count", [new File(path)]), true);
  expect(files).toEqual([]);
  expect(read(text, "/server/code")).toEqual([new File(path)]);
});

test("refuses folders, files that are not there, and too much", async () => {
  mkdirSync(join(dir, "folder"));
  truncateSync(write("large", ""), 300 * 2 ** 20);
  const paths = ["folder", "gone", "large"].map((name) => join(dir, name));
  const values = [new Dir(paths[0]!), ...paths.map((path) => new File(path))];
  for (const value of values) {
    const sent = encodeForServer(makeCall("count", [value]), false);
    await expect(sent).rejects.toMatchObject({ code: "LIGASE_E_REMOTE_FILE", facts: { path: value.path } });
  }
});
