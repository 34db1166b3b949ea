/**
 * Measures: `npm run bench [-- suite…] [--rounds=N] [--shrink=N]`.
 *
 * Each suite runs in a process of its own, one after the other. What they find replaces what
 * `bench/results.json` said of them, and `bench/RESULTS.md` is written anew from that; with
 * `--shrink` nothing is written, since the sizes are not the real ones.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { page, table, type Report } from "./lib/report.ts";

/** In the order in which they are shown. */
const SUITES = [
  "startup",
  "record",
  "report",
  "graph",
  "tasks",
  "table",
  "depth",
  "scripts",
  "containers",
  "images",
  "sandbox-scripts",
  "python",
  "endpoints",
  "cold-starts",
  "hashing",
  "closure",
  "types",
];

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, shrink: { type: "string", default: "1" } },
});
const unknown = positionals.find((name) => !SUITES.includes(name));
if (unknown !== undefined) {
  console.error(`there is no suite ${unknown}; there are ${SUITES.join(", ")}`);
  process.exit(2);
}

const known = existsSync(here("results.json"))
  ? (JSON.parse(readFileSync(here("results.json"), "utf8")) as Report[])
  : [];
const reports = new Map(known.map((report) => [report.suite, report]));
const scratch = mkdtempSync(join(tmpdir(), "ligase-bench-"));
let failed = 0;

for (const name of SUITES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const out = join(scratch, `${name}.json`);
  const args = [here("lib/run-suite.ts"), here(`suites/${name}.ts`), out, values.rounds, values.shrink];
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) {
    const report = JSON.parse(readFileSync(out, "utf8")) as Report;
    reports.set(name, report);
    console.log(`\n${report.title}\n${table(report.results)}\n`);
  } else {
    failed++;
    console.error(`the suite ${name} failed`);
  }
}
rmSync(scratch, { recursive: true, force: true });

if (values.shrink === "1") {
  const all = SUITES.flatMap((name) => reports.get(name) ?? []);
  writeFileSync(here("results.json"), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(here("RESULTS.md"), page(all));
}
process.exitCode = failed === 0 ? 0 : 1;
