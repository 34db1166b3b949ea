"""HTTP/1.1 over the server's Unix socket, as little of it as a worker needs."""

from __future__ import annotations

import re
import socket
from collections import deque
from typing import Deque, List, Optional, Tuple

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: *(\d+)\r\n", re.IGNORECASE)


class ServerGone(Exception):
    """The server is not there any more: nobody wants what this worker does."""


class Answer:
    """What the server answered. ``retry_after`` are seconds that it asks to wait."""

    __slots__ = ("body", "retry_after", "status")

    def __init__(self, status: int, body: bytes, retry_after: Optional[int]) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Connection:
    """One request at a time. Who closes it from another thread hangs up."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.used = False
        self.keep = True
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise ServerGone(str(error)) from None

    def hang_up(self) -> None:
        self.keep = False
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server was first

    def close(self) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> Optional[Answer]:
        """Nothing when the connection, kept from before, turned out to be closed."""
        came = b""
        try:
            self._socket.sendall(request)
            while True:
                end = came.find(b"\r\n\r\n")
                if end >= 0:
                    return self._answer(came[: end + 2], came[end + 4 :])
                came += self._receive()
        except (OSError, EOFError) as error:
            if self.used and not came and self.keep:
                return None
            raise ServerGone(str(error) or "the server closed the connection") from None

    def _receive(self) -> bytes:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise EOFError
        return piece

    def _answer(self, head: bytes, rest: bytes) -> Answer:
        length, retry = _LENGTH.search(head), _RETRY.search(head)
        if length is not None:
            body = self._read(int(length[1]), rest)[0]
        elif _CHUNKED.search(head):
            body = self._chunks(rest)
        else:
            body = b""
        self.used = True
        self.keep = self.keep and not _CLOSE.search(head)
        return Answer(int(head[9:12]), body, None if retry is None else int(retry[1]))

    def _read(self, length: int, rest: bytes) -> Tuple[bytes, bytes]:
        if len(rest) >= length:
            return rest[:length], rest[length:]
        # Many pieces are joined once, not each time.
        pieces, have = [rest], len(rest)
        while have < length:
            pieces.append(self._receive())
            have += len(pieces[-1])
        whole = b"".join(pieces)
        return whole[:length], whole[length:]

    def _chunks(self, rest: bytes) -> bytes:
        pieces: List[bytes] = []
        while True:
            while b"\r\n" not in rest:
                rest += self._receive()
            line, _, rest = rest.partition(b"\r\n")
            size = int(line.split(b";")[0], 16)
            piece, rest = self._read(size + 2, rest)
            if size == 0:
                return b"".join(pieces)
            pieces.append(piece[:size])


class Client:
    """Connections are kept for what comes next. ``http.client`` reads headers as if they were those of a mail: a request takes
    five times as long."""

    def __init__(self, path: str, token: str) -> None:
        self._path = path
        self._token = token
        self._idle: Deque[Connection] = deque()

    def request(
        self, method: str, path: str, body: Optional[bytes] = None, held: Optional[List[Connection]] = None
    ) -> Answer:
        """Asks, and waits for the answer as long as it takes.

        :param held: is given the connection, for another thread to hang up
        :raises ServerGone: when nobody listens, or somebody hung up
        """
        length = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {self._token}\r\n{length}\r\n".encode("latin-1")
        request = head if body is None else head + body
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = Connection(self._path)
            if held is not None:
                held[:] = [connection]
            answer: Optional[Answer] = None
            try:
                answer = connection.ask(request)
            finally:
                if held is not None:
                    held.clear()
                if answer is not None and connection.keep:
                    self._idle.append(connection)
                else:
                    connection.close()
            # What nobody used for a while the server ends: the next one is new, or there is no server.
            if answer is not None:
                return answer
