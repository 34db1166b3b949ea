import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const src = fileURLToPath(new URL("./src/", import.meta.url));
const report = process.env["LIGASE_TEST_REPORT"];

/** What the unit and the integration tests have in common. */
export const shared: ViteUserConfig = {
  // Tests import `ligase` as users do, and mean the source.
  resolve: {
    alias: [
      { find: /^ligase$/, replacement: `${src}index.ts` },
      { find: /^ligase\/(\w+)$/, replacement: `${src}$1.ts` },
    ],
  },
  test: {
    // Tests that start and kill processes share CI's two processors with all others: one that was starved may try again.
    retry: process.env["CI"] ? 1 : 0,
    // CI sums up what both suites report.
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
};

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/**/*.test.ts"],
    exclude: ["test/integration/**", "**/fixtures/**", "node_modules/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for processes of their own; one worker, the default on two processors, takes twice as long.
    maxWorkers: 2,
  },
});
