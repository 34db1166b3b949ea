import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declarationsOf } from "../../../../src/code/declarations.ts";
import { definePythonTasks, PythonCode } from "../../../../src/code/python/index.ts";
import { readModule } from "../../../../src/code/python/module.ts";
import { descendants, parsePython } from "../../../../src/code/python/tree.ts";
import { project } from "../support/project.ts";

function code(files: Readonly<Record<string, string>>): { code: PythonCode; at: (path: string) => string } {
  const root = project(files);
  return { code: new PythonCode(root), at: (path) => join(root, path) };
}

describe("functions of a Python file", () => {
  it("are those at its top, with what they are called and where they stand", () => {
    const { code: python, at } = code({
      "app.py": `import ligase
from ligase import function as fn

@ligase.function
def a(): pass

@fn(name="bee", cpu=2)
async def b(): pass

@staticmethod
def c(): pass

def d():
    def e(): pass

if True:
    def f(): pass

class G:
    def h(self): pass
`,
    });
    expect(python.functionsOf(at("app.py"))).toEqual([
      { name: "a", task: "a", decorated: true, line: 4 },
      { name: "b", task: "bee", decorated: true, line: 7 },
      { name: "c", task: "c", decorated: false, line: 10 },
      { name: "d", task: "d", decorated: false, line: 13 },
    ]);
  });

  it("are defined with their text, and found behind an import", () => {
    const { code: python, at } = code({
      "app.py": "from lib import kernel as k\n",
      "lib.py": '@memo\ndef kernel(x):\n    "Doc."\n    return x\n\nOTHER = 1\n',
    });
    expect(python.define(at("app.py"), "k")).toMatchObject({
      name: "kernel",
      file: "lib.py",
      line: 1,
      code: '@memo\ndef kernel(x):\n    "Doc."\n    return x',
      doc: "Doc.",
      python: { module: "lib.py", function: "kernel" },
    });
  });

  it("are missed with the nearest that is there", () => {
    const { code: python, at } = code({ "app.py": "def kernel(x): pass\nTABLE = 1\n", "empty.py": "" });
    const raised = (path: string, name: string) => {
      try {
        return python.define(at(path), name);
      } catch (error) {
        return error;
      }
    };
    expect(raised("app.py", "kernle")).toMatchObject({
      code: "LIGASE_E_NO_PYTHON_FUNCTION",
      mend: "did you mean kernel?",
    });
    expect(raised("app.py", "TABLE")).toMatchObject({ message: "TABLE in app.py is no function" });
    expect(raised("empty.py", "main")).toMatchObject({ mend: "define one at the top of the module: def main(…):" });
    expect(raised("none.py", "main")).toMatchObject({ code: "LIGASE_E_NO_FILE" });
  });

  it("are the tasks of an app, those of the modules that it imports among them", () => {
    const { code: python, at } = code({
      "app.py": "from ligase import function\nimport lib\n@function\ndef main(): lib.other.map([1])\n",
      "lib.py": "from ligase import function\n@function\ndef other(x): pass\n",
    });
    const tasks = definePythonTasks(python, at("app.py"));
    expect(tasks.map(({ name, exported }) => [name, exported])).toEqual([
      ["main", true],
      ["other", false],
    ]);
    expect(python.callsOf(at("app.py"), "main")).toEqual([{ task: "other", each: true }]);
  });
});

describe("the parser", () => {
  it.each([
    "def f():\n    yield\n    x = yield\n    return (yield)\n",
    "x = 24. * 1.5 + 3.e2 + 1_0.\n",
    "with open(a) as (b, c), d as e.f:\n    pass\n",
    "with (open(a) as b, open(c) as d,):\n    pass\n",
    "f = lambda a, /, b: a\n",
    "for a, *b in c:\n    pass\n",
    "match x:\n    case Point() | a.B():\n        pass\n",
    "def f(a, /, b=1, *, c: int): pass\n",
    "x = f'{a!r:>{w}} {b[\"k\"]}'\n",
    "try:\n    pass\nexcept* (A, B) as e:\n    pass\n",
    "match = 1\ntype = 2\nprint(match, type)\n",
  ])("understands %j", (source) => {
    const { broken } = parsePython(source);
    expect(broken).toBe(false);
  });

  it("keeps every place where it was when it helps itself", () => {
    const source = "with (open('a') as é, open(b) as (c, 𝒹)):  # yield\n    yield\n";
    for (const node of descendants(parsePython(source).body)) {
      expect(node.from).toBeLessThanOrEqual(node.to);
      expect(node.to).toBeLessThanOrEqual(source.length);
    }
    const names = [...descendants(parsePython(source).body)].filter(({ type }) => type === "VariableName");
    expect(names.map(({ from, to }) => source.slice(from, to))).toEqual(["open", "é", "open", "b", "(c, 𝒹)"]);
  });

  it("keeps definitions apart where it understands nothing", () => {
    const { units } = readModule("a.py", "a.py", "def a():\n    x = = 1\n    return 1\n\ndef b():\n    return 2\n");
    expect(units.map(({ name }) => name)).toContain("b");
    expect(units.find(({ name }) => name === "b")?.broken).toBe(false);
  });

  it("never fails, and loses no text at the margin", () => {
    const piece = fc.constantFrom(
      "def f():",
      "\n",
      "    ",
      "x",
      " = ",
      "(",
      ")",
      '"',
      "'''",
      "class A:",
      "@d",
      "yield",
      "# c",
      ",",
      "*",
      "é",
      "if x:",
      "\\",
      ":",
      "1.",
      "lambda",
      "with",
      "as",
      "{",
      "}",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join("");
        const { units, imports } = readModule("a.py", "a.py", source);
        for (const { nodes } of units) for (const { from, to } of nodes) expect(from).toBeLessThanOrEqual(to);
        expect(imports).toEqual([]);
        expect(declarationsOf("a.py", source).size).toBe(units.length);
      }),
      { numRuns: 300 },
    );
  });

  it("cuts a module into its declarations", () => {
    const found = declarationsOf("lib/a.py", "import os\nA, B = 1, 2\n\n@d\ndef f():\n    pass\n\nA.x = 3\n");
    expect([...found]).toEqual([
      ["A, B", { text: "A, B = 1, 2", line: 2 }],
      ["f", { text: "@d\ndef f():\n    pass", line: 4 }],
      ["A.x = 3", { text: "A.x = 3", line: 8 }],
    ]);
  });
});
