import { describe, expect, it } from "vitest";
import type { Parameter } from "../../../../src/expr/definition.ts";
import { definitions } from "./support.ts";

/** The parameters of a function, by name, of which `head` stands before it. */
function parameters(signature: string, head = "", doc = '""'): Record<string, Parameter> {
  const { main } = definitions({
    "app.py": `from ligase import function, File, Dir\n${head}\n@function\ndef main(${signature}):\n    ${doc}\n    return 1\n`,
  });
  return Object.fromEntries((main?.parameters ?? []).map((parameter) => [parameter.name, parameter]));
}

const typeOf = (annotation: string, head = "from typing import *\n"): unknown =>
  parameters(`x: ${annotation}`, head)["x"]?.type;

describe("parameters of Python", () => {
  it.each([
    ["str", { kind: "string" }],
    ["int", { kind: "integer" }],
    ["float", { kind: "number" }],
    ["bool", { kind: "boolean" }],
    ["bytes", { kind: "json", text: "bytes" }],
    ["None", { kind: "null" }],
    ["File", { kind: "file" }],
    ["Dir", { kind: "dir" }],
    ["list[int]", { kind: "array", of: { kind: "integer" } }],
    ["List[File]", { kind: "array", of: { kind: "file" } }],
    ["Sequence[str]", { kind: "array", of: { kind: "string" } }],
    ["tuple[str, int]", { kind: "tuple", of: [{ kind: "string" }, { kind: "integer" }] }],
    ["Tuple[str, ...]", { kind: "array", of: { kind: "string" } }],
    ["dict[str, float]", { kind: "record", of: { kind: "number" } }],
    ["Mapping[str, list[int]]", { kind: "record", of: { kind: "array", of: { kind: "integer" } } }],
    ["Optional[int]", { kind: "union", of: [{ kind: "integer" }, { kind: "null" }] }],
    ["int | str", { kind: "union", of: [{ kind: "integer" }, { kind: "string" }] }],
    ["Union[int, str, int]", { kind: "union", of: [{ kind: "integer" }, { kind: "string" }] }],
    ['Literal["a", "b", 3]', { kind: "enum", values: ["a", "b", 3] }],
    ['"list[int]"', { kind: "array", of: { kind: "integer" } }],
    ["Annotated[int, 'how many']", { kind: "integer" }],
    ["Callable[[int], int]", { kind: "json", text: "Callable[[int], int]" }],
    ["Any", { kind: "json", text: "Any" }],
  ])("%s", (annotation, type) => {
    expect(typeOf(annotation)).toEqual(type);
  });

  it("are followed through imports and aliases", () => {
    expect(typeOf("t.Optional[p.Path]", "import typing as t\nimport pathlib as p\n")).toEqual({
      kind: "union",
      of: [{ kind: "file" }, { kind: "null" }],
    });
    expect(typeOf("date", "from datetime import date\n")).toEqual({ kind: "date" });
    expect(typeOf("datetime.datetime", "import datetime\n")).toEqual({ kind: "date" });
    expect(typeOf("Chunks", "Chunk = str\nChunks = list[Chunk]\n")).toEqual({ kind: "array", of: { kind: "string" } });
    expect(typeOf("Id", "from typing import NewType\nId = NewType('Id', int)\n")).toEqual({ kind: "integer" });
  });

  it("are objects where a class says its fields", () => {
    const fields = [
      { name: "id", type: { kind: "string" }, optional: false, doc: "" },
      { name: "depth", type: { kind: "integer" }, optional: true, default: 3, doc: "" },
    ];
    const body = "    id: str\n    depth: int = 3\n";
    expect(
      typeOf("Sample", `from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Sample:\n${body}`),
    ).toEqual({
      kind: "object",
      fields,
    });
    expect(typeOf("Sample", `from typing import TypedDict\nclass Sample(TypedDict):\n    id: str\n`)).toEqual({
      kind: "object",
      fields: [fields[0]],
    });
    expect(
      typeOf("list['Node']", "import dataclasses\n@dataclasses.dataclass\nclass Node:\n    next: 'Node'\n"),
    ).toMatchObject({
      kind: "array",
      of: { kind: "object", fields: [{ name: "next", type: { kind: "json" } }] },
    });
    expect(typeOf("Kind", "from enum import Enum\nclass Kind(Enum):\n    A = 'a'\n    B = 'b'\n")).toEqual({
      kind: "enum",
      values: ["a", "b"],
    });
  });

  it("have defaults that are literals", () => {
    expect(
      parameters("a, b=1, c=1.0, d='x', e=True, f=-2, g=None, h=[1, 'x'], i={'k': 1}, j=print, k=1_000"),
    ).toMatchObject({
      a: { optional: false, type: { kind: "json" } },
      b: { optional: true, type: { kind: "integer" }, default: 1 },
      c: { type: { kind: "number" }, default: 1 },
      d: { type: { kind: "string" }, default: "x" },
      e: { type: { kind: "boolean" }, default: true },
      f: { default: -2 },
      g: { optional: true },
      h: { default: [1, "x"] },
      i: { default: { k: 1 } },
      j: { optional: true },
      k: { default: 1000 },
    });
    expect(parameters("g: int | None = None, j=print")).not.toHaveProperty("j.default");
    expect(parameters("g: int | None = None")["g"]).toEqual({
      name: "g",
      type: { kind: "integer" },
      optional: true,
      doc: "",
    });
  });

  it("come in the order of the signature, whatever stands between", () => {
    const found = parameters("a, /, b, *rest: int, c: str, d=1, **more: float");
    expect(Object.keys(found)).toEqual(["a", "b", "rest", "c", "d", "more"]);
    expect(found).toMatchObject({
      rest: { optional: true, type: { kind: "array", of: { kind: "integer" } } },
      c: { optional: false },
      more: { optional: true, type: { kind: "record", of: { kind: "number" } } },
    });
    expect(Object.keys(parameters("a, *, b"))).toEqual(["a", "b"]);
  });

  it.each([
    [
      "Google",
      '"""Do it.\n\n    More of it.\n\n    Args:\n        a (str): the letters,\n            all of them\n        b: how long\n\n    Returns:\n        nothing\n    """',
    ],
    [
      "NumPy",
      '"""Do it.\n\n    More of it.\n\n    Parameters\n    ----------\n    a : str\n        the letters,\n        all of them\n    b\n        how long\n\n    Returns\n    -------\n    None\n    """',
    ],
    [
      "reStructuredText",
      '"""Do it.\n\n    More of it.\n\n    :param a: the letters,\n        all of them\n    :param int b: how long\n    :returns: nothing\n    """',
    ],
  ])("are described in a docstring as %s writes it", (_, doc) => {
    const source = { "app.py": `from ligase import function\n@function\ndef main(a, b):\n    ${doc}\n    return 1\n` };
    const { main } = definitions(source);
    expect(main?.doc).toBe("Do it.\n\nMore of it.");
    expect(main?.parameters.map((one) => one.doc)).toEqual(["the letters, all of them", "how long"]);
  });
});
