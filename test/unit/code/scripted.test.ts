import { expect, it } from "vitest";
import { analysed } from "./support/project.ts";

const HEAD = `import { lift, local, map, script, task } from "ligase";
import * as l from "ligase";
import { sorted } from "./tools.ts";
const other = task((x: string) => script\`echo \${x}\`);
`;
const TOOLS = `import { script } from "ligase";
export const sorted = (x: string) => script\`sort \${x}\`;
`;

/** Do the options of a task with this function belong to a script? */
function isScripted(fn: string): boolean {
  const files = { "workflow.ts": `${HEAD}export const main = task(${fn});`, "tools.ts": TOOLS };
  return analysed(files).definitions.find((one) => one.name === "main")!.scripted ?? false;
}

it.each<[string, string]>([
  ["returns one", "(x: string) => script`echo ${x}`"],
  ["returns one with outputs", '(x: string) => script({ outputs: "a" })`echo ${x} > a`'],
  ["names it through a namespace", "(x: string) => l.script`echo ${x}`"],
  ["computes with what one gives", "(x: string) => lift(Number)(script`wc -l ${x}`)"],
  ["builds one for each item", "(xs: string[]) => map(xs, (x) => script`echo ${x}`)"],
  ["awaits one", "async (x: string) => { const n = await script`echo ${x}`; return n; }"],
  ["has a helper that builds one", "(x: string) => sorted(x)"],
  ["calls the function of a task that builds one", "(x: string) => local(other)(x)"],
])("the options of a task belong to its script when its body %s", (_, fn) => {
  expect(isScripted(fn)).toBe(true);
});

it.each<[string, string]>([
  ["computes", "(x: string) => x.length"],
  ["calls another task that builds one", "(x: string) => other(x)"],
])("they are its own when its body %s", (_, fn) => {
  expect(isScripted(fn)).toBe(false);
});
