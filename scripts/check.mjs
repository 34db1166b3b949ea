// Everything about the code that can be told without running it: `npm run check [step…]`.
import { spawnSync } from "node:child_process";

/** Each step is a command line without quoting. */
const STEPS = {
  format: "oxfmt --check",
  lint: "oxlint --type-aware --deny-warnings --report-unused-disable-directives",
  types: "tsc -p tsconfig.json",
  floors: "node scripts/check-floors.mjs",
  unused: "knip --no-progress",
  build: "node scripts/setup.mjs --build",
  package: "publint --strict",
  entries: "attw --pack . --profile esm-only --format table-flipped",
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in STEPS));
if (unknown !== undefined) {
  console.error(`there is no check ${unknown}; there are ${Object.keys(STEPS).join(", ")}`);
  process.exit(2);
}

const failed = [];
for (const [name, line] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const start = Date.now();
  const [command, ...args] = line.split(" ");
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  const ok = status === 0;
  if (!ok) {
    failed.push(name);
    process.stdout.write(`\n${stdout ?? ""}${stderr ?? ""}${error ? `${error.message}\n` : ""}`);
  }
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(8)} ${((Date.now() - start) / 1000).toFixed(1)} s   ${line}`);
}
process.exitCode = failed.length === 0 ? 0 : 1;
