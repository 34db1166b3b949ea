import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeWith } from "../support/needs.ts";

const folder = fileURLToPath(new URL("../../python", import.meta.url));
const python = process.env["LIGASE_PYTHON"] ?? "python3";

async function has(module: string): Promise<boolean> {
  return promisify(execFile)(python, ["-c", `import ${module}`]).then(
    () => true,
    () => false,
  );
}

describeWith({
  programs: [python],
  also: {
    "pytest (apt-get install python3-pytest)": await has("pytest"),
    "pip and venv (apt-get install python3-pip python3-venv)": (await has("pip")) && (await has("ensurepip")),
  },
})("the Python package", () => {
  test("passes its own tests, and installs from a wheel", { timeout: 600_000 }, async () => {
    const { stdout } = await promisify(execFile)(python, ["-m", "pytest", "-q", "-p", "no:cacheprovider"], {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      maxBuffer: 2 ** 24,
    }).catch((error: Error & { stdout?: string }) => ({ stdout: `${error.stdout}\n${error.message}` }));
    expect(stdout).toMatch(/^\d+ passed[^\n]*\n?$/m);
    expect(stdout).not.toMatch(/\d+ (failed|error)/);
  });
});
