"""The worker, against a head that speaks the protocol over a real socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import Any

import pytest

from fake_head import Failure

HEAD = "from ligase import function, Image, File, Dir, Output, Volume, RemoteError, env\n"


def test_says_hello_and_runs_a_function(worker: Any) -> None:
    process = worker(HEAD + "@function(cpu=2)\ndef double(n):\n    return n * 2\n")
    assert process.hello["token"] == "secret"
    assert process.run("double", 21) == 42
    end = process.heard[-1]
    assert end["bytesOut"] == 0 and end["wallMs"] > 0 and end["cpuMs"] >= 0 and end["peakMemory"] > 1_000_000
    assert "leftovers" not in end
    assert process.close() == 0


def test_is_remote_while_modules_are_imported(worker: Any) -> None:
    process = worker(HEAD + "if env.is_remote():\n    import math\ndef f(): return math.floor(1.5)\n")
    assert process.run("f") == 1


def test_runs_plain_functions_and_async_ones(worker: Any) -> None:
    process = worker("import asyncio\ndef plain(): return 1\nasync def later():\n    await asyncio.sleep(0)\n    return 2\n")
    assert process.run("plain") == 1
    assert process.run("later") == 2


def test_runs_in_the_work_directory_with_the_environment_of_the_job(worker: Any) -> None:
    process = worker(
        HEAD
        + """
import os
def where():
    return [os.getcwd(), env.job, env.cpu, env.attempt, env.is_remote(), str(env.work_dir), os.environ.get("LIGASE_WORKER")]
"""
    )
    work = process.begin("where")
    assert json.loads(process.end()["text"]) == [str(work), "job-1", 3, 2, True, str(work), None]
    # The next job finds nothing of the last.
    process.begin("where")
    assert json.loads(process.end()["text"])[1] == "job-2"


def test_keeps_modules_between_jobs(worker: Any) -> None:
    process = worker("import os\nloads = []\ndef load():\n    loads.append(1)\n    return [len(loads), os.getpid()]\n")
    assert [process.run("load")[0] for _ in range(3)] == [1, 2, 3]


def test_imports_modules_of_folders_and_packages(worker: Any) -> None:
    process = worker()
    process.write("shared.py", "FACTOR = 3\n")
    process.write("pipeline/near.py", "ADD = 1\n")
    process.write("pipeline/embed.py", "import shared, near\ndef f(n): return n * shared.FACTOR + near.ADD\n")
    process.write("lib/__init__.py", "")
    process.write("lib/inner/__init__.py", "")
    process.write("lib/inner/deep.py", "from ..base import BASE\nfrom . import __name__ as name\ndef f(): return [BASE, name]\n")
    process.write("lib/base.py", "BASE = 7\n")
    process.write("my-app.py", "def f(): return 'dashed'\n")
    process.write("json.py", "def f(): return 'shadowing'\n")
    assert process.run("f", 2, module="pipeline/embed.py") == 7
    assert process.run("f", module="lib/inner/deep.py") == [7, "lib.inner"]
    assert process.run("f", module="my-app.py") == "dashed"
    assert process.run("f", module="json.py") == "shadowing"


def test_tells_two_modules_of_one_name_apart(worker: Any) -> None:
    process = worker()
    process.write("a/embed.py", "def f(): return 'a'\n")
    process.write("b/embed.py", "def f(): return 'b'\n")
    assert [process.run("f", module=f"{folder}/embed.py") for folder in "aba"] == ["a", "b", "a"]


def test_imports_anew_from_another_folder_of_code(worker: Any) -> None:
    process = worker(HEAD + "import helper\n@function\ndef f(): return helper.V\n")
    process.write("helper.py", "V = 1\n")
    assert process.run("f") == 1
    process.code = process.folder / "code-2"
    process.code.mkdir()
    process.write("app.py", HEAD + "import helper\n@function\ndef f(): return helper.V + 10\n")
    process.write("helper.py", "V = 2\n")
    assert process.run("f") == 12


def test_gives_arguments_as_they_are_annotated(worker: Any) -> None:
    process = worker(
        HEAD
        + """
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Optional

@dataclass
class Chunk:
    start: int
    score: float
    tags: tuple[str, ...] = ()

@function
def f(x: float, chunk: Chunk, *rest: float, day: date = date(2020, 1, 1), path: Optional[Path] = None, **more: float):
    return [repr(x), repr(chunk), repr(rest), repr(day), type(path).__name__, repr(more)]
