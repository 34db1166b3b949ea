"""Errors: those that Ligase raises, and those that happened in another process."""

from __future__ import annotations

import builtins
import json
from typing import Any, Dict, Mapping, Optional, Type

#: An error as plain data: what is stored, and what crosses between processes.
Facts = Dict[str, Any]


class LigaseError(Exception):
    """An error that Ligase raises for a reason it knows.

    ``code`` is stable and may be compared; ``mend`` says what to do; ``facts`` are the names, paths and numbers.
    """

    code: Optional[str]
    mend: Optional[str]
    facts: Dict[str, Any]

    def __init__(
        self,
        code: Optional[str],
        message: str,
        *,
        mend: Optional[str] = None,
        facts: Optional[Mapping[str, Any]] = None,
    ) -> None:
        # Not super(): the class of Python's own beside it may want arguments that nobody has.
        Exception.__init__(self, message)
        self.code = code
        self.message = message
        self.mend = mend
        self.facts = dict(facts or {})

    def __str__(self) -> str:
        return self.message if self.mend is None else f"{self.message}\n  {self.mend}"

    def __reduce__(self) -> Any:
        return (_again, (self.code, self.message, self.mend, self.facts))


def _again(code: Optional[str], message: str, mend: Optional[str], facts: Dict[str, Any]) -> LigaseError:
    return LigaseError(code, message, mend=mend, facts=facts)


class RemoteError(LigaseError):
    """What a call raised in the process where it ran, or what Ligase has to say of its job.

    ``type_name`` is the class of the exception there, ``remote_traceback`` what Python would have printed there. Where that
    class is one of Python's own, the error is also an instance of it: ``except ValueError`` catches it.
    """

    type_name: str
    remote_traceback: Optional[str]

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(
            facts.get("code"), str(facts.get("message", "")), mend=facts.get("mend"), facts=facts.get("facts") or {}
        )
        self.type_name = str(facts.get("name", "Error"))
        stack = facts.get("stack")
        # An error of Ligase's own has no traceback: nobody needs to see where in Ligase it was made.
        python = isinstance(stack, str) and "Traceback (most recent call last):" in stack
        self.remote_traceback = stack if python else None
        self._told = dict(facts)

    def __reduce__(self) -> Any:
        return (revive, (self._told,))


class RemoteTraceback(Exception):
    """Stands as cause of a :class:`RemoteError`, so that Python prints where it happened."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'\n"""\n{self.text.rstrip()}\n"""'


#: Instances are made with arguments of their own, or end the interpreter: not to be posed as.
_NEVER = frozenset({"StopIteration", "StopAsyncIteration", "ExceptionGroup", "BaseExceptionGroup"})
_types: Dict[str, Type[RemoteError]] = {}


def _type_of(name: str, code: Optional[str]) -> Type[RemoteError]:
    """The class of a revived error: named as there, and a subclass of Python's own class of that name."""
    if code == "LIGASE_E_TIMEOUT":
        name = "TimeoutError"
    if name in ("LigaseError", "RemoteError") or not name.isidentifier():
        return RemoteError
    known = _types.get(name)
    if known is None:
        base = getattr(builtins, name, None)
        bases: Any = (RemoteError,)
        if isinstance(base, type) and issubclass(base, Exception) and name not in _NEVER:
            bases = (RemoteError, base)
        known = _types[name] = type(name, bases, {"__module__": "builtins", "__str__": LigaseError.__str__})
    return known


def revive(facts: Mapping[str, Any]) -> RemoteError:
    """Makes an error of plain data, with what caused it and with the traceback of where it happened."""
    kind = _type_of(str(facts.get("name", "Error")), facts.get("code"))
    # Not by calling it: UnicodeDecodeError and others want arguments that nobody has.
    error: RemoteError = getattr(kind, "__new__")(kind, str(facts.get("message", "")))
    RemoteError.__init__(error, facts)
    if error.remote_traceback is not None:
        error.__cause__ = RemoteTraceback(error.remote_traceback)
    elif isinstance(facts.get("cause"), Mapping):
        error.__cause__ = revive(facts["cause"])
    return error


def facts_of(error: BaseException, stack: Optional[str] = None) -> Facts:
    """An error as plain data. ``stack`` is its traceback as text."""
    if isinstance(error, RemoteError):
        told: Facts = dict(error._told)
        if stack is not None:
            told["stack"] = stack
        return told
    facts: Facts = {"name": type(error).__name__, "message": _message(error)}
    if isinstance(error, LigaseError):
        facts["message"] = error.message
        if error.code is not None:
            facts["code"] = error.code
        if error.mend is not None:
            facts["mend"] = error.mend
        more = error.facts
    else:
        more = getattr(error, "__dict__", {})
    kept = {key: value for key, value in more.items() if not key.startswith("_") and _is_json(value)}
    if kept:
        facts["facts"] = kept
    if stack is not None:
        facts["stack"] = stack
    return facts


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the user's own __str__
        return f"<{type(error).__name__}, whose text cannot be had>"


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
