import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../.ci/count.mjs", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ligase-count-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Reports of both suites with tests of these states; nothing for a report that was never written. */
function count(
  unit: string[] | undefined,
  integration: string[] | undefined,
  brokenFiles = 0,
): { status: number | null; lines: string[] } {
  const paths = Object.entries({ unit, integration }).map(([name, states]) => {
    const path = join(folder, `${name}.json`);
    if (!states) return path;
    const number = (state: string): number => states.filter((given) => given === state).length;
    const report = {
      numPassedTests: number("passed"),
      numFailedTests: number("failed"),
      numFailedTestSuites: brokenFiles,
      testResults: [{ assertionResults: states.map((status, i) => ({ status, fullName: `${name} ${i}` })) }],
    };
    writeFileSync(path, JSON.stringify(report));
    return path;
  });
  const { status, stdout } = spawnSync(process.execPath, [script, ...paths], { encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n") };
}

describe(".ci/count.mjs", () => {
  it("sums up both suites in a last line of its own", () => {
    expect(count(["passed", "passed"], ["passed"])).toEqual({ status: 0, lines: ["3 passed, 0 failed"] });
  });

  it("fails with what failed", () => {
    expect(count(["passed", "failed"], ["passed"])).toEqual({ status: 1, lines: ["2 passed, 1 failed"] });
  });

  it("takes a skipped integration test for a failure, and names it", () => {
    expect(count(["skipped"], ["passed", "skipped", "todo"])).toEqual({
      status: 1,
      lines: ["skipped: integration 1", "todo: integration 2", "1 passed, 2 failed"],
    });
  });

  it("takes a file that does not load, and a suite that left no report, for failures", () => {
    expect(count(["passed"], [], 1)).toMatchObject({ status: 1, lines: ["1 passed, 2 failed"] });
    expect(count(["passed"], undefined).lines.at(-1)).toBe("1 passed, 1 failed");
  });
});