"""
    )
    file = process.folder / "x.txt"
    file.write_text("x")
    args = [2, {"start": 1, "score": 3, "tags": ["a"]}, [4, 5], "2024-02-29", str(file), {"a": 1}]
    assert process.run("f", *args) == [
        "2.0",
        "Chunk(start=1, score=3.0, tags=('a',))",
        "(4.0, 5.0)",
        "datetime.date(2024, 2, 29)",
        "PosixPath",
        "{'a': 1.0}",
    ]
    text = '[1,{"score":1,"start":0},{"$":"undefined"},{"$":"undefined"},"%s"]' % file
    assert process.run("f", text=text)[2:5] == ["()", "datetime.date(2020, 1, 1)", "PosixPath"]


def test_writes_paths_as_files_where_they_lie(worker: Any) -> None:
    process = worker(
        HEAD
        + """
import os
from pathlib import Path
def f():
    Path("a.txt").write_text("a")
    os.mkdir("plots")
    volume = Volume("seq")
    return [Path("a.txt"), File.write("b/c.txt", "c"), Path("plots"), Output("a.txt", media_type="text/x").save(), volume.file("x")]
"""
    )
    work = process.begin("f")
    written = json.loads(process.end()["text"])
    assert written == [
        {"$": "file", "v": {"path": f"{work}/a.txt"}},
        {"$": "file", "v": {"path": f"{work}/b/c.txt"}},
        {"$": "dir", "v": {"path": f"{work}/plots"}},
        {"$": "output", "v": {"mediaType": "text/x", "path": f"{work}/a.txt"}},
        {"$": "file", "v": {"path": "ligase:volumes/seq/x"}},
    ]


def test_reads_files_by_their_places(worker: Any) -> None:
    process = worker(HEAD + "def f(files): return [open(f).read() for f in files] + [f.size for f in files]\n")
    (process.root / "in.txt").write_text("project")
    (process.store / "out.txt").write_text("store")
    copy = process.folder / "copy"
    copy.write_text("fetched")
    url = "https://example.org/x.txt"
    files = [{"$": "file", "v": {"path": path}} for path in ("./in.txt", "ligase:out.txt", url)]
    assert process.run("f", files, fetched={url: str(copy)}) == ["project", "store", "fetched", 7, 5, 7]


def test_knows_files_of_a_mounted_volume(worker: Any) -> None:
    process = worker("from pathlib import Path\nimport os\ndef f(volume):\n    os.symlink(volume, 'seq')\n    return Path('seq/x')\n")
    volume = process.store / "volumes" / "seq"
    volume.mkdir(parents=True)
    (volume / "x").write_text("x")
    assert process.run("f", str(volume)) == {"$": "file", "v": {"path": "ligase:volumes/seq/x"}}


def test_prints_at_once(worker: Any) -> None:
    process = worker("import sys, os\ndef f():\n    print('out', end='')\n    print('err', file=sys.stderr)\n    os.write(1, b'raw')\n    os._exit(3)\n")
    process.begin("f")
    assert process.process.wait(30) == 3
    assert process.stdout.read_text() == "outraw"
    assert process.stderr.read_text() == "err\n"


def test_shows_the_traceback_as_python_does(worker: Any) -> None:
    source = HEAD + "def helper(x):\n    raise ValueError(f'bad {x}')\n\n@function\ndef f(x):\n    helper(x)\n"
    process = worker(source)
    with pytest.raises(Failure) as failed:
        process.run("f", 7)
    facts = failed.value.facts
    assert (facts["name"], facts["message"], facts.get("code")) == ("ValueError", "bad 7", None)
    lines = [line for line in facts["stack"].splitlines() if "^" not in line]
    app = process.root / "app.py"
    assert lines == [
        "Traceback (most recent call last):",
        f'  File "{app}", line 7, in f',
        "    helper(x)",
        f'  File "{app}", line 3, in helper',
        "    raise ValueError(f'bad {x}')",
        "ValueError: bad 7",
    ]


def test_keeps_what_an_exception_carries_and_what_caused_it(worker: Any) -> None:
    process = worker(
        """
class MyError(Exception):
    def __init__(self, sample):
        super().__init__(f"sample {sample}")
        self.sample = sample
        self.handle = object()
def f():
    try:
        {}["x"]
    except KeyError as error:
        raise MyError("s1") from error
