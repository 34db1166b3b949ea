// Everything about the code that can be told without running it: `npm run check [-- step…]` runs the scripts of
// package.json whose names begin with `check:`, all of them also when one fails.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.mjs";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const steps = Object.keys(scripts)
  .filter((name) => name.startsWith("check:"))
  .map((name) => name.slice("check:".length));

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !steps.includes(name));
if (unknown !== undefined) {
  console.error(`there is no check ${unknown}; there are ${steps.join(", ")}`);
  process.exit(2);
}

for (const name of asked.length > 0 ? asked : steps) {
  const start = Date.now();
  const line = scripts[`check:${name}`];
  const { status, stdout, stderr } = spawnSync(line, { shell: true, cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) {
    process.exitCode = 1;
    process.stdout.write(`\n${stdout}${stderr}`);
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name.padEnd(8)} ${seconds.padStart(5)} s   ${line}`);
}
