"""``python app.py``: starts the engine at the first call, and ends it with the program."""

from __future__ import annotations

import atexit
import json
import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType
from typing import Any, Dict, List, Optional, Type

from .channel import Asked, Channel, Message, gone
from .errors import LigaseError, facts_of
from .expression import Call
from .function import file_of, registry
from .head import Head
from .place import here
from .tracebacks import traceback_text, without_ours

SETTINGS = "LIGASE_SESSION"
#: Seconds for the head to say that it is there: its own start takes a tenth of one.
PATIENCE = 60.0
_MEND = "install Ligase, which this package is a part of, and put its bin folder on the PATH; or say where it is in LIGASE_BIN"

_starting = threading.Lock()


class Session(Head):
    """The engine, as a child process of this program."""

    channel: Channel

    def __init__(self, app: str) -> None:
        if not hasattr(socket, "AF_UNIX"):
            mend = "on Windows, use the Windows Subsystem for Linux"
            raise LigaseError("LIGASE_E_SESSION", "Ligase needs unix sockets, which this system has not", mend=mend)
        self._pid = os.getpid()
        self._announced = 0
        self._announcing = threading.Lock()
        self._failure: Optional[BaseException] = None
        # A path in it must fit into a socket's address: 104 bytes on macOS, 108 on Linux.
        base = tempfile.gettempdir()
        self._folder = tempfile.mkdtemp(prefix="ligase-", dir=base if len(base) < 70 else "/tmp")
        try:
            connection, welcome = self._connected(app)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        here.root, here.store_dir = welcome.get("root"), welcome.get("storeDir")
        super().__init__(Channel(connection, lambda message: None, lambda: None))
        self._announced = len(registry)
        self.channel.send(
            {
                "ev": "hello",
                "token": self._token,
                "program": app,
                "python": platform.python_version(),
                "executable": sys.executable,
                "functions": self._described(0),
            }
        )
        self.channel.start()

    def ask(self, call: Call) -> Asked:
        if self._announced < len(registry) and not self.channel.is_forked:
            with self._announcing:
                more = self._described(self._announced)
                if more:
                    self._announced += len(more)
                    self.channel.send({"ev": "functions", "functions": more})
        return super().ask(call)

    def _described(self, since: int) -> List[Dict[str, Any]]:
        return [function.described(here.root) for function in list(registry.values())[since:]]

    def _connected(self, app: str) -> Any:
        """Starts the head, and gives the connection with what it said first."""
        self._token = secrets.token_hex(16)
        address = os.path.join(self._folder, "s")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(address)
            os.chmod(address, 0o600)
            listener.listen(1)
            told = json.dumps({"socket": address, "token": self._token, "pid": self._pid})
            command = [find_ligase(app), "python-session", app, "--", *sys.argv[1:]]
            try:
                # stdout belongs to the program alone.
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=2, env={**os.environ, SETTINGS: told}
                )
            except OSError as error:
                raise LigaseError("LIGASE_E_SESSION", f"{command[0]} cannot be started: {error}", mend=_MEND) from None
            return self._accepted(listener)

    def _accepted(self, listener: socket.socket) -> Any:
        end = time.monotonic() + PATIENCE
        listener.settimeout(0.05)
        while True:
            try:
                connection, _ = listener.accept()
                break
            except TimeoutError:
                pass
            except socket.timeout:  # another class before Python 3.10
                pass
            status = self._process.poll()
            if status is not None:
                raise LigaseError("LIGASE_E_SESSION", f"ligase ended with exit status {status} before it was ready", mend="see above")
            if time.monotonic() > end:
                self._process.kill()
                raise LigaseError("LIGASE_E_SESSION", f"ligase was not ready after {PATIENCE:g} s")
        connection.settimeout(PATIENCE)
        welcome = _first_line(connection)
        connection.settimeout(None)
        if welcome.get("op") == "fatal":
            from .errors import revive

            raise revive(welcome["error"])
        if welcome.get("op") != "welcome" or not secrets.compare_digest(str(welcome.get("token")), self._token):
            self._process.kill()
            raise LigaseError("LIGASE_E_SESSION", "another program than ligase connected")
        return connection, welcome

    def failed(self, error: BaseException) -> None:
        """The program ends by an exception."""
        self._failure = error

    def end(self) -> None:
        """Lets the head write what it has to write."""
        if os.getpid() != self._pid:
            return  # a child of fork() that ends
        bye: Dict[str, Any] = {"ev": "bye"}
        if self._failure is not None:
            bye["error"] = facts_of(self._failure, traceback_text(self._failure))
        try:
            self.channel.send(bye)
        except (OSError, LigaseError):
            pass  # it is gone already
        try:
            self._process.wait()
        except KeyboardInterrupt:
            self._process.terminate()
            self._process.wait()
        self.channel.fail_all(gone())
        self.channel.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _first_line(connection: socket.socket) -> Message:
    """Reads no further than the first line: the rest is for the channel."""
    line = bytearray()
    while not line.endswith(b"\n"):
        try:
            byte = connection.recv(1)
        except OSError:
            byte = b""
        if not byte:
            raise LigaseError("LIGASE_E_SESSION", "ligase ended before it was ready", mend="see above")
        line += byte
    message: Message = json.loads(line)
    return message