"""
    )
    with pytest.raises(Failure) as failed:
        process.run("f")
    facts = failed.value.facts
    assert facts["name"] == "MyError" and facts["facts"] == {"sample": "s1"}
    assert "KeyError: 'x'\n\nThe above exception was the direct cause" in facts["stack"]


@pytest.mark.parametrize(
    "source, says, mend, exception",
    [
        ("import nonexistent_package.x\n", "app.py cannot be imported: ModuleNotFoundError", "nonexistent_package", "ModuleNotFoundError"),
        ("def f(:\n", "app.py cannot be imported: SyntaxError", None, "SyntaxError"),
        ("1 / 0\n", "app.py cannot be imported: ZeroDivisionError", None, "ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", "sys.exit(3)", None, "SystemExit"),
        (HEAD + "@function\ndef f(): pass\nf.remote()\n", "f.remote() is called while app.py is imported", "__main__", "LigaseError"),
    ],
)
def test_says_when_a_module_cannot_be_imported(worker: Any, source: str, says: str, mend: Any, exception: str) -> None:
    process = worker(source)
    with pytest.raises(Failure) as failed:
        process.run("f")
    facts = failed.value.facts
    assert facts["code"] == "LIGASE_E_PYTHON" and says in facts["message"]
    assert facts["facts"]["exception"] == exception
    assert mend is None or mend in facts["mend"]
    assert str(process.root / "app.py") in facts["stack"] and "/ligase/" not in facts["stack"]
    # The worker is there for others.
    process.write("other.py", "def g(): return 1\n")
    assert process.run("g", module="other.py") == 1


def test_says_when_there_is_no_such_function(worker: Any) -> None:
    process = worker("def embed_chunk(): pass\n")
    with pytest.raises(Failure, match="app.py has no function embed_chunks") as failed:
        process.run("embed_chunks")
    assert failed.value.facts["mend"] == "did you mean embed_chunk?"
    with pytest.raises(Failure, match="there is no gone.py"):
        process.run("f", module="gone.py")


@pytest.mark.parametrize(
    "body, says",
    [
        ("return {1, 2}", "its order is not".replace("its", "it is a set, whose")),
        ("return {'a': [object()]}", 'the value at ["a"][0] cannot be stored: it is an instance of object'),
        ("return (x for x in [1])", "it is a generator, which gives its items once"),
        ("return lambda: 1", "is a function, which cannot leave the process"),
        ("from pathlib import Path; return Path('nothing.txt')", "there is no file nothing.txt"),
    ],
)
def test_says_what_of_a_result_cannot_be_stored(worker: Any, body: str, says: str) -> None:
    process = worker(f"def f():\n    {body}\n")
    with pytest.raises(Failure) as failed:
        process.run("f")
    assert failed.value.facts["code"] == "LIGASE_E_UNSERIALISABLE"
    assert says.split(" not")[0] in failed.value.facts["message"]
    assert failed.value.facts["message"].startswith("in what f() returned:")
    assert failed.value.facts["mend"]


def test_survives_what_ends_an_interpreter(worker: Any) -> None:
    process = worker(
        "import sys\ndef leave(): sys.exit(4)\ndef stop(): raise KeyboardInterrupt\n"
        "def deep():\n    return deep()\ndef many(a): return a\n"
    )
    for function, name, says in (
        ("leave", "LigaseError", "the function called sys.exit(4)"),
        ("stop", "KeyboardInterrupt", ""),
        ("deep", "RecursionError", "maximum recursion depth exceeded"),
    ):
        with pytest.raises(Failure) as failed:
            process.run(function)
        assert failed.value.facts["name"] == name and says in failed.value.facts["message"]
    with pytest.raises(Failure, match=r"many\(\) takes 1 positional argument but 2 were given"):
        process.run("many", 1, 2)
    assert process.run("many", 5) == 5


def test_asks_the_head_from_inside(worker: Any) -> None:
    calls = []

    def evaluate(name: str, args: Any) -> Any:
        calls.append((name, args))
        if args == [3]:
            raise Failure(name="ValueError", message="bad 3", stack='Traceback (most recent call last):\n  File "x.py", line 1\nValueError: bad 3\n')
        return args[0] * 10

    process = worker(
        HEAD
        + """
@function
def embed(n: int) -> float: ...
@function
def main():
    spawned = embed.spawn(7)
    try:
        embed.remote(3)
        caught = None
    except ValueError as error:
        caught = [type(error).__name__, str(error), error.type_name, isinstance(error, RemoteError)]
    return [embed.remote(1), list(embed.map([1, 2])), spawned.result(), caught, embed.local.__name__,
            [str(x) for x in embed.map([3, 4], return_exceptions=True)]]
@function
def fails():
    embed.remote(3)
""",
        evaluate,
    )
    assert process.run("main") == [10, [10, 20], 70, ["ValueError", "bad 3", "ValueError", True], "local", ["bad 3", "40.0"]]
    assert ("embed", [7]) in calls
    with pytest.raises(Failure) as failed:
        process.run("fails")
    facts = failed.value.facts
    assert (facts["name"], facts["message"]) == ("ValueError", "bad 3")
    assert facts["stack"].startswith("Traceback") and '  File "x.py", line 1' in facts["stack"] and f'File "{process.root}/app.py"' in facts["stack"]
    assert "/ligase/" not in facts["stack"]


def test_asks_from_many_threads(worker: Any) -> None:
    process = worker(
        HEAD
        + """
