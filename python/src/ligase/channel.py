"""The line to the head: one JSON text a line over a socket, with questions that many threads may have open at once."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol

from .errors import LigaseError, RemoteError, revive

Message = Dict[str, Any]


class Asked:
    """A question to the head: its answer comes once, and may be waited for by many."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.state = "running"
        self.text: Optional[str] = None
        self.error: Optional[BaseException] = None
        self._lock = threading.Lock()
        self._lock.acquire()

    @property
    def is_answered(self) -> bool:
        return self.text is not None or self.error is not None

    def answer(self, text: Optional[str], error: Optional[BaseException] = None) -> None:
        """Gives the answer. What comes after the first is not heard."""
        if self.is_answered:
            return
        self.state = "done" if error is None else "failed"
        self.text, self.error = text, error
        try:
            self._lock.release()
        except RuntimeError:
            pass  # another thread was first

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits for the answer; false when it did not come in time (seconds)."""
        if not self.is_answered:
            if not self._lock.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
                return False
            # A lock, not an event: a third of the cost, and there is one for each call. Whoever waits lets the next in.
            self._lock.release()
        return True


class Line(Protocol):
    """Where questions are put."""

    def ask(self, fields: Mapping[str, Any]) -> Asked: ...

    def cancel(self, asked: Asked) -> None: ...

    @property
    def is_closed(self) -> bool: ...

    @property
    def is_forked(self) -> bool: ...


class Channel:
    """A socket, read by a thread of its own."""

    def __init__(self, connection: socket.socket, on_message: Callable[[Message], None], on_end: Callable[[], None]) -> None:
        self._socket = connection
        self._on_message = on_message
        self._on_end = on_end
        self._sending = threading.Lock()
        self._asked: Dict[int, Asked] = {}
        self._asks = 0
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closed: Optional[BaseException] = None
        self._reader = threading.Thread(target=self._read, name="ligase", daemon=True)

    def start(self) -> None:
        self._reader.start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends one message, whole, from any thread."""
        self._check()
        line = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
        with self._sending:
            self._socket.sendall(line)

    def ask(self, fields: Mapping[str, Any]) -> Asked:
        """Sends a question, to which the head answers with ``value`` or ``error``."""
        self._check()
        with self._lock:
            # Once more, now that nobody can end it in between: what is asked later would wait for ever.
            if self._closed is not None:
                raise self._closed
            self._asks += 1
            asked = Asked(self._asks)
            self._asked[asked.number] = asked
        try:
            self.send({"asked": asked.number, **fields})
        except OSError:
            self._asked.pop(asked.number, None)
            asked.answer(None, self._closed or gone())
        return asked

    def cancel(self, asked: Asked) -> None:
        """The answer is no longer wanted."""
        with self._lock:
            known = self._asked.pop(asked.number, None)
        if known is None:
            return
        asked.answer(None, cancelled())
        asked.state = "cancelled"
        try:
            self.send({"ev": "cancel", "asked": asked.number})
        except (OSError, LigaseError):
            pass  # the head is gone, and the question with it

    def fail_all(self, error: BaseException) -> None:
        """Answers every question with an error, and whatever is asked from now on."""
        with self._lock:
            self._closed = error
            open_now = list(self._asked.values())
            self._asked.clear()
        for asked in open_now:
            asked.answer(None, error)

    def close(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    @property
    def is_closed(self) -> bool:
        """Can nothing be asked any more?"""
        return self._closed is not None

    @property
    def is_forked(self) -> bool:
        """Is this a child of the process that made the connection?"""
        return os.getpid() != self._pid

    def _check(self) -> None:
        if self.is_forked:
            raise LigaseError(
                "LIGASE_E_PYTHON",
                "a call was made in a forked process, which has no connection of its own",
                mend="use .map() or threads for calls that run at once, not multiprocessing",
            )
        if self._closed is not None:
            raise self._closed

    def _read(self) -> None:
        pieces: List[bytes] = []
        while True:
            try:
                chunk = self._socket.recv(1 << 18)
            except OSError:
                chunk = b""
            if not chunk:
                break
            # A value of many megabytes comes in many pieces: joined once, not each time.
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                if pieces:
                    line = b"".join([*pieces, line])
                    pieces = []
                if line:
                    self._handle(json.loads(line))
            if rest:
                pieces.append(rest)
        self.fail_all(self._closed or gone())
        self._on_end()

    def _handle(self, message: Message) -> None:
        op = message.get("op")
        if op == "value" or op == "error":
            with self._lock:
                asked = self._asked.pop(message["asked"], None)
            if asked is None:
                return
            if op == "value":
                asked.answer(message["text"])
            else:
                asked.answer(None, revive(message["error"]))
        elif op == "state":
            asked = self._asked.get(message["asked"])
            if asked is not None and not asked.is_answered:
                asked.state = str(message["state"])
        elif op == "fatal":
            self.fail_all(revive(message["error"]))
        else:
            self._on_message(message)


def gone() -> LigaseError:
    """The head ended before it answered."""
    return LigaseError(
        "LIGASE_E_SESSION",
        "ligase ended before it had answered",
        mend="run again: what has finished is kept",
    )


def cancelled() -> RemoteError:
    """The caller took its question back."""
    return RemoteError({"name": "LigaseError", "code": "LIGASE_E_CANCELLED", "message": "the call was cancelled"})
