"""Workers of endpoints, against a server that speaks the worker protocol over a real socket."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Iterator

import pytest

from fake_server import EndpointProcess

HEAD = "from ligase import endpoint, function, File, LigaseError, job_context, progress\n"


@pytest.fixture
def start(folder: Path) -> Iterator[Any]:
    """Starts a worker; ends it with the test."""
    started = []

    def begin(source: str, function: str = "f", **more: Any) -> EndpointProcess:
        for each in started:
            each.close()
        started[:] = [EndpointProcess(folder, HEAD + source, function, **more)]
        return started[0]

    yield begin
    for each in started:
        each.close()


def test_calls_the_function_with_the_fields_of_the_input(start: Any) -> None:
    worker = start("@endpoint(max_workers=2)\ndef f(n: float, *rest: int, k=7, **more):\n    return [n, rest, k, more]\n")
    worker.server.submit(a={"n": 1}, b={"n": 2, "rest": [1, 2], "k": None, "x": "ü"}, c={})
    assert worker.server.done("a") == {"output": [1.0, [], 7, {}]}
    assert worker.server.done("b") == {"output": [2.0, [1, 2], None, {"x": "ü"}]}
    error = worker.server.error("c")
    assert (error["error_code"], error["error_message"]) == ("LIGASE_E_INPUT", "n is missing")
    # One request a job: the next comes with the answer to the last.
    assert worker.server.takes == 4


def test_names_the_field_that_does_not_fit(start: Any) -> None:
    source = "from datetime import date\nfrom typing import List\n@endpoint\ndef f(day: date, ns: List[float] = []): return [day, ns]\n"
    worker = start(source)
    worker.server.submit(a={"day": "soon"}, b={"day": "2024-05-06", "m": 1}, c=[1], d={"day": "2024-05-06", "ns": [1]})
    assert worker.server.error("a")["error_message"].startswith("day does not fit: ")
    assert worker.server.error("b")["error_message"] == "m is not known"
    assert "must be an object" in worker.server.error("c")["error_message"]
    assert worker.server.done("d") == {"output": ["2024-05-06", [1.0]]}


def test_gives_a_plain_function_the_whole_input_and_no_token(start: Any) -> None:
    worker = start("import os\ndef f(given): return [given, os.environ.get('LIGASE_ENDPOINT_WORKER')]\n", parameters=None)
    worker.server.submit(a={"x": 1})
    assert worker.server.done("a") == {"output": [{"x": 1}, None]}


def test_runs_async_functions_many_at_once_in_one_loop(start: Any) -> None:
    source = """
import asyncio
open_now = set()
loops = set()
@endpoint(concurrency=3)
async def f(n: int):
    open_now.add(n)
    loops.add(id(asyncio.get_running_loop()))
    while len(open_now) < 3:
        await asyncio.sleep(0.001)
    return [n, len(loops), job_context().job]
"""
    worker = start(source, concurrency=3)
    worker.server.submit(a={"n": 1}, b={"n": 2}, c={"n": 3})
    assert [worker.server.done(job)["output"] for job in "abc"] == [[1, 1, "a"], [2, 1, "b"], [3, 1, "c"]]


def test_runs_plain_functions_in_threads(start: Any) -> None:
    source = """
import threading
barrier = threading.Barrier(2)
@endpoint(concurrency=2)
def f():
    barrier.wait(20)
    return job_context().job
"""
    worker = start(source, concurrency=2)
    worker.server.submit(a={}, b={})
    assert [worker.server.done(job)["output"] for job in "ab"] == ["a", "b"]


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_streams_what_a_generator_gives(start: Any, kind: str) -> None:
    worker = start(f"@endpoint\n{kind} f(n: int):\n    for i in range(n):\n        yield {{'i': i}}\n")
    worker.server.submit(a={"n": 3}, b={"n": 0})
    assert worker.server.done("b") == {"output": []}
    calls = [(call, body, is_stream) for call, job, body, is_stream in worker.server.told if job == "a"]
    chunks = [("job-stream", {"output": {"i": i}}, False) for i in range(3)]
    assert calls == [*chunks, ("job-done", {"output": []}, True)]


def test_says_how_far_it_is(start: Any) -> None:
    source = """