def start() -> Session:
    """Starts a session for this program, once; ends it with the program."""
    with _starting:
        running = here.head
        if isinstance(running, Session) and not running.channel.is_closed:
            return running
        if running is None:
            atexit.register(_end)
            _watch_exceptions()
        else:
            running.end()
        here.head = session = Session(_app())
        return session


def _end() -> None:
    if isinstance(here.head, Session):
        here.head.end()


def _watch_exceptions() -> None:
    """The head hears why the program ended; and Python prints it without our own frames."""
    before = sys.excepthook

    def hook(kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        if isinstance(here.head, Session):
            here.head.failed(error)
        error.__traceback__ = without_ours(trace)
        if before is sys.__excepthook__ and isinstance(error, LigaseError) and sys.stderr is not None:
            sys.stderr.write(traceback_text(error))
        else:
            before(kind, error, error.__traceback__)

    sys.excepthook = hook


def _app() -> str:
    """The program's file."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    # A notebook or the interactive interpreter: their functions may still come from files.
    files = [file] if file and os.path.isfile(file) else []
    files += [at for at in (file_of(function._fn) for function in registry.values()) if at]
    nowhere = [function.name for function in registry.values() if not file_of(function._fn)]
    if nowhere or not files:
        what = f"{nowhere[0]} was typed in" if nowhere else "this program has no file"
        raise LigaseError(
            "LIGASE_E_PYTHON",
            f"{what}, and another process could not import it",
            mend="write your functions into a file, and import them from there",
        )
    return os.path.realpath(str(files[0]))


def find_ligase(app: str) -> str:
    """The program ``ligase``: ``$LIGASE_BIN``, on the path, or installed beside the app.

    :raises LigaseError: ``LIGASE_E_SESSION``
    """
    named = os.environ.get("LIGASE_BIN")
    if named:
        found = shutil.which(named)
        if found is None:
            raise LigaseError("LIGASE_E_SESSION", f"LIGASE_BIN is {named}, which is no program", mend="correct it")
        return found
    found = shutil.which("ligase")
    if found is not None:
        return found
    for begin in (os.path.dirname(os.path.realpath(app)), os.getcwd()):
        folder = begin
        while True:
            candidate = os.path.join(folder, "node_modules", ".bin", "ligase")
            if os.access(candidate, os.X_OK):
                return candidate
            if folder == os.path.dirname(folder):
                break
            folder = os.path.dirname(folder)
    if shutil.which("node") is None:
        raise LigaseError("LIGASE_E_SESSION", "the program ligase was not found, nor Node, which it needs", mend=_MEND)
    raise LigaseError("LIGASE_E_SESSION", "the program ligase was not found", mend=_MEND)
