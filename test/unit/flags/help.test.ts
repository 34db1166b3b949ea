import { describe, expect, it } from "vitest";
import { helpText, shellWord } from "../../../src/cli/flags/index.ts";
import { parametersOf } from "../parameters/project.ts";

const parameters =
  parametersOf(`interface Sample { /** Its name, unique in the run. */ id: string; reads: File[]; lane?: number }
export default (
  /** One sample. */ sample: Sample,
  /** The genome, indexed with bwa; its index files travel with it. */ reference: File,
  minDepth = 10, // Least depth of a site.
  json = "a b",
  mode: "fast" | "exact" | "very-very-sensitive" | "another-choice" = "fast",
  trim = true,
  labels: Record<string, string> = {},
  { k = 31 }: { /** Length of a k-mer. */ k?: number } = {},
) => 1`);
const doc = "Align one sample's reads\nand sort them by coordinate.\n\n- one\n- two";

describe("helpText", () => {
  it("shows types, defaults, docs and an example", () => {
    expect(
      helpText("align", doc, parameters, 80, { command: "ligase run workflow.ts align", reserved: ["json"] }),
    ).toBe(
      `Usage: ligase run workflow.ts align --sample JSON --reference FILE [flags]

Align one sample's reads and sort them by coordinate.

- one
- two

Parameters:
  --sample JSON           One sample, by its fields:
  --sample.id TEXT        Its name, unique in the run. (required)
  --sample.reads FILE...  (required)
  --sample.lane NUMBER
  --reference FILE        The genome, indexed with bwa; its index files travel
                          with it. (required)
  --min-depth NUMBER      Least depth of a site. (default: 10)
  --params.json TEXT      (default: a b)
  --mode CHOICE           one of fast, exact, very-very-sensitive,
                          another-choice (default: fast)
  --[no-]trim             (default: true)
  --labels KEY=TEXT
  -k NUMBER               Length of a k-mer. (default: 31)
  --params FILE           Read parameters from a YAML or JSON file; flags win
                          over it.

Example:
  ligase run workflow.ts align --sample.id text --sample.reads path/to/reads \\
    --reference path/to/reference

Flags with ... take every word up to the next flag, and may be repeated.
`,
    );
  });

  it("keeps to the width, down to narrow terminals", () => {
    for (const width of [40, 60, 100, 200]) {
      const lines = helpText("align", doc, parameters, width, { command: "ligase run w.ts align" }).split("\n");
      for (const line of lines) expect(line).toHaveLength(Math.min(line.length, width));
    }
  });

  it("leaves code in a doc comment as it is", () => {
    const code = "Run.\n```ts\nconst a = 1;\nconst b = 2;\n```\n    indented";
    expect(helpText("t", code, [], 20)).toBe(
      "Usage: ligase run\n<file> t\n\nRun.\n```ts\nconst a = 1;\nconst b = 2;\n```\n    indented\n",
    );
  });
});

describe("shellWord", () => {
  it("quotes what a shell would read otherwise", () => {
    expect(["a.fq", "a b", "it's", "", "$x"].map(shellWord)).toEqual([
      "a.fq",
      "'a b'",
      String.raw`'it'\''s'`,
      "''",
      "'$x'",
    ]);
  });
});
