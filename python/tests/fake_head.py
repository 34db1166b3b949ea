"""A test double of the engine: speaks its side of the protocol over a real socket, and runs real workers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

SRC = str(Path(__file__).parents[1] / "src")

#: Evaluates a call: its name and arguments, and gives a value that JSON keeps, or raises Failure.
Evaluate = Callable[[str, List[Any]], Any]


class Failure(Exception):
    """Facts of an error that the head answers with."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(facts.get("message"))
        self.facts = facts


def lines(connection: socket.socket) -> Any:
    return connection.makefile("r", encoding="utf-8")


class WorkerProcess:
    """A real worker, as its head sees it."""

    def __init__(self, folder: Path, evaluate: Optional[Evaluate] = None, python: str = sys.executable) -> None:
        self.folder = folder
        self.code = folder / "code"
        self.code.mkdir(exist_ok=True)
        self.root = folder / "project"
        self.root.mkdir(exist_ok=True)
        self.store = folder / "store"
        self.store.mkdir(exist_ok=True)
        self.evaluate = evaluate
        self.heard: List[Dict[str, Any]] = []
        self.jobs = 0
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = str(folder / "s")
        listener.bind(address)
        listener.listen(1)
        listener.settimeout(30)
        settings = {
            "socket": address,
            "token": "secret",
            "root": str(self.root),
            "storeDir": str(self.store),
            "bundle": "",
            "enclosed": False,
        }
        self.stdout = folder / "stdout"
        self.stderr = folder / "stderr"
        with open(self.stdout, "wb") as out, open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                [python, "-m", "ligase.worker"],
                env={**os.environ, "PYTHONPATH": SRC, "LIGASE_WORKER": json.dumps(settings)},
                stdout=out,
                stderr=err,
                cwd=folder,
            )
        try:
            self.connection, _ = listener.accept()
        except OSError:
            raise AssertionError(self.stderr.read_text()) from None
        listener.close()
        self._lines = lines(self.connection)
        self.hello = self.next()
        assert self.next() == {"ev": "ready"}

    def write(self, name: str, text: str) -> None:
        """A file of the project, as it was when the run began."""
        path = self.code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def next(self) -> Dict[str, Any]:
        line = self._lines.readline()
        assert line, self.stderr.read_text()
        message: Dict[str, Any] = json.loads(line)
        self.heard.append(message)
        return message

    def send(self, message: Dict[str, Any]) -> None:
        self.connection.sendall(json.dumps(message).encode() + b"\n")

    def begin(self, function: str, *args: Any, module: str = "app.py", text: Optional[str] = None, **more: Any) -> Path:
        self.jobs += 1
        work = self.folder / f"work-{self.jobs}"
        work.mkdir()
        self.send(
            {
                "op": "run",
                "module": module,
                "function": function,
                "args": json.dumps(list(args)) if text is None else text,
                "workDir": str(work),
                "outputDir": str(self.folder / f"out-{self.jobs}"),
                "env": {"LIGASE_JOB": f"job-{self.jobs}", "LIGASE_CPU": "3", "LIGASE_ATTEMPT": "2"},
                "code": str(self.code),
                **more,
            }
        )
        return work

    def end(self) -> Dict[str, Any]:
        """Answers what is asked until the job has ended."""
        while True:
            message = self.next()
            if message["ev"] in ("done", "failed"):
                return message
            if message["ev"] == "ask":
                self.send(answer(message, self.evaluate))

    def run(self, function: str, *args: Any, **more: Any) -> Any:
        """The value of a job as JSON; raises Failure with the facts of its error."""
        self.begin(function, *args, **more)
        end = self.end()
        if end["ev"] == "failed":
            raise Failure(**end["error"])
        return json.loads(end["text"])

    def close(self) -> int:
        """Ends it, and gives its exit status."""
        try:
            self.send({"op": "close"})
        except OSError:
            pass
        status = self.process.wait(30)
        self.connection.close()
        return status


def answer(message: Dict[str, Any], evaluate: Optional[Evaluate]) -> Dict[str, Any]:
    """The answer to an ask of one call."""
    assert evaluate is not None
    name, args = call_of(message["expression"])
    try:
        return {"op": "value", "asked": message["asked"], "text": json.dumps(evaluate(name, args))}
    except Failure as failure:
        return {"op": "error", "asked": message["asked"], "error": failure.facts}


def call_of(expression: str) -> Any:
    """Name and arguments of an expression that is one call."""
    written = json.loads(expression)
    call = written["nodes"][written["value"]["v"]]
    assert call[0] == "call"
    return call[1], call[2]


#: The head of a program: what `ligase python-session` is replaced by in tests. It answers asks as `answers.py` says.
SESSION = '''#!{python}
import json, os, socket, sys, threading, time
sys.path.insert(0, {tests!r})
from fake_head import answer, Failure, lines
settings = json.loads(os.environ.pop("LIGASE_SESSION"))
scope = {{"Failure": Failure, "time": time}}
exec(open({answers!r}).read(), scope)
ledger = open({ledger!r}, "a", buffering=1)
def note(message): ledger.write(json.dumps(message) + "\\n")
note({{"argv": sys.argv[1:], "cwd": os.getcwd(), "stdin": os.readlink("/proc/self/fd/0")}})
if "before" in scope: scope["before"]()
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(settings["socket"])
lock = threading.Lock()
def send(message):
    with lock: connection.sendall(json.dumps(message).encode() + b"\\n")
send(scope.get("welcome") or {{"op": "welcome", "token": settings["token"], "root": {root!r}, "storeDir": {store!r}}})
def answered(message):
    time.sleep(scope.get("delay", lambda message: 0)(message))
    try: send(answer(message, scope["evaluate"]))
    except OSError: pass
for line in lines(connection):
    message = json.loads(line)
    note(message)
    if message["ev"] == "ask": threading.Thread(target=answered, args=(message,), daemon=True).start()
    if message["ev"] == "link": send({{"op": "value", "asked": message["asked"], "text": json.dumps("http://127.0.0.1/x")}})
    if message["ev"] == "bye": break
note({{"ended": True}})
'''


class Program:
    """An ordinary Python program, with a head that is started by it."""

    def __init__(self, folder: Path, answers: str) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self.ledger = folder / "ledger"
        self._answers = folder / "answers.py"
        self._answers.write_text(answers)
        self._bin = folder / "bin"
        self._bin.mkdir()
        program = self._bin / "ligase"
        program.write_text(
            SESSION.format(
                python=sys.executable,
                tests=str(Path(__file__).parent),
                answers=str(self._answers),
                ledger=str(self.ledger),
                root=str(self.folder),
                store=str(folder / "store"),
            )
        )
        program.chmod(0o755)

    def start(self, source: str, *args: str, **env: str) -> subprocess.Popen[str]:
        app = self.folder / "app.py"
        app.write_text(source)
        path = f"{self._bin}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            [sys.executable, str(app), *args],
            env={**os.environ, "PYTHONPATH": SRC, "PATH": path, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )

    def run(self, source: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        process = self.start(source, *args, **env)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def heard(self) -> List[Dict[str, Any]]:
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]


__all__ = ["Failure", "Program", "WorkerProcess", "answer", "call_of", "lines", "threading"]
