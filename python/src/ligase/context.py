"""What the handler of an endpoint may know of its job."""

from __future__ import annotations

import contextvars
from typing import Any, Callable, Dict, List, Optional


_current: contextvars.ContextVar[Optional[JobContext]] = contextvars.ContextVar("ligase_job", default=None)


class JobContext:
    """The job that a handler answers."""

    def __init__(self, job: str, attempt: int, say: Callable[[JobContext, Any], None]) -> None:
        #: Its id.
        self.job = job
        #: Counted from 1.
        self.attempt = attempt
        #: Was it cancelled, or is its time over? An async handler is cancelled; one that is not may look here.
        self.cancelled = False
        #: Folders that go when the job is over.
        self.folders: List[str] = []
        self._say = say

    def progress(self, value: Any) -> None:
        """Says how far it is; see :func:`progress`."""
        self._say(self, value)


#: The jobs that run in this process, by id: a thread that the handler started has no context of its own.
running: Dict[str, JobContext] = {}


def set_context(context: Optional[JobContext]) -> None:
    """The job of what this thread, and what it starts in an event loop, does from now on."""
    _current.set(context)


def job_context() -> Optional[JobContext]:
    """The job that a handler answers: its id, its attempt, whether it was cancelled. Nothing outside of a worker, so that a
    handler can be called as it is, in a test."""
    context = _current.get()
    if context is None and len(running) == 1:
        return next(iter(running.values()), None)
    return context


def progress(value: Any) -> None:
    """Says how far the job of a handler is: what ``/status`` shows as ``output`` until there is one. Of values that come faster
    than the server takes them, the last counts. Outside of a worker it does nothing.

    :param value: anything that JSON can say
    """
    context = job_context()
    if context is not None:
        context.progress(value)
