import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ToolVersions, versionFile } from "../../../src/executors/process/tools.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-test-"));
  mkdirSync(join(dir, "bin"));
  mkdirSync(join(dir, "project"));
  for (const folder of ["bin", "project"]) {
    writeFileSync(join(dir, folder, `${folder}-tool`), "#!/bin/sh\n");
    chmodSync(join(dir, folder, `${folder}-tool`), 0o755);
  }
  vi.stubEnv("PATH", [join(dir, "bin"), join(dir, "project"), process.env["PATH"]].join(delimiter));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const script = (...parts: string[]) => ({ parts, values: [], interpreter: "bash" });

test("a tool is asked once, and remembered for other runs", async () => {
  const asked: string[] = [];
  const probe = async (path: string): Promise<string> => {
    asked.push(path);
    return "1.2";
  };
  const file = join(dir, "versions.json");
  const tools = new ToolVersions(join(dir, "project"), versionFile(file), probe);
  expect(await tools.of(script("bin-tool a | no-such-tool"), 1000)).toEqual({ "bin-tool": "1.2" });
  expect(tools.of(script("bin-tool b"), 1000)).toEqual({ "bin-tool": "1.2" });
  const later = new ToolVersions(join(dir, "project"), versionFile(file), probe);
  expect(later.of(script("bin-tool a"), 1000)).toEqual({ "bin-tool": "1.2" });
  expect(asked).toEqual([join(dir, "bin", "bin-tool")]);
});

test("a tool that changed is asked again", async () => {
  let version = "1.0";
  const file = versionFile(join(dir, "versions.json"));
  const make = () => new ToolVersions(join(dir, "project"), file, async () => version);
  expect(await make().of(script("bin-tool"), 1000)).toEqual({ "bin-tool": "1.0" });
  version = "2.0";
  writeFileSync(join(dir, "bin", "bin-tool"), "#!/bin/sh\n# newer\n");
  expect(await make().of(script("bin-tool"), 1000)).toEqual({ "bin-tool": "2.0" });
});

test("the project's own programs are no tools", () => {
  const tools = new ToolVersions(join(dir, "project"), versionFile(join(dir, "v.json")), () =>
    Promise.reject(new Error("asked")),
  );
  expect(tools.of(script("project-tool x; true"), 1000)).toBeNull();
});

test("a tool that takes its time keeps nobody waiting, and is known the next time", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const file = join(dir, "versions.json");
  const tools = new ToolVersions(join(dir, "project"), versionFile(file), () => promise);
  expect(await tools.of(script("bin-tool"), 1)).toEqual({});
  resolve("3.1");
  expect(await tools.of(script("bin-tool"), 10_000)).toEqual({ "bin-tool": "3.1" });
  expect(readFileSync(file, "utf8")).toContain("3.1");
});

test("a file of versions that is broken is written anew", async () => {
  const file = join(dir, "versions.json");
  writeFileSync(file, "{ no json");
  const tools = new ToolVersions(join(dir, "project"), versionFile(file), async () => "1.0");
  expect(await tools.of(script("bin-tool"), 1000)).toEqual({ "bin-tool": "1.0" });
  expect(JSON.parse(readFileSync(file, "utf8"))).not.toEqual({});
});

test("a tool that could not be asked is not taken for one without a version", async () => {
  let version: string | undefined = undefined;
  const tools = new ToolVersions(join(dir, "project"), versionFile(join(dir, "versions.json")), async () => version);
  expect(await tools.of(script("bin-tool"), 1000)).toEqual({});
  version = "1.0";
  expect(await tools.of(script("bin-tool"), 1000)).toEqual({ "bin-tool": "1.0" });
});
