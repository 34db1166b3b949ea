import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("docs/cli.md", () => {
  it("is what the commands and the configuration say", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/docs.mjs", "--check"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stderr).toContain("docs/cli.md is up to date");
    expect(status).toBe(0);
  });

  it("documents every setting and its variable", () => {
    const page = readFileSync(`${ROOT}/docs/cli.md`, "utf8");
    const settings = readFileSync(`${ROOT}/src/config/table.ts`, "utf8");
    const variables = [...settings.matchAll(/variable: "(LIGASE_[A-Z_]+)"/g)].map(([, name]) => name!);
    expect(variables.length).toBeGreaterThan(5);
    for (const variable of variables) expect(page).toContain(`\`${variable}\``);
  });
});
