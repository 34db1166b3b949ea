import { describe, expect, it } from "vitest";
import { declarationsOf } from "../../../src/code/declarations.ts";
import { readSources } from "../../../src/code/sources.ts";
import { loadProgram } from "../../../src/code/index.ts";
import { project } from "../../cli/project.ts";

describe("declarationsOf", () => {
  const of = (source: string) =>
    Object.fromEntries([...declarationsOf("m.ts", source)].map(([name, { text, line }]) => [name, `${line} ${text}`]));

  it("cuts a module into statements with their exports, by the names that closures have", () => {
    expect(
      of(`import { x } from "./x.ts";
export const k = 31;
function f(a: number) {
  return a;
}
export default class {}
const a = 1,
  b = 2;
registry.set("k", k);
type T = number;
`),
    ).toEqual({
      k: "2 export const k = 31;",
      f: "3 function f(a: number) {\n  return a;\n}",
      default: "6 export default class {}",
      a: "7 a = 1",
      b: "8 b = 2",
      'registry.set("k", k);': '9 registry.set("k", k);',
    });
  });

  it("has the names of every closure of a program", async () => {
    const p = project({
      "workflow.ts": `
import { task } from "ligase";
import * as lib from "./lib.ts";
enum Mode { A = 1 }
const table = new Map<string, number>();
table.set("x", Mode.A);
export const main = task((n: number) => lib.twice(n) + table.size);
`,
      "lib.ts": "export const twice = (n: number) => n * two();\nfunction two() { return 2; }\n",
    });
    const program = await loadProgram(p.path("workflow.ts"), { cacheDir: p.path("code") });
    const sources = new Map(readSources(program).map(({ path, text }) => [path, text]));
    const closure = Object.keys(program.tasks.get("main")!.definition!.closure);
    expect(closure.length).toBeGreaterThan(4);
    for (const key of closure) {
      const [path = "", name = ""] = key.split("#");
      expect([...declarationsOf(path, sources.get(path)!).keys()]).toContain(name);
    }
    // What changed since is not told as what it was.
    p.append("lib.ts", "// edited");
    expect(readSources(program).find(({ path }) => path === "lib.ts")?.text).toBeUndefined();
  });
});