import threading
@endpoint
def f():
    progress({"step": 1})
    other = threading.Thread(target=progress, args=("from a thread",))
    other.start()
    other.join()
    while not job_context().cancelled:
        pass
    return "end"
"""
    worker = start(source)
    worker.server.submit(a={})
    said = worker.server.until(lambda: [body for _, _, body, _ in worker.server.told if body["output"] == "from a thread"])
    assert said == [{"status": "IN_PROGRESS", "output": "from a thread"}]
    worker.server.stop("a")
    assert worker.server.done("a") == {"output": "end"}
    assert worker.server.told[-1][2] == {"output": "end"}


def test_ends_what_is_stopped(start: Any) -> None:
    source = """
import asyncio
@endpoint(concurrency=2)
async def f(yields: bool):
    progress("begun")
    await asyncio.sleep(1000)
"""
    worker = start(source)
    worker.server.submit(a={"yields": False})
    worker.server.until(lambda: worker.server.told)
    worker.server.stop("a")
    assert worker.server.error("a")["error_code"] == "LIGASE_E_CANCELLED"
    # A generator is ended where it yields; the worker takes the next job.
    worker = start("@endpoint\ndef f():\n    while True:\n        yield 1\n")
    worker.server.submit(a={})
    worker.server.until(lambda: len(worker.server.told) > 3)
    worker.server.stop("a")
    assert worker.server.error("a")["error_code"] == "LIGASE_E_CANCELLED"
    worker.server.submit(b={})
    worker.server.until(lambda: worker.server.told[-1][1] == "b")


def test_asks_the_server_for_what_tasks_give(start: Any) -> None:
    source = """
from concurrent.futures import ThreadPoolExecutor
@function
def double(n: int) -> float: ...
@endpoint
def f(n: int):
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(double.remote, [5, 6]))
    handle = double.spawn(7)
    try:
        double.remote(0)
    except ValueError as error:
        caught = str(error)
    return [double.remote(n), list(double.map(range(1, 4))), threads, handle, caught]
"""

    def evaluate(expression: str) -> Any:
        ((_, name, args),) = json.loads(expression)["nodes"]
        assert name == "double"
        if args == [0]:
            return {"error": {"name": "ValueError", "message": "no zero"}}
        return {"value": str(args[0] * 2)}

    worker = start(source)
    worker.server.evaluate = evaluate
    worker.server.submit(a={"n": 4})
    assert worker.server.done("a") == {"output": [8.0, [2.0, 4.0, 6.0], [10.0, 12.0], 14.0, "no zero"]}
    assert '{"$":"expr","nodes":[["call","double",[4]]],"value":{"$":"ref","v":0}}' in worker.server.expressions


def test_hangs_up_on_what_it_asks_when_it_is_stopped(start: Any) -> None:
    worker = start("@function\ndef slow(): ...\n@endpoint\ndef f(): return slow.remote()\n")
    worker.server.evaluate = lambda expression: None
    worker.server.submit(a={})
    worker.server.until(lambda: worker.server.expressions)
    worker.server.stop("a")
    assert worker.server.error("a")["error_code"] == "LIGASE_E_CANCELLED"


def test_writes_results_as_json(start: Any) -> None:
    source = """
import datetime, decimal, enum
from dataclasses import dataclass
from pathlib import Path
@dataclass
class Hit:
    start: int
    when: datetime.date
class Kind(enum.Enum):
    A = "a"
@endpoint
def f():
    Path("x.bin").write_bytes(b"abc")
    return {"hit": [Hit(1, datetime.date(2024, 5, 6))], "kind": Kind.A, "bytes": b"abc", "file": File("x.bin"), "path": Path("x.bin"),
            "decimal": decimal.Decimal("1.50"), "tuple": (1, 2), "big": 2**70, "text": "\\ud800ü", "none": None}
