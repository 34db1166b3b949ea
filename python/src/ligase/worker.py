"""``python3 -m ligase.worker``: a process that runs functions, one after the other, as the head sends them.

It is started by the head with its settings in ``LIGASE_WORKER``, and ends when the head does. See PROTOCOL.md.
"""

from __future__ import annotations

import io
import json
import os
import platform
import socket
import sys
from queue import SimpleQueue
from typing import Any, Dict, Mapping, Optional

from .channel import Channel, Message
from .codec import decode_arguments
from .errors import LigaseError
from .expression import encode_value
from .function import Function, signature_of
from .head import Head
from .meter import Meter
from .modules import failure_facts, module_at
from .place import here

SETTINGS = "LIGASE_WORKER"


class Worker:
    """Serves one head."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        here.in_worker = True
        here.root = settings["root"]
        here.store_dir = settings["storeDir"]
        self._enclosed = bool(settings.get("enclosed"))
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(settings["socket"])
        self._messages: SimpleQueue[Message] = SimpleQueue()
        # The head is gone: so is the one who wanted the result.
        self._channel = Channel(connection, self._messages.put, lambda: os._exit(1))
        here.head = Head(self._channel)
        self._channel.send({"ev": "hello", "token": settings["token"], "python": platform.python_version()})

    def serve(self) -> None:
        """Runs what comes, until nothing more does."""
        self._channel.start()
        self._channel.send({"ev": "ready"})
        while True:
            message = self._messages.get()
            if message.get("op") == "run":
                self._run(message)
            elif message.get("op") == "close":
                _flush()
                # At once: threads that a library left behind have nothing to finish.
                os._exit(0)

    def _run(self, job: Message) -> None:
        meter = Meter(self._enclosed)
        before = {name: os.environ.get(name) for name in job["env"]}
        pid = os.getpid()
        told: Dict[str, Any]
        try:
            os.environ.update(job["env"])
            here.code, here.fetched = job["code"], job.get("fetched") or {}
            told = {"ev": "done", "text": _result(job), "bytesOut": 0}
        except BaseException as error:
            if os.getpid() != pid:
                raise  # a child of fork() that came out of the function: not the one that is waited for
            told = {"ev": "failed", "error": failure_facts(error), "fatal": False}
        finally:
            here.work_dir = None
        if os.getpid() != pid:
            os._exit(0)
        _flush()
        measured = meter.read()
        # The directory may be gone before the next job comes.
        os.chdir("/")
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._channel.send({**told, **measured})


def _result(job: Message) -> str:
    """Calls the function of a job, and gives its value as text."""
    # While it is imported, the copy of the project is where it began.
    os.chdir(job["code"])
    module = module_at(job["code"], job["module"])
    fn = _function(module, job)
    here.work_dir = job["workDir"]
    os.chdir(job["workDir"])
    value = signature_of(fn).call(decode_arguments(job["args"]))
    if hasattr(value, "__await__") and hasattr(value, "send"):
        import asyncio

        value = asyncio.run(value)
    try:
        return encode_value(value)
    except LigaseError as error:
        if error.code != "LIGASE_E_UNSERIALISABLE":
            raise
        message = f"in what {job['function']}() returned: {error.message}"
        raise LigaseError(error.code, message, mend=error.mend, facts=error.facts) from None


def _function(module: Any, job: Message) -> Any:
    found = getattr(module, job["function"], None)
    if isinstance(found, Function):
        return found._fn
    if callable(found):
        return found
    names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    raise LigaseError(
        "LIGASE_E_PYTHON",
        f"{job['module']} has no function {job['function']}",
        mend=_near(job["function"], names),
        facts={"module": job["module"], "function": job["function"]},
    )


def _near(name: str, names: Any) -> Optional[str]:
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]}?" if near else None


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the function closed it, or put nothing into its place


def unbuffered() -> None:
    """What is printed is seen at once, and not lost when the process is ended."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = io.FileIO(number, "w", closefd=False)
        # As `python3 -u` does.
        setattr(sys, name, io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True))


def main() -> None:
    """The program. The user's code has no business with the settings, and a token among them."""
    text = os.environ.pop(SETTINGS, None)
    if text is None:
        sys.exit("ligase.worker is started by ligase")
    unbuffered()
    # The folder that `python3 -m` puts first is the current one, which has nothing to do with the code.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    Worker(json.loads(text)).serve()


if __name__ == "__main__":
    main()
