import type { Files } from "../support/project.ts";

/** An edit of a Python project, and the functions whose code it changes. All others must keep their hash. */
export interface Edit {
  readonly what: string;
  readonly before: Files;
  /** Files that differ afterwards. */
  readonly after: Files;
  readonly changes: readonly string[];
}

const HEAD = "from ligase import function, Image\n";

/** Two functions: `embed` reaches `lib/kmers.py`, `count` does not. */
const BASE: Files = {
  "app.py": `${HEAD}
from lib.kmers import kmer_counts

image = Image(python_packages=["numpy"])

@function(image=image, cpu=2)
def embed(chunk: str, k: int = 4) -> list:
    """Embed a chunk."""
    counts = kmer_counts(chunk, k)
    return [count / len(chunk) for count in counts.values()]

@function(cpu=1)
def count(chunk):
    return len(chunk)
`,
  "lib/__init__.py": "",
  "lib/kmers.py": `from .text import windows
ALPHABET = "ACGT"

def kmer_counts(text, k):
    # Windows with other letters are left out.
    return {w: 1 for w in windows(text, k) if set(w) <= set(ALPHABET)}

def unused():
    return 1
`,
  "lib/text.py": "def windows(text, k):\n    for i in range(len(text) - k + 1):\n        yield text[i : i + k]\n",
};

function replaced(files: Files, path: string, from: string, to: string): Files {
  const text = files[path];
  if (text === undefined || !text.includes(from)) throw new Error(`${path} has no ${from}`);
  return { [path]: text.replace(from, to) };
}

function edit(what: string, before: Files, path: string, from: string, to: string, changes: readonly string[]): Edit {
  return { what, before, after: replaced(before, path, from, to), changes };
}

/** `main` uses what stands before it; `other` uses nothing of it. */
function app(text: string, use: string, more: Files = {}): Files {
  return {
    "app.py": `${HEAD}${text}\n@function\ndef main(x):\n    return ${use}\n\n@function\ndef other(x):\n    return x\n`,
    ...more,
  };
}

/** An edit of what `main` uses, in the app itself. */
function own(what: string, text: string, use: string, from: string, to: string, changes: readonly string[] = ["main"]) {
  return edit(what, app(text, use), "app.py", from, to, changes);
}

/** An edit of a module that `main` uses. */
function lib(
  what: string,
  imports: string,
  use: string,
  text: string,
  from: string,
  to: string,
  changes: readonly string[] = ["main"],
): Edit {
  return edit(what, app(imports, use, { "lib.py": text }), "lib.py", from, to, changes);
}

const KERNEL = "def kernel(x):\n    return x + 1\n";

