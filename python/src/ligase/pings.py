"""Signs of life: a small process of its own tells the server which jobs run, also while a function holds the interpreter."""

from __future__ import annotations

import mmap
import os
import select
from typing import List
from urllib.parse import quote

from .http_client import Client

#: Bytes of a place in which the id of a job stands: its length, then its characters.
_PLACE = 128


class Pings:
    """Forks, at once: before there are threads, and while there is little memory to share."""

    def __init__(self, client: Client, path: str, jobs: int, every_ms: float) -> None:
        self._memory = mmap.mmap(-1, jobs * _PLACE)
        ours, theirs = os.pipe()
        parent = os.getpid()
        if os.fork() == 0:
            os.close(theirs)
            try:
                self._tell(client, path, parent, ours, every_ms / 1000)
            finally:
                os._exit(0)
        os.close(ours)
        # Held open as long as this process lives.
        self._alive = theirs

    def begin(self, place: int, job: str) -> None:
        """A job begins, in a place of its own."""
        name = job.encode("ascii", "replace")[: _PLACE - 1]
        at = place * _PLACE
        self._memory[at + 1 : at + 1 + len(name)] = name
        # Last: who reads in between finds none.
        self._memory[at] = len(name)

    def end(self, place: int) -> None:
        """It is over."""
        self._memory[place * _PLACE] = 0

    def _ids(self) -> List[str]:
        lengths = ((at, self._memory[at]) for at in range(0, len(self._memory), _PLACE))
        return [self._memory[at + 1 : at + 1 + length].decode("ascii") for at, length in lengths if length]

    def _tell(self, client: Client, path: str, parent: int, alive: int, seconds: float) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        # The other end closes with the worker; a child that it forked may hold it too.
        while not select.select([alive], [], [], seconds)[0] and os.getppid() == parent:
            try:
                client.request("GET", f"{path}?job_id={','.join(map(quote, self._ids()))}")
            except Exception:
                pass  # the server is gone: the worker sees to it when it is not busy
