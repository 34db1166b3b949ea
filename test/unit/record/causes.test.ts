import { describe, expect, it } from "vitest";
import { findCauses } from "../../../src/record/causes/find.ts";
import { firstError, linesOf } from "../../../src/record/causes/output.ts";
import { RULES } from "../../../src/record/causes/table.ts";
import type { Evidence, InputFile } from "../../../src/record/causes/types.ts";
import { signalOf } from "../../../src/worker/script/index.ts";
import { TOOL_FAILURES } from "../../support/tool-failures.ts";

function evidence(stderr: string, status: number | null, more: Partial<Evidence> = {}): Evidence {
  return {
    lines: linesOf(stderr),
    error: { name: "LigaseError", code: "LIGASE_E_SCRIPT", message: `exited with status ${status}` },
    exitCode: status,
    signal: signalOf(status),
    attempt: undefined,
    inputs: [],
    carriageReturns: [],
    script: "",
    ...more,
  };
}

const input = (more: Partial<InputFile>): InputFile => ({
  at: "reads",
  name: "r.fq",
  empty: false,
  madeBy: undefined,
  ...more,
});

describe("findCauses, of what tools say", () => {
  it.each(TOOL_FAILURES)("$command", ({ command, stderr, status, kind, says }) => {
    const [cause] = findCauses(evidence(stderr, status, { script: command }));
    expect(cause).toMatchObject({ kind, says: expect.stringContaining(says) });
  });

  it("knows every kind of the table by a message, or by the facts below", () => {
    const known = new Set(TOOL_FAILURES.map(({ kind }) => kind)).add("empty-input");
    expect(RULES.filter(({ kind }) => !known.has(kind))).toEqual([]);
  });

  it("finds nothing in what is no failure of its own kind", () => {
    expect(findCauses(evidence("processed 12 records\nerror rate 0.01 is above 0.005", 3))).toEqual([]);
    expect(findCauses(evidence("x: command not found in the table", 1))).toEqual([]);
  });
});

it("is quick on any text", () => {
  const texts = [
    "x".repeat(1e6),
    "x:".repeat(1e5),
    "'/".repeat(1e5),
    "a/b ".repeat(1e5),
    `${"y".repeat(490)}\n`.repeat(250),
  ];
  for (const text of texts) expect(findCauses(evidence(text, 127))).toEqual([]);
});

describe("findCauses, of facts", () => {
  it("an empty input comes before what the tool says of it, and names the job that made it", () => {
    const causes = findCauses(
      evidence('samtools sort: failed to read header from "trimmed.bam"\n[W::x] EOF marker is absent', 1, {
        inputs: [
          input({}),
          input({ at: "bam", name: "trimmed.bam", empty: true, madeBy: { task: "trim", job: "7k2m9qab12345" } }),
        ],
      }),
    );
    expect(causes[0]).toMatchObject({
      kind: "empty-input",
      says: "trimmed.bam (argument bam), made by trim (7k2m9qab), is empty",
      mend: expect.stringContaining("ligase why 7k2m9qab "),
    });
  });

  it("a missing tool comes before an empty input", () => {
    const causes = findCauses(
      evidence("bash: line 2: samtools: command not found", 127, { inputs: [input({ empty: true })] }),
    );
    expect(causes.map(({ kind }) => kind)).toEqual(["missing-tool", "empty-input"]);
    expect(causes[0]!.mend).toContain("apt-get install samtools");
    expect(causes[0]!.mend).toContain('Image.debian("12").apt("samtools")');
  });

  it("names the argument that a Windows sheet left a carriage return in", () => {
    const causes = findCauses(evidence("no such sample", 1, { carriageReturns: ["sample.group"] }));
    expect(causes[0]).toMatchObject({
      kind: "line-ends",
      says: expect.stringContaining("argument sample.group ends in \\r"),
    });
  });

  it("names the input a message is about by its argument and maker", () => {
    const [cause] = findCauses(
      evidence("gzip: r2.fq.gz: unexpected end of file", 1, {
        inputs: [
          input({ name: "r1.fq.gz" }),
          input({ at: "reads[1]", name: "r2.fq.gz", madeBy: { task: "fetch", job: "aaaaaaaabbbbb" } }),
        ],
      }),
    );
    expect(cause!.says).toContain("r2.fq.gz (argument reads[1]), made by fetch (aaaaaaaa), is cut off");
  });

  it("does not say again what the error says, but adds the amounts", () => {
    const error = { name: "LigaseError", code: "LIGASE_E_TIMEOUT", message: "took longer than its timeout of 1s" };
    expect(findCauses(evidence("", null, { error }))).toMatchObject([{ kind: "timeout", told: true }]);
  });
});

describe("firstError", () => {
  const of = (text: string) => firstError({ lines: text.split("\n"), whole: true });

  it("finds the first line that tells of an error, not a warning", () => {
    expect(of("[M::x] reading\n[W::x] not found, but fine\n[E::y] cannot parse\nfailed: 1")).toEqual({
      text: "[E::y] cannot parse",
      line: 3,
    });
    expect(of("done, 0 errors\nall well")).toBeUndefined();
  });

  it("of a trace of Python takes the exception", () => {
    expect(
      of('start\nTraceback (most recent call last):\n  File "x.py", line 1\n    fail()\nValueError: bad\nend'),
    ).toEqual({
      text: "ValueError: bad",
      line: 5,
    });
  });
});