export const EDITS: readonly Edit[] = [
  edit("a helper two modules away", BASE, "lib/text.py", "i + k]", "i + k + 0]", ["embed"]),
  edit("a constant of another module", BASE, "lib/kmers.py", '"ACGT"', '"ACGTN"', ["embed"]),
  edit("a function that nothing uses", BASE, "lib/kmers.py", "return 1", "return 2", []),
  edit("the body", BASE, "app.py", "/ len(chunk)", "/ 2", ["embed"]),
  edit("a default", BASE, "app.py", "k: int = 4", "k: int = 5", ["embed"]),
  edit("the name of a local variable", BASE, "app.py", "for count in counts", "for counted in counts", ["embed"]),
  edit("a comment", BASE, "lib/kmers.py", "# Windows with other letters are left out.", "#", []),
  edit("a docstring", BASE, "app.py", '"""Embed a chunk."""', '"""Embed\n    one chunk."""', []),
  edit("a docstring that goes", BASE, "app.py", '    """Embed a chunk."""\n', "", []),
  edit("an annotation", BASE, "app.py", "chunk: str, k: int = 4) -> list:", "chunk, k: Optional[int]=4):", []),
  edit("an annotation that makes other values", BASE, "app.py", "k: int = 4", "k: float = 4", ["embed"]),
  edit("the options of the function", BASE, "app.py", "image=image, cpu=2", "cpu=8, memory='4Gi'", []),
  edit("the definition of its image", BASE, "app.py", '["numpy"]', '["numpy", "scipy"]', []),
  edit(
    "how it is broken into lines",
    BASE,
    "app.py",
    "kmer_counts(chunk, k)",
    "kmer_counts(\n        chunk,\n        k,\n    )",
    [],
  ),
  edit("the quotes of a text", BASE, "lib/kmers.py", '"ACGT"', "'ACGT'", []),
  edit("a text in two pieces", BASE, "lib/kmers.py", '"ACGT"', '("AC"\n    "GT")', []),
  edit("brackets that change nothing", BASE, "app.py", "count / len(chunk)", "(count / (len(chunk)))", []),
  edit("the indentation", BASE, "lib/text.py", "\n        yield", "\n            yield", []),
  edit("a new module", BASE, "lib/text.py", "def windows", "import math\ndef windows", []),
  edit("the name of a helper", BASE, "lib/text.py", "def windows", "def windowz", ["embed"]),
  edit(
    "a helper that moves below",
    {
      "app.py": `${HEAD}${KERNEL}\n@function\ndef main(x):\n    return kernel(x)\n`,
    },
    "app.py",
    `${KERNEL}\n@function\ndef main(x):\n    return kernel(x)\n`,
    `@function\ndef main(x):\n    return kernel(x)\n\n${KERNEL}`,
    [],
  ),
  own("a number written in another way", "N = 1000\n", "x + N", "N = 1000", "N = 1_000", []),
  own("a hexadecimal number", "N = 255\n", "x + N", "N = 255", "N = 0xFF", []),
  own("an int that becomes a float", "N = 1\n", "x + N", "N = 1", "N = 1.0"),
  own("text that becomes bytes", 'N = "a"\n', "x + N", '"a"', 'b"a"'),
  own("a text in an f-string", "def label(x):\n    return f'{x:>4} bp'\n", "label(x)", " bp", " kb"),
  own("the format in an f-string", "def label(x):\n    return f'{x:>4} bp'\n", "label(x)", ">4", ">5"),
  own("what an f-string uses", "N = 1\ndef label(x):\n    return f'{x}{N}'\n", "label(x)", "N = 1", "N = 2"),
  own("an operator", KERNEL, "kernel(x)", "x + 1", "x - 1"),
  own(
    "a conditional constant",
    "import sys\nif sys.maxsize > 1:\n    N = 1\nelse:\n    N = 2\n",
    "x + N",
    "N = 2",
    "N = 3",
  ),
  own("a slash among the parameters", "def kernel(a, /, b=1):\n    return a\n", "kernel(x)", "a, /, b", "a, b"),
  own(
    "a class's method",
    "class Model:\n    def run(self, x):\n        return x\n",
    "Model().run(x)",
    "return x",
    "return -x",
  ),
  own("a base class", "class Base:\n    k = 1\nclass Model(Base):\n    pass\n", "Model().k", "k = 1", "k = 2"),
  own(
    "a decorator of a helper",
    "def twice(f):\n    return lambda x: f(x) * 2\n@twice\ndef kernel(x):\n    return x\n",
    "kernel(x)",
    "* 2",
    "* 3",
  ),
  own(
    "a helper's decorator that goes",
    "def twice(f):\n    return lambda x: f(x) * 2\n@twice\ndef kernel(x):\n    return x\n",
    "kernel(x)",
    "@twice\n",
    "",
  ),
  own(
    "the field of a dataclass",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: int = 1\n",
    "P(x).y",
    "y: int = 1",
    "y: int = 2",
  ),
  own("a mutation of a table", 'T = {}\nT["a"] = 1\n', "T[x]", '"a"] = 1', '"a"] = 2'),
  own("a mutation by a method", "T = []\nT.append(1)\n", "T", "append(1)", "append(2)"),
  own("a mutation by augmented assignment", "N = 1\nN += 1\n", "N", "+= 1", "+= 2"),
  own("a mutation in a loop", "T = {}\nfor i in range(3):\n    T[i] = i\n", "T[x]", "range(3)", "range(4)"),
  own("a mutation through a function", "T = []\ndef fill(n):\n    T.append(n)\nfill(1)\n", "T", "fill(1)", "fill(2)"),
  own("a mutation of an argument", "T = []\ndef fill(t, n):\n    t.append(n)\nfill(T, 1)\n", "T", "(T, 1)", "(T, 2)"),
  own("a mutation by a global", "N = 0\ndef setup():\n    global N\n    N = 3\nsetup()\n", "N", "N = 3", "N = 4"),
  own(
    "a registry filled by decorators",
    "T = {}\ndef register(f):\n    T[f.__name__] = f\n    return f\n@register\ndef gc(x):\n    return 1\n",
    "T[x]",
    "return 1",
    "return 2",
  ),
  own(
    "a registry filled by a decorator with arguments",
    "T = {}\ndef register(n):\n    def add(f):\n        T[n] = f\n        return f\n    return add\n@register('gc')\ndef gc(x):\n    return 1\n",
    "T[x]",
    "return 1",
    "return 2",
  ),
  own(
    "an attribute of a function",
    "def kernel(x):\n    return kernel.k\nkernel.k = 1\n",
    "kernel(x)",
    "k = 1",
    "k = 2",
  ),
  own("a mutation of a copy's alias", "T = []\nU = T\nU.append(1)\n", "T", "append(1)", "append(2)"),
  own("a statement about something else", "T = []\nU = []\nU.append(1)\n", "T", "append(1)", "append(2)", []),
  own("a message", "T = [1]\nprint('loaded', T)\n", "T", "'loaded'", "'ready'", []),
  own("a seed", "import random\nrandom.seed(1)\n", "random.random()", "seed(1)", "seed(2)", ["main", "other"]),
  own("the environment", "import os\nos.environ['OMP'] = '1'\n", "x", "'1'", "'2'", ["main", "other"]),
  own(
    "what runs as a program only",
    "N = 1\nif __name__ == '__main__':\n    print(main.remote(1))\n    N = 3\n",
    "N",
    "N = 3",
    "N = 4",
    [],
  ),
  own(
    "an import for types only",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import A\n",
    "x",
    "A",
    "B",
    [],
  ),
  own(
    "another task's body, called as one",
    "@function\ndef kernel(x):\n    return x + 1\n",
    "kernel.remote(x)",
    "x + 1",
    "x + 2",
    ["kernel"],
  ),
  own(
    "another task's body, mapped",
    "@function\ndef kernel(x):\n    return x + 1\n",
    "list(kernel.map([x]))",
    "x + 1",
    "x + 2",
    ["kernel"],
  ),
  own(
    "another task's body, called plainly",
    "@function\ndef kernel(x):\n    return x + 1\n",
    "kernel.local(x)",
    "x + 1",
    "x + 2",
    ["kernel", "main"],
  ),
  own(
    "a name of a comprehension that is a helper's too",
    "def kernel(x):\n    return [x]\n",
    "[kernel for kernel in kernel(x)]",
    "[x]",
    "[x, x]",
  ),
  own(
    "a local name that is a constant's too",
    "kernel = 1\n",
    "[kernel for kernel in x]",
    "kernel = 1",
    "kernel = 2",
    [],
  ),
  own("a parameter that is a constant's too", "k = 1\ndef f(k):\n    return k\n", "f(x)", "k = 1", "k = 2", []),
  own("a default that is a constant's", "k = 1\ndef f(k=k):\n    return k\n", "f(x)", "k = 1", "k = 2"),
  own("a helper called in a nested function", KERNEL, "(lambda y: kernel(y))(x)", "x + 1", "x + 2"),
  own(
    "a name that a nested function gets from around it",
    "y = 1\n",
    "(lambda y: (lambda: y)())(x)",
    "y = 1",
    "y = 2",
    [],
  ),
  own("a helper in a keyword argument", KERNEL, "sorted([x], key=kernel)", "x + 1", "x + 2"),
  own("a constant that has the name of a keyword", "key = 1\n", "sorted([x], key=None)", "key = 1", "key = 2", []),
  own("a constant that has the name of a field", "key = 1\n", "x.key", "key = 1", "key = 2", []),
  own("a tuple in brackets", "def f(x):\n    return x, 1\n", "f(x)", "return x, 1", "return (x, 1)", []),
  own(
    "two statements on a line",
    "def f(x):\n    a = 1; b = 2\n    return a + b\n",
    "f(x)",
    "a = 1; b = 2",
    "a = 1\n    b = 2",
    [],
  ),
  own(
    "`with` in brackets",
    "def f(x):\n    with open(x) as a, open(x) as b:\n        return a, b\n",
    "f(x)",
    "open(x) as a, open(x) as b",
    "(\n        open(x) as a,  # one\n        open(x) as b,\n    )",
    [],
  ),
  own(
    "a match",
    "A = 1\ndef f(x):\n    match x:\n        case [1, *more]:\n            return more\n        case {'k': v}:\n            return v + A\n",
    "f(x)",
    "A = 1",
    "A = 2",
  ),
  own("what stands behind a yield", "A = 1\ndef f(x):\n    yield\n    yield A\n", "f(x)", "A = 1", "A = 2"),
  own("a walrus", "A = 1\ndef f(x):\n    return [y for x in x if (y := x + A)]\n", "f(x)", "A = 1", "A = 2"),
  own(
    "mutual recursion",
    "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\n",
    "even(x)",
    "n != 0",
    "n > 0",
  ),
  own("a foreign module", "import numpy as np\n", "np.sum(x)", "import numpy as np", "import cupy as np"),
  own(
    "what is imported from a foreign module",
    "from math import floor as cut\n",
    "cut(x)",
    "floor as cut",
    "ceil as cut",
  ),
  own(
    "the order of imports",
    "import os\nimport sys\n",
    "os.sep + sys.path[0]",
    "import os\nimport sys",
    "import sys\nimport os",
    [],
  ),
  lib("a helper by its module", "import lib\n", "lib.kernel(x)", KERNEL, "x + 1", "x + 2"),
  lib(
    "another helper of the module",
    "import lib\n",
    "lib.kernel(x)",
    `${KERNEL}def more(x):\n    return 1\n`,
    "return 1",
    "return 2",
    [],
  ),
  lib("a helper by another name", "from lib import kernel as k\n", "k(x)", KERNEL, "x + 1", "x + 2"),
  lib("a helper by a star", "from lib import *\n", "kernel(x)", KERNEL, "x + 1", "x + 2"),
  lib("a helper by a relative import", "from .lib import kernel\n", "kernel(x)", KERNEL, "x + 1", "x + 2"),
  lib("a module as a value", "import lib\n", "getattr(lib, x)", KERNEL, "x + 1", "x + 2"),
  lib(
    "a module imported by its name",
    "import importlib\n",
    'importlib.import_module("lib").kernel(x)',
    KERNEL,
    "x + 1",
    "x + 2",
  ),
  lib(
    "a constant changed from outside",
    "import lib\nlib.LIMIT = 3\n",
    "lib.cut(x)",
    "LIMIT = 1\ndef cut(x):\n    return x[:LIMIT]\n",
    "LIMIT = 1",
    "LIMIT = 2",
  ),
  lib("a module imported for its effect", "import lib\n", "x", "import os\nos.environ['A'] = '1'\n", "'1'", "'2'", [
    "main",
    "other",
  ]),
  lib(
    "a helper imported within the function",
    "def f(x):\n    from lib import kernel\n    return kernel(x)\n",
    "f(x)",
    KERNEL,
    "x + 1",
    "x + 2",
  ),
  lib(
    "a helper in a conditional import",
    "try:\n    from fast import kernel\nexcept ImportError:\n    from lib import kernel\n",
    "kernel(x)",
    KERNEL,
    "x + 1",
    "x + 2",
  ),
  lib(
    "a class of which annotations make values",
    "from lib import Chunk\n@function\ndef typed(c: 'Chunk'):\n    return c\n",
    "x",
    "class Chunk:\n    k = 1\n",
    "k = 1",
    "k = 2",
    ["typed"],
  ),
  {
    what: "a helper that a package re-exports",
    before: app("from pack import kernel\n", "kernel(x)", {
      "pack/__init__.py": "from .inner import kernel\n",
      "pack/inner.py": KERNEL,
    }),
    after: { "pack/inner.py": KERNEL.replace("1", "2") },
    changes: ["main"],
  },
  {
    what: "a module of a package by its dotted name",
    before: app("import pack.inner\n", "pack.inner.kernel(x)", { "pack/__init__.py": "", "pack/inner.py": KERNEL }),
    after: { "pack/inner.py": KERNEL.replace("1", "2") },
    changes: ["main"],
  },
  {
    what: "a module of a folder without __init__",
    before: app("from pack import inner\n", "inner.kernel(x)", { "pack/inner.py": KERNEL }),
    after: { "pack/inner.py": KERNEL.replace("1", "2") },
    changes: ["main"],
  },
  {
    what: "what a package does when it is imported",
    before: app("from pack.inner import kernel\n", "kernel(x)", {
      "pack/__init__.py": "import os\nos.environ['A'] = '1'\n",
      "pack/inner.py": KERNEL,
    }),
    after: { "pack/__init__.py": "import os\nos.environ['A'] = '2'\n" },
    changes: ["main", "other"],
  },
  {
    what: "a module that takes the place of a foreign one",
    before: app("import tables\n", "tables.T"),
    after: { "tables.py": "T = 1\n" },
    changes: ["main"],
  },
  {
    what: "a module that nothing imports",
    before: app("from lib import T\n", "T", { "lib.py": "T = []\n", "extra.py": "import lib\nlib.T.append(1)\n" }),
    after: { "extra.py": "import lib\nlib.T.append(2)\n" },
    changes: [],
  },
  {
    what: "circular imports",
    before: app("import a\n", "a.f(x)", {
      "a.py": "import b\ndef f(x):\n    return b.g(x)\n",
      "b.py": "import a\ndef g(x):\n    return a.h(x) if x else 1\n",
    }),
    after: { "b.py": "import a\ndef g(x):\n    return a.h(x) if x else 2\n" },
    changes: ["main"],
  },
];
