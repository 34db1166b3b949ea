import { describe, expect, test } from "vitest";
import { Dir, File, optional, raw, script } from "ligase";
import { type ScriptSpec } from "../../../src/expr/index.ts";
import { errorOf, node } from "./helpers.ts";

const spec = (value: unknown): ScriptSpec => node(value, "call").args[0] as ScriptSpec;

describe("script", () => {
  test("without options gives stdout", () => {
    const file = new File("a b.bam");
    expect(spec(script`samtools view -c ${file} ${raw("-F 4")}`)).toEqual({
      parts: ["samtools view -c ", " ", "\n"],
      values: [file, { "!": "-F 4" }],
      interpreter: "bash",
    });
  });

  test("keeps its outputs, and may be used twice", () => {
    const outputs = {
      bam: { file: "x.bam", sidecars: "x.bam.bai" },
      all: ["*.txt", "qc/"],
      log: optional("log"),
    } as const;
    const tag = script({ outputs, inputs: [new Dir("ref")], interpreter: "sh" });
    for (const made of [tag`one ${1}`, tag`one ${1}`]) {
      expect(spec(made)).toMatchObject({ outputs, interpreter: "sh", values: [1], inputs: [new Dir("ref")] });
    }
  });

  test.each([
    ["/tmp/x.bam", "is an absolute path: it lies outside of the work directory"],
    ["../x.bam", "leads out of the work directory"],
    [{ bam: "a/../../x" }, "leads out of the work directory"],
    [["ok", { file: "x", sidecars: ["../y"] }], "leads out of the work directory"],
    [optional("../x"), "leads out of the work directory"],
    ["", "names no file"],
  ])("refuses the output %o where it stands", (outputs, problem) => {
    const error = errorOf(() => script({ outputs }));
    expect(error.code).toBe("LIGASE_E_OUTPUT_OUTSIDE");
    expect(error.message).toContain(problem);
  });

  test("refuses options it does not have", () => {
    expect(errorOf(() => script({ cpu: 4 } as object))).toMatchObject({ code: "LIGASE_E_OPTION" });
    for (const given of [undefined, "samtools view", ["samtools"]]) {
      expect(errorOf(() => Reflect.apply(script, undefined, [given]))).toMatchObject({ code: "LIGASE_E_SCRIPT" });
    }
  });
});
