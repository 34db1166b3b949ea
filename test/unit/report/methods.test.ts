import { expect, it } from "vitest";
import { citationOf } from "../../../src/report/methods/citations.ts";
import { methodsOf, type MethodsFacts } from "../../../src/report/methods/methods.ts";

const NO_JOBS = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 };

function facts(change: Partial<MethodsFacts["summary"]> = {}): MethodsFacts {
  return {
    summary: {
      id: "7k2m9q0000001",
      task: "main",
      state: "done",
      mode: "normal",
      startedAt: Date.UTC(2026, 2, 1, 12),
      endedAt: Date.UTC(2026, 2, 1, 13),
      durationMs: 3_600_000,
      user: "ada",
      host: "vm",
      folder: "/data",
      command: "",
      entry: "workflow.ts",
      gitCommit: "0123456789abcdef0123456789abcdef01234567",
      gitDirty: false,
      ligaseVersion: "0.1.0",
      nodeVersion: "24.0.0",
      tags: {},
      jobs: { ...NO_JOBS, done: 12 },
      cpuMs: null,
      peakMemory: null,
      spared: { jobs: 0, wallMs: null, estimated: false },
      ...change,
    },
    code: {
      program: "f00d",
      entry: "workflow.ts",
      gitCommit: change.gitCommit === null ? null : "0123456789abcdef0123456789abcdef01234567",
      gitDirty: change.gitDirty ?? false,
      tasks: [],
      modules: [],
    },
    environments: { used: [], outside: [] },
    software: {
      ligase: "0.1.0",
      node: "24.0.0",
      tools: [
        { name: "bwa", versions: ["0.7.17"], tasks: ["align"] },
        { name: "grep", versions: ["3.8"], tasks: ["align"] },
        { name: "homegrown", versions: ["1", "2"], tasks: ["plot"] },
        { name: "samtools", versions: ["1.16.1"], tasks: ["align"] },
      ],
      packages: [],
    },
    parameters: [
      { name: "reads", value: "reads.fq", isDefault: false },
      { name: "ploidy", value: "2", isDefault: true },
      { name: "adapters", value: "A".repeat(500), isDefault: false },
      { name: "apiToken", value: "…", isDefault: false },
    ],
    files: {
      inputs: { count: 1, bytes: 10, files: [] },
      outputs: { count: 3, bytes: 10, files: [] },
    },
  };
}

it("writes what is recorded, with versions and counts", () => {
  const { text, references, caution } = methodsOf(facts());
  expect(text).toBe(
    "The data were processed with the workflow main of workflow.ts (commit 0123456789ab), run with Ligase 0.1.0 on Node.js 24.0.0 on 2026-03-01. " +
      "Tools: BWA 0.7.17 (Li and Durbin 2009), homegrown 1 and 2 and SAMtools 1.16.1 (Danecek et al. 2021). " +
      "Parameters: reads = reads.fq; ploidy = 2 (default); 2 more in the report. 12 jobs ran. " +
      "The SHA-256 checksums of 1 input file and 3 output files are in the report of run 7k2m9q0000001.",
  );
  expect(references.map((reference) => reference.split(/[ .,]/)[0])).toEqual(["Danecek", "Li", "Ligase"]);
  expect(caution).toBeNull();
});

it("says where results came from, and of which code", () => {
  expect(methodsOf(facts({ jobs: { ...NO_JOBS, cached: 7 }, gitDirty: true })).text).toMatch(
    /\(commit 0123456789ab, with local changes\).* 7 results were taken from earlier runs of the same code on the same inputs\./,
  );
  expect(methodsOf(facts({ jobs: { ...NO_JOBS, done: 1, cached: 1 }, gitCommit: null })).text).toMatch(
    /\(code snapshot f00d\).* 1 job ran, and 1 result was taken from/,
  );
});

it("warns of what must not be published", () => {
  expect(methodsOf(facts({ mode: "stub" })).caution).toMatch(/stub run/);
  expect(methodsOf(facts({ mode: "sample" })).caution).toMatch(/sample run/);
  expect(methodsOf(facts({ state: "failed" })).caution).toMatch(/not complete: it failed/);
  expect(methodsOf(facts({ state: "running" })).caution).toMatch(/still goes on/);
  expect(methodsOf(facts({ state: "interrupted" })).caution).toMatch(/was interrupted/);
  expect(methodsOf(facts({ jobs: { ...NO_JOBS, done: 1, failed: 2 } })).caution).toMatch(/2 jobs failed/);
});

it("cites only what it knows", () => {
  expect(citationOf("samtools")?.reference).toContain("doi:10.1093/gigascience/giab008");
  expect(citationOf("homegrown")).toBeUndefined();
  expect(citationOf("constructor")).toBeUndefined();
  expect(citationOf("__proto__")).toBeUndefined();
});
