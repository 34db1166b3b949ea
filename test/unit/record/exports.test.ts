import { describe, expect, it } from "vitest";
import { exportedIn } from "../../../src/record/reopen/exports.ts";
import { commandFiles } from "../../../src/worker/script/index.ts";

describe("exportedIn", () => {
  const env = {
    LIGASE_CPU: "2",
    QUOTE: "it's ''quoted''",
    EMPTY: "",
    LINES: "a\nexport FAKE='1'\nb",
    DOLLAR: "$HOME `x`",
  };

  it.each(["bash", "sh", "python3"])("reads what a command file for %s exports", (interpreter) => {
    const text = interpreter === "python3" ? "print(1)" : "export LATER='1'\necho \"$LATER\"\n";
    const { files } = commandFiles({ title: "a job", interpreter, text, env });
    const [, content = ""] = files.find(([name]) => name === ".command.sh") ?? [];
    expect(exportedIn(content)).toEqual(env);
  });

  it("finds nothing where nothing is exported", () => {
    expect(exportedIn("set -euo pipefail\n\nexport A='1'\n")).toEqual({});
    expect(exportedIn("")).toEqual({});
  });
});
