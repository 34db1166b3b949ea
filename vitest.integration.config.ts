import { defineConfig } from "vitest/config";
import { shared } from "./vitest.config.ts";

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/integration/**/*.test.ts"],
    exclude: ["**/fixtures/**", "node_modules/**"],
    passWithNoTests: true,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Each test may take the whole machine.
    fileParallelism: false,
  },
});