"""
    worker = start(source)
    worker.server.submit(a={})
    file = {"name": "x.bin", "size": 3, "data": "YWJj"}
    assert worker.server.done("a")["output"] == {
        "hit": [{"start": 1, "when": "2024-05-06"}],
        "kind": "a",
        "bytes": "YWJj",
        "file": file,
        "path": file,
        "decimal": "1.50",
        "tuple": [1, 2],
        "big": 2**70,
        "text": "\ud800ü",
        "none": None,
    }


@pytest.mark.parametrize(
    "value, says",
    [
        ("{'a': [1, float('nan')]}", "a[1] in the result cannot be written as JSON: it is nan"),
        ("{1, 2}", "the result cannot be written as JSON: it is a set"),
        ("[lambda: 1]", "[0] in the result cannot be written as JSON: it is a function"),
        ("{(1, 2): 3}", "it has the key (1, 2)"),
        ("[object()]", "it is an instance of object"),
        ("(lambda a: a.append(a) or a)([])", "it is nested too deeply, or holds itself"),
        ("__import__('pathlib').Path('/')", "it is a folder"),
        ("{'error': 'told so'}", "told so"),
    ],
)
def test_refuses_results_that_would_be_lost(value: str, says: str) -> None:
    from ligase.answers import json_of
    from ligase.errors import LigaseError

    if says == "told so":
        assert json_of(eval(value)) == '{"error":"told so"}'
        return
    with pytest.raises(LigaseError) as refused:
        json_of(eval(value))
    assert says in refused.value.message and refused.value.code == "LIGASE_E_RESULT"


def test_tells_failures_in_the_form_of_runpod(start: Any) -> None:
    source = """
def inner(x):
    raise ValueError("bad " + x)
@endpoint
def f(how: str):
    if how == "exit":
        raise SystemExit(3)
    if how == "told":
        return {"error": "told so"}
    if how == "both":
        return {"error": 0.5, "value": 1}
    inner(how)
"""
    worker = start(source)
    worker.server.submit(a={"how": "day"}, b={"how": "exit"}, c={"how": "told"}, d={"how": "both"})
    error = worker.server.error("a")
    assert (error["error_type"], error["error_message"], error["worker_id"]) == ("<class 'ValueError'>", "bad day", "w1")
    assert error["error_traceback"].splitlines()[-1] == "ValueError: bad day"
    assert 'File "app.py", line 4, in inner' in error["error_traceback"] and "/ligase/" not in error["error_traceback"]
    assert worker.server.error("b")["error_message"] == "the function called sys.exit(3)"
    assert worker.server.error("c")["error_message"] == "told so"
    assert worker.server.done("d") == {"output": {"error": 0.5, "value": 1}}


def test_fails_a_job_whose_result_is_not_taken(start: Any) -> None:
    worker = start("@endpoint\ndef f(): return 1\n")
    refusals = []

    def refuse(path: str) -> Any:
        if "job-done" in path and not refusals:
            refusals.append(path)
            return 413
        return None

    worker.server.refuse = refuse
    worker.server.submit(a={}, b={})
    assert "refused with 413" in worker.server.error("a")["error_message"]
    assert worker.server.done("b") == {"output": 1}


def test_takes_files_from_where_jobs_may_name_them(start: Any, tmp_path: Path) -> None:
    source = """
from pathlib import Path
from typing import List, Optional
from dataclasses import dataclass
@dataclass
class Pair:
    reads: File
@endpoint
def f(one: File, more: List[Path] = [], pair: Optional[Pair] = None, raw: bytes = b""):
    return [open(file).read() for file in [one, *more, *([pair.reads] if pair else [])]] + [raw.decode(), Path(one).name]
