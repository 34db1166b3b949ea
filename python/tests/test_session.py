"""`python app.py`: an ordinary program that starts its head at the first call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fake_head import SRC

ANSWERS = """
def evaluate(name, args):
    if name == "fail":
        raise Failure(name="ValueError", message="bad", stack='Traceback (most recent call last):\\n  File "app.py", line 1, in f\\nValueError: bad\\n')
    return args[0] * 2
"""
APP = "from ligase import function, Output, RemoteError\n@function\ndef double(n: int) -> float: ...\n@function\ndef fail(n): ...\n"


def test_starts_the_head_at_the_first_call_and_ends_it(program: Any) -> None:
    ran = program(ANSWERS)
    done = ran.run(APP + "print(double.remote(4), double.local(1), list(double.map([1, 2])))\n", "a", "b c")
    assert (done.stdout, done.stderr, done.returncode) == ("8.0 None [2.0, 4.0]\n", "", 0)
    begun, hello, *rest, ended = ran.heard()
    app = str(ran.folder / "app.py")
    assert begun == {"argv": ["python-session", app, "--", "a", "b c"], "cwd": str(ran.folder), "stdin": "/dev/null"}
    assert hello["ev"] == "hello" and hello["program"] == app and hello["executable"] == sys.executable
    assert [(f["name"], f["module"], f["function"], f["file"]) for f in hello["functions"]] == [
        ("double", "app.py", "double", app),
        ("fail", "app.py", "fail", app),
    ]
    assert [message["ev"] for message in rest] == ["ask", "ask", "ask", "bye"]
    assert rest[-1] == {"ev": "bye"} and ended == {"ended": True}


def test_starts_nothing_for_a_program_that_calls_nothing(program: Any) -> None:
    ran = program(ANSWERS)
    assert ran.run(APP + "print(double(1))\n").stdout == "None\n"
    assert not ran.ledger.exists()


def test_raises_what_failed_with_both_tracebacks(program: Any) -> None:
    ran = program(ANSWERS)
    done = ran.run(APP + "def main():\n    fail.remote(1)\nmain()\n")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "^" not in line and "~" not in line] == [
        "Traceback (most recent call last):",
        '  File "app.py", line 1, in f',
        "ValueError: bad",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        f'  File "{ran.folder}/app.py", line 8, in <module>',
        "    main()",
        f'  File "{ran.folder}/app.py", line 7, in main',
        "    fail.remote(1)",
        "ValueError: bad",
    ]
    bye = ran.heard()[-2]
    assert bye["ev"] == "bye" and bye["error"]["name"] == "ValueError"


def test_tells_of_functions_that_come_later(program: Any) -> None:
    ran = program(ANSWERS)
    (ran.folder / "late.py").write_text("from ligase import function\n@function\ndef late(n): ...\n")
    done = ran.run(APP + "double.remote(1)\nimport late\nprint(late.late.remote(3))\n")
    assert done.stdout == "6\n"
    told = [message for message in ran.heard() if message.get("ev") == "functions"]
    assert [[f["module"] for f in message["functions"]] for message in told] == [["late.py"]]


def test_has_many_calls_open_and_yields_as_they_come(program: Any) -> None:
    ran = program(ANSWERS + "delay = lambda message: 0.3 if '[0]' in message['expression'] else 0\n")
    done = ran.run(APP + "import time\nbegun = time.time()\nprint(list(double.map(range(50))) == [2 * n for n in range(50)])\n")
    assert done.stdout == "True\n"
    # All were asked before the first, which is slow, was answered.
    assert [message["ev"] for message in ran.heard()[2:-1]] == ["ask"] * 50 + ["bye"]


def test_maps_over_an_endless_source(program: Any) -> None:
    ran = program(ANSWERS)
    done = ran.run(
        APP
        + """
import itertools
results = double.map(itertools.count(), in_flight=10)
print([next(results) for _ in range(25)][-1])
results.close()
print(list(results))
"""
    )
    assert done.stdout == "48.0\n[]\n" and done.stderr == ""
    asked = sum(message.get("ev") == "ask" for message in ran.heard())
    assert asked == 35


def test_warns_of_results_that_nobody_takes(program: Any) -> None:
    done = program(ANSWERS).run(APP + "double.map([1])\n")
    assert "RuntimeWarning: the results of double.map() were never taken: write  list(double.map(…))" in done.stderr


def test_spawns_and_cancels(program: Any) -> None:
    ran = program(ANSWERS + "delay = lambda message: 30 if '[99]' in message['expression'] else 0\n")
    done = ran.run(
        APP
        + """
