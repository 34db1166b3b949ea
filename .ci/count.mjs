// Sums up the reports of the unit and the integration suite; a skipped integration test counts as a failure, since CI
// has everything that they need. Prints `N passed, N failed` and nothing after it.
import { readFileSync } from "node:fs";

const reports = process.argv.slice(2).map((path) => {
  try {
    return { path, ...JSON.parse(readFileSync(path, "utf8")) };
  } catch {
    console.log(`no report: ${path}`);
    return { path, numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
});
let passed = 0;
let failed = 0;
for (const { path, numPassedTests, numFailedTests, numFailedTestSuites = 0, testResults } of reports) {
  passed += numPassedTests;
  // A file that does not load has no tests, and fails.
  failed += Math.max(numFailedTests, Math.min(numFailedTestSuites, 1));
  if (!path.endsWith("integration.json")) continue;
  for (const { assertionResults } of testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === "passed" || status === "failed") continue;
      failed++;
      console.log(`${status}: ${fullName}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