"""
    (tmp_path / "x.txt").write_text("outside")
    worker = start(source)
    (worker.code / "in.txt").write_text("inside")
    os.symlink(tmp_path, worker.code / "link")
    data = "data:text/plain;name=a.fa;base64,QUJD"
    worker.server.submit(
        a={"one": data, "more": ["in.txt"], "pair": {"reads": str(worker.code / "in.txt")}, "raw": "QUJD"},
        b={"one": "/etc/hostname"},
        c={"one": "link/x.txt"},
        d={"one": "../stderr"},
        e={"one": "data:no comma"},
    )
    assert worker.server.done("a") == {"output": ["ABC", "inside", "inside", "ABC", "a.fa"]}
    for job in "bcd":
        assert worker.server.error(job)["error_code"] == "LIGASE_E_INPUT_PATH"
    assert worker.server.error("e")["error_code"] == "LIGASE_E_LOCATION"
    worker = start(source, env={"LIGASE_INPUT_FOLDERS": f"/nowhere:{tmp_path}"})
    worker.server.submit(a={"one": str(tmp_path / "x.txt")})
    assert worker.server.done("a")["output"][0] == "outside"


def test_pings_while_a_function_holds_the_interpreter(start: Any) -> None:
    source = """
import ctypes
@endpoint
def f():
    # Keeps the lock of the interpreter, as many libraries written in C do.
    ctypes.PyDLL(None).usleep(400_000)
    return 1
"""
    worker = start(source, pingMs=20)
    worker.server.submit(a={})
    assert worker.server.done("a") == {"output": 1}
    assert len([jobs for jobs in worker.server.pings if jobs == ["a"]]) > 3
    worker.server.until(lambda: worker.server.pings[-1] == [])
    count = len(worker.server.pings)
    worker.server.until(lambda: len(worker.server.pings) > count)
    # It ends with the worker.
    child = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text().split()
    assert len(child) == 1
    worker.process.kill()
    worker.process.wait()
    while os.path.exists(f"/proc/{child[0]}") and " Z " not in Path(f"/proc/{child[0]}/stat").read_text():
        pass


def test_is_ready_when_on_start_is_over(start: Any) -> None:
    worker = start("ready = []\nasync def load(): ready.append(1)\n@endpoint(on_start=load)\ndef f(): return ready\n")
    worker.server.submit(a={})
    assert worker.server.done("a") == {"output": [1]}


@pytest.mark.parametrize(
    "source, says",
    [
        ("import no_such_package.x\n", "at import: ModuleNotFoundError: No module named 'no_such_package'"),
        ("def f(:\n", "at import: SyntaxError: invalid syntax"),
        ("g = 1\n", "at import: LigaseError: app.py has no endpoint f that a function answers"),
        ("import sys\nsys.exit(3)\n", "at import: "),
        ("def load(): raise OSError('no model\\nmore')\n@endpoint(on_start=load)\ndef f(): pass\n", "at onStart: OSError: no model"),
        ("@endpoint(gpus=1)\ndef f(): pass\n", 'at import: LigaseError: the options of f have no "gpus"'),
    ],
)
def test_says_in_its_last_line_why_it_cannot_start(start: Any, source: str, says: str) -> None:
    worker = start(source)
    assert worker.last_line().startswith(f"ligase-worker: {says}")
    assert worker.server.takes == 0


def test_asks_again_when_the_server_is_busy(start: Any) -> None:
    worker = start("@endpoint\ndef f(): return 1\n")
    answers = [429, 503]
    worker.server.refuse = lambda path: answers.pop() if "job-take" in path and answers else None
    worker.server.submit(a={})
    assert worker.server.done("a") == {"output": 1}


def test_ends_when_the_server_is_gone(start: Any) -> None:
    worker = start("@endpoint\ndef f(): pass\n")
    worker.server.until(lambda: worker.server.takes)
    worker.server.close()
    assert "the server is gone" in worker.last_line()


def test_ends_when_the_server_does_not_want_it(start: Any) -> None:
    worker = start("@endpoint\ndef f(): pass\n", token="another")
    assert worker.last_line() == "ligase-worker: the server does not want this worker: refused with 401"
