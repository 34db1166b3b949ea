/**
 * The messages by which causes of failures are known are those that the tools say today.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findCauses } from "../../src/record/causes/find.ts";
import { linesOf } from "../../src/record/causes/output.ts";
import { signalOf } from "../../src/worker/script/index.ts";
import { describeWith } from "../support/needs.ts";
import { FIXTURES, TOOL_FAILURES } from "../support/tool-failures.ts";

const DATA = fileURLToPath(new URL("../../examples/germline-variants/data/", import.meta.url));
const TOOLS = ["samtools", "bcftools", "tabix", "bwa", "fastp", "python3", "Rscript", "curl", "wget", "perl"];

const folder = mkdtempSync(join(tmpdir(), "ligase-causes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As a job's script is run. */
function run(command: string): { status: number; stderr: string } {
  const { status, signal, stderr } = spawnSync("bash", ["-c", `exec > /dev/null\n${command}`], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    timeout: 60_000,
  });
  return { status: status ?? (signal === "SIGSEGV" ? 139 : 137), stderr };
}

describeWith({ programs: TOOLS })("the cause of a failure, of what tools say today", () => {
  beforeAll(() => {
    copyFileSync(join(DATA, "HG00100.sam"), join(folder, "reads.sam"));
    copyFileSync(join(DATA, "chr17_1-4200.fa"), join(folder, "ref.fa"));
    const { status, stderr } = run(`set -e\n${FIXTURES}`);
    if (status !== 0) throw new Error(stderr);
  }, 60_000);

  it.each(TOOL_FAILURES.filter(({ program }) => program !== undefined))("$command", ({ command, kind, says }) => {
    const { status, stderr } = run(command);
    const [cause] = findCauses({
      lines: linesOf(stderr),
      error: { name: "LigaseError", code: "LIGASE_E_SCRIPT", message: `exited with status ${status}` },
      exitCode: status,
      signal: signalOf(status),
      attempt: undefined,
      inputs: [],
      carriageReturns: [],
      script: command,
    });
    expect(cause, `status ${status}: ${stderr}`).toMatchObject({ kind, says: expect.stringContaining(says) });
  });
});
