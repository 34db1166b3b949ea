"""What goes wrong in a worker of an endpoint: in a job, and in its start."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any, Dict, NoReturn

from .context import JobContext
from .errors import LigaseError


class HandlerFailure(Exception):
    """A handler returned ``{"error": "…"}``, and nothing else."""


def stopped() -> LigaseError:
    """What ends a job that is no longer wanted."""
    return LigaseError("LIGASE_E_CANCELLED", "the job was cancelled, or its time is over")


def cancellation(error: BaseException, context: JobContext) -> BaseException:
    """What ended a job: of one that was stopped, that it was."""
    name = type(error).__name__
    return stopped() if context.cancelled and name in ("CancelledError", "RemoteError") else error


def _message(error: BaseException) -> str:
    if isinstance(error, LigaseError):
        return error.message
    if isinstance(error, SystemExit):
        return f"the function called sys.exit({error.code!r})"
    try:
        return str(error)
    except Exception:  # the user's own __str__
        return f"<{type(error).__name__}, whose text cannot be had>"


def failure_body(error: BaseException, worker: str, code: str) -> bytes:
    """An error as a job has it, in the form of RunPod's workers: the body of ``job-done``.

    :param code: the folder of the code; paths in it are shown as the user knows them
    """
    from .tracebacks import traceback_text

    told: Dict[str, Any] = {
        "error_type": str(type(error)),
        "error_message": _message(error),
        "error_traceback": traceback_text(error).replace(os.path.join(code, ""), ""),
        "hostname": socket.gethostname(),
        "worker_id": worker,
    }
    if isinstance(error, LigaseError):
        told.update({f"error_{key}": value for key, value in (("code", error.code), ("mend", error.mend)) if value})
    return json.dumps({"error": json.dumps(told)}).encode("ascii")


def give_up(at: str, error: BaseException) -> NoReturn:
    """Says why it cannot start, in a line that stands last: it is what people are shown."""
    from .modules import failure_facts

    facts = failure_facts(error)
    cause = error.__cause__ if type(error).__name__ == "ImportFailure" and error.__cause__ is not None else error
    name, message = type(cause).__name__, _message(cause)
    first = message.splitlines()[0] if message else ""
    end(f"at {at}: {name}: {first}", str(facts.get("stack", "")).rstrip("\n"))


def end(why: str, before: str = "") -> NoReturn:
    """Ends the process, with a last line that says why."""
    text = f"{before}\n" if before else ""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os.write(2, f"{text}ligase-worker: {why}\n".encode("utf-8", "backslashreplace"))
    # At once: threads that a library left behind have nothing to finish.
    os._exit(1)