from concurrent.futures import ThreadPoolExecutor
@function
def embed(n): ...
def main():
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(embed.remote, range(200)))
""",
        lambda name, args: args[0] + 1,
    )
    assert process.run("main") == list(range(1, 201))


def test_gives_results_in_the_order_of_the_inputs(worker: Any) -> None:
    process = worker(HEAD + "@function\ndef embed(n): ...\ndef main(n): return list(embed.map(range(n)))\n")
    process.begin("main", 5)
    asked = [process.next() for _ in range(5)]
    for message in reversed(asked):
        number = json.loads(message["expression"])["nodes"][0][2][0]
        process.send({"op": "value", "asked": message["asked"], "text": str(number * number)})
    assert json.loads(process.end()["text"]) == [0, 1, 4, 9, 16]


def test_cancels_the_rest_when_one_fails(worker: Any) -> None:
    process = worker(
        HEAD
        + """
@function
def embed(n): ...
def main():
    taken = []
    try:
        for value in embed.map(range(10), in_flight=4):
            taken.append(value)
    except ZeroDivisionError as error:
        return [taken, str(error)]
"""
    )
    process.begin("main")
    asked = [process.next() for _ in range(4)]
    process.send({"op": "value", "asked": asked[0]["asked"], "text": "0"})
    assert process.next()["ev"] == "ask"
    process.send({"op": "error", "asked": asked[1]["asked"], "error": {"name": "ZeroDivisionError", "message": "1 / 0"}})
    rest = [process.next() for _ in range(5)]
    assert [message["ev"] for message in rest] == ["ask", "cancel", "cancel", "cancel", "cancel"]
    assert json.loads(process.end()["text"]) == [[0], "1 / 0"]


def test_passes_handles_on_as_calls(worker: Any) -> None:
    process = worker(HEAD + "@function\ndef a(n): ...\n@function\ndef b(x): ...\ndef main():\n    return b.remote({'x': a.spawn(1)})\n")
    process.begin("main")
    assert json.loads(process.next()["expression"])["nodes"] == [["call", "a", [1]]]
    expression = json.loads(process.next()["expression"])
    assert expression == {
        "$": "expr",
        "nodes": [["call", "a", [1]], ["call", "b", [{"x": {"$": "ref", "v": 0}}]]],
        "value": {"$": "ref", "v": 1},
    }


def test_refuses_to_ask_from_a_forked_process(worker: Any) -> None:
    process = worker(
        HEAD
        + """
import os
@function
def embed(n): ...
def main():
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            embed.remote(1)
        except Exception as error:
            os.write(write, str(error).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    return os.read(read, 1000).decode()
"""
    )
    assert "forked process" in process.run("main")


def test_names_what_a_function_left_running(worker: Any) -> None:
    process = worker(
        "import subprocess, threading\nkept = []\n"
        "def f():\n    kept.append(subprocess.Popen(['sleep', '60']))\n    return kept[0].pid\n"
        "def g():\n    kept[0].kill(); kept[0].wait()\n"
    )
    pid = process.run("f")
    assert process.heard[-1]["leftovers"] == [f"sleep ({pid})"]
    process.run("g")
    assert "leftovers" not in process.heard[-1]


def test_counts_what_child_processes_use(worker: Any) -> None:
    process = worker("import subprocess\ndef f(): subprocess.run(['sh', '-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'], check=True)\n")
    process.run("f")
    assert process.heard[-1]["cpuMs"] >= 10


def test_ends_with_its_head(worker: Any) -> None:
    process = worker("import time\ndef f(): time.sleep(60)\n")
    process.begin("f")
    process.connection.shutdown(2)
    assert process.process.wait(30) == 1


def test_ends_when_it_is_told_to(worker: Any) -> None:
    process = worker("import time\ndef f():\n    try:\n        time.sleep(60)\n    except Exception:\n        time.sleep(60)\n")
    process.begin("f")
    time.sleep(0.2)
    os.kill(process.process.pid, signal.SIGTERM)
    assert process.process.wait(30) == -signal.SIGTERM


def test_needs_its_settings() -> None:
    from fake_head import SRC

    done = subprocess.run(["python3", "-m", "ligase.worker"], env={**os.environ, "PYTHONPATH": SRC}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "ligase.worker is started by ligase\n")