slow, quick = double.spawn(99), double.spawn(1)
print(quick.result(), quick.status(), slow.status())
try:
    slow.result(timeout=0.05)
except TimeoutError as error:
    print(error)
slow.cancel()
try:
    slow.result()
except RemoteError as error:
    print(error, error.code, slow.status())
"""
    )
    assert done.stdout.splitlines() == [
        "2.0 done running",
        "double() has not ended after 0.05 s",
        "the call was cancelled LIGASE_E_CANCELLED cancelled",
    ]
    assert {"ev": "cancel", "asked": 1} in ran.heard()


def test_asks_for_links(program: Any) -> None:
    done = program(ANSWERS).run(
        APP
        + """
output = Output(__file__)
try:
    output.public_url()
except Exception as error:
    print(error.code)
double.remote(1)
print(output.public_url(expires="1h"))
"""
    )
    assert done.stdout == "LIGASE_E_LINK\nhttp://127.0.0.1/x\n"


@pytest.mark.parametrize(
    "answers, says",
    [
        ("import sys\nprint('error no Node here', file=sys.stderr)\nsys.exit(7)\n", "ligase ended with exit status 7 before it was ready"),
        ("welcome = {'op': 'welcome', 'token': 'wrong'}\nevaluate = None\n", "another program than ligase connected"),
        ("welcome = {'op': 'fatal', 'error': {'name': 'LigaseError', 'message': 'no store', 'code': 'LIGASE_E_X'}}\n", "no store"),
        ("import os\ndef evaluate(name, args): os._exit(1)\n", "ligase ended before it had answered"),
    ],
)
def test_says_when_the_head_does_not_do(program: Any, answers: str, says: str) -> None:
    done = program(answers).run(APP + "double.remote(1)\n")
    assert done.returncode == 1 and says in done.stderr.splitlines()[-1] + done.stderr.splitlines()[-2]


def test_says_that_ligase_is_not_installed(folder: Path) -> None:
    app = folder / "app.py"
    app.write_text(APP + "double.remote(1)\n")

    def run(**env: str) -> str:
        done = subprocess.run([sys.executable, str(app)], env={"PYTHONPATH": SRC, "PATH": "", **env}, capture_output=True, text=True, cwd=folder)
        assert done.returncode == 1
        return done.stderr

    assert "the program ligase was not found, nor Node, which it needs\n  install Ligase" in run()
    assert "LIGASE_BIN is /nowhere/ligase, which is no program" in run(LIGASE_BIN="/nowhere/ligase")
    local = folder / "node_modules" / ".bin"
    local.mkdir(parents=True)
    (local / "ligase").write_text("#!/bin/sh\nexit 9\n")
    (local / "ligase").chmod(0o755)
    assert "exit status 9" in run()


def test_says_that_functions_were_typed_in(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", APP + "double.remote(1)"], env={**os.environ, "PYTHONPATH": SRC}, capture_output=True, text=True)
    assert "double was typed in, and another process could not import it\n  write your functions into a file" in done.stderr


def test_ends_the_head_after_an_interrupt(program: Any) -> None:
    ran = program(ANSWERS + "delay = lambda message: 30\n")
    process = ran.start(APP + "double.remote(1)\n")
    end = time.monotonic() + 30
    while time.monotonic() < end and not (ran.ledger.exists() and '"ask"' in ran.ledger.read_text()):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT and err.rstrip().endswith("KeyboardInterrupt")
    assert [message.get("ev") for message in ran.heard()[2:-1]] == ["ask", "cancel", "bye"]


def test_leaves_no_folder_behind(program: Any, folder: Path) -> None:
    (folder / "tmp").mkdir()
    program(ANSWERS).run(APP + "double.remote(1)\n", TMPDIR=str(folder / "tmp"))
    assert list((folder / "tmp").iterdir()) == []


def test_a_forked_child_does_not_end_the_session(program: Any) -> None:
    done = program(ANSWERS).run(
        APP
        + """
import os, sys
double.remote(1)
if os.fork() == 0:
    sys.exit(0)
os.wait()
print(double.remote(2))
"""
    )
    assert done.stdout == "4.0\n", done.stderr
