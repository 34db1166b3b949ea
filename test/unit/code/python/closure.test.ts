import { describe, expect, it } from "vitest";
import { EDITS } from "./edits.ts";
import { changed, definitions, hashes } from "./support.ts";

describe("closure hash of Python", () => {
  it.each(EDITS)("$what changes $changes", ({ before, after, changes }) => {
    expect(changed(before, after)).toEqual([...changes].sort());
  });

  it("does not depend on where the project lies", () => {
    expect(hashes(EDITS[0]!.before)).toEqual(hashes(EDITS[0]!.before));
  });

  it("names what it is made of", () => {
    const { embed } = definitions(EDITS[0]!.before);
    expect(Object.keys(embed?.closure ?? {})).toEqual([
      "app.py#embed",
      "lib/kmers.py#ALPHABET",
      "lib/kmers.py#kmer_counts",
      "lib/text.py#windows",
    ]);
  });

  it("names foreign modules and tasks by name, and none of Python's own", () => {
    const { main } = definitions({
      "app.py":
        "import ligase, json\nimport numpy as np\nfrom scipy.spatial import distance\n@ligase.function(name='clean-up')\ndef clean(x):\n    return x\n@ligase.function\ndef main(x):\n    return json.dumps(np.sum(distance.cdist(x, clean.remote(x))))\n",
    });
    expect(Object.keys(main?.closure ?? {})).toEqual(["app.py#main", "py:numpy", "py:scipy", "task:clean-up"]);
  });

  it("takes a sum of 20,000 terms and a module of 2,000 functions", () => {
    const sum = Array.from({ length: 20_000 }, () => "x").join(" + ");
    const functions = Array.from({ length: 2000 }, (_, i) => `def f${i}(x):\n    return f${i + 1}(x)\n`).join("");
    const files = {
      "app.py": `from ligase import function\n${functions}def f2000(x):\n    return ${sum}\n@function\ndef main(x):\n    return f0(x)\n`,
    };
    const { main } = definitions(files);
    expect(Object.keys(main?.closure ?? {})).toHaveLength(2002);
  });

  it("is stable: a golden value", () => {
    expect(hashes(EDITS[0]!.before)["embed"]).toMatchInlineSnapshot(`"8bafe5229912d456f6bc6f38dff8d112397a32f1"`);
  });
});
