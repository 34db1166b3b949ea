"""Calls that a handler makes: the server evaluates them, in the name of the job."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from .channel import Asked, cancelled
from .context import JobContext, job_context
from .errors import LigaseError, revive
from .http_client import Client, Connection

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

#: Questions that are open at once; others wait for one to be answered.
OPEN = 64


class JobCalls:
    """Where calls of handlers are put: what a worker of an endpoint has in place of a channel."""

    def __init__(self, client: Client, base: str, worker: str) -> None:
        self._client = client
        self._base = base
        self._worker = worker
        self._pid = os.getpid()
        self._pool: Optional[ThreadPoolExecutor] = None
        self._asked = 0
        #: The connections on which answers are waited for, by question; and the job that each is of.
        self._held: Dict[int, List[Connection]] = {}
        self._of: Dict[int, Asked] = {}
        self._jobs: Dict[int, str] = {}

    @property
    def is_closed(self) -> bool:
        return False

    @property
    def is_forked(self) -> bool:
        return os.getpid() != self._pid

    def ask(self, fields: Mapping[str, Any]) -> Asked:
        """Puts a question, in the name of the job whose handler asks."""
        context = job_context()
        if self.is_forked or context is None:
            why = "in a forked process" if self.is_forked else "outside of a job, or in a thread that may be of several"
            raise LigaseError("LIGASE_E_PYTHON", f"a call was made {why}", mend="make it in the handler itself")
        if "expression" not in fields:
            raise LigaseError("LIGASE_E_LINK", "an output has no link in a handler", mend="return the Output")
        self._asked += 1
        asked = Asked(self._asked)
        if self._pool is None:
            # Most handlers call nothing: 6 ms of a cold start.
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(OPEN, "ligase-call")
        self._of[asked.number], self._jobs[asked.number], self._held[asked.number] = asked, context.job, []
        self._pool.submit(self._wait, asked, context, str(fields["expression"]))
        return asked

    def cancel(self, asked: Asked) -> None:
        """The answer is no longer wanted."""
        if not asked.is_answered:
            asked.answer(None, cancelled())
            asked.state = "cancelled"
        for connection in self._held.get(asked.number, ()):
            connection.hang_up()

    def cancel_all(self, job: str) -> None:
        """A job was stopped: nothing that it asked is wanted."""
        for number in [number for number, of in list(self._jobs.items()) if of == job]:
            asked = self._of.get(number)
            if asked is not None:
                self.cancel(asked)

    def _wait(self, asked: Asked, context: JobContext, expression: str) -> None:
        try:
            if asked.is_answered:
                return
            path = f"{self._base}/job-call/{self._worker}/{context.job}?gpu=cpu"
            body = json.dumps({"expression": expression}).encode("ascii")
            answer = self._client.request("POST", path, body, self._held[asked.number])
            told = json.loads(answer.body)
            if answer.status != 200:
                asked.answer(None, LigaseError("LIGASE_E_WORKER", f"the server answered {answer.status}: {told.get('error')}"))
            elif "error" in told:
                asked.answer(None, revive(told["error"]))
            else:
                asked.answer(told["value"])
        except Exception as error:
            asked.answer(None, error)
        finally:
            self._of.pop(asked.number, None)
            self._jobs.pop(asked.number, None)
            self._held.pop(asked.number, None)
