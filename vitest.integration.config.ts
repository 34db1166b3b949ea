import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { shared } from "./vitest.config.ts";

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/integration/**/*.test.ts"],
    exclude: ["**/fixtures/**", "node_modules/**"],
    passWithNoTests: true,
    // Environments are built once for all tests, and kept for the next time.
    env: { LIGASE_IMAGES: process.env["LIGASE_IMAGES"] ?? join(tmpdir(), "ligase-test-images") },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Each test may take the whole machine.
    fileParallelism: false,
  },
});
