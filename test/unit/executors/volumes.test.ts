import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLocalExecutor } from "../../../src/executors/index.ts";
import { type Bench, failureOf, makeBench, script, valueOf } from "./support/bench.ts";

let bench: Bench;
let from: string;
beforeAll(async () => {
  bench = await makeBench(({ dir, codec, fingerprints }) =>
    createLocalExecutor({ name: "process", root: dir, storeDir: join(dir, ".ligase"), codec, fingerprints }),
  );
  from = join(bench.dir, "volume");
  mkdirSync(from);
  writeFileSync(join(from, "a"), "1\n");
});
afterAll(() => bench.close());

const mount = (at: string) => ({ volumes: [{ name: "seq", from, at, writable: true }] });

test("on this machine a volume is a link in the work directory", async () => {
  const outcome = await bench.run(script("cat seq/deep/a; echo 2 > seq/deep/b; ls seq"), mount("./seq/deep"));
  expect(valueOf(bench, outcome)).toBe("1\ndeep\n");
  expect(readFileSync(join(from, "b"), "utf8")).toBe("2\n");
});

test("no input takes its name, and no pattern of outputs looks into it", async () => {
  const file = bench.input("seq", "input\n");
  const work = script(["cp ", file, " own.txt; echo x > seq/volume.txt"], { outputs: "**/*.txt" });
  const files = valueOf(bench, await bench.run(work, mount("seq"))) as { name: string }[];
  expect(files.map(({ name }) => name)).toEqual(["own.txt"]);
});

test.each([
  ["/data/seq", "without an image"],
  ["../seq", "not below the work directory"],
  [".", "not below the work directory"],
])("it cannot be mounted at %s", async (at, why) => {
  const failure = failureOf(await bench.run(script("true"), mount(at)));
  expect(failure.error).toMatchObject({ code: "LIGASE_E_VOLUME", message: expect.stringContaining(why) });
  expect(failure.error.mend).toContain("./seq");
});
