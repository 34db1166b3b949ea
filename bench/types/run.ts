// What the types of the language cost people who use it: a workflow of 300 tasks is type-checked, and so is the same
// workflow as plain async functions.
//
//     node bench/types/run.ts              prints the figures; exits 1 when one is beyond the budget
//     node bench/types/run.ts --update     sets the budget to what was measured, and a tenth more
//
// Instantiations and types are counted by the compiler and are the same on every machine: they are held to the budget.
// Times are printed for people.
import { readFileSync, writeFileSync } from "node:fs";
import { type Cost, DeclaredPackage } from "./measure.ts";
import { GROUP, VERSIONS } from "./workflow.ts";

const TASKS = 300;
const BUDGET = new URL("./budget.json", import.meta.url);

/** What each task may cost, beyond what importing the package costs. */
interface Budget {
  readonly instantiationsPerTask: number;
  readonly typesPerTask: number;
}

using ligase = new DeclaredPackage();
const groups = TASKS / GROUP;
/** The fastest of three, by check time: the others were disturbed. */
const best = (module: string): Cost =>
  [1, 2, 3].map(() => ligase.check(module)).reduce((a, b) => (b.checkMs < a.checkMs ? b : a));
const imports = best(VERSIONS.imports());
const beyond = (cost: Cost): Cost => ({
  instantiations: cost.instantiations - imports.instantiations,
  types: cost.types - imports.types,
  checkMs: cost.checkMs - imports.checkMs,
  memory: cost.memory - imports.memory,
});
const tasks = beyond(best(VERSIONS.tasks(groups)));
const functions = beyond(best(VERSIONS.functions(groups)));

const row = (name: string, { instantiations, types, checkMs, memory }: Cost): string =>
  [
    name.padEnd(22),
    String(instantiations).padStart(15),
    String(types).padStart(8),
    `${checkMs.toFixed(0)} ms`.padStart(10),
    `${(memory / 2 ** 20).toFixed(0)} MiB`.padStart(9),
  ].join("");
console.log(
  `${"".padEnd(22)}${"instantiations".padStart(15)}${"types".padStart(8)}${"check".padStart(10)}${"memory".padStart(9)}`,
);
console.log(row("importing ligase", imports));
console.log(row(`+ ${TASKS} tasks`, tasks));
console.log(row(`+ ${TASKS} functions`, functions));

const measured: Budget = {
  instantiationsPerTask: Math.round(tasks.instantiations / TASKS),
  typesPerTask: Math.round(tasks.types / TASKS),
};
if (process.argv.includes("--update")) {
  const budget: Budget = {
    instantiationsPerTask: Math.ceil(measured.instantiationsPerTask * 1.1),
    typesPerTask: Math.ceil(measured.typesPerTask * 1.1),
  };
  writeFileSync(BUDGET, `${JSON.stringify(budget, undefined, 2)}\n`);
}
const budget = JSON.parse(readFileSync(BUDGET, "utf8")) as Budget;
for (const name of ["instantiationsPerTask", "typesPerTask"] as const) {
  const within = measured[name] <= budget[name];
  console.log(`${within ? "within" : "BEYOND"} the budget: ${name} ${measured[name]} of ${budget[name]}`);
  if (!within) process.exitCode = 1;
}
