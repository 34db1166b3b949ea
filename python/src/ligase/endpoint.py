"""Endpoints: functions behind HTTP, with a durable queue and workers that come and go with the load."""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Generic, Mapping, Optional, Sequence, Tuple, TypeVar, Union, overload

from . import options as read
from .errors import LigaseError
from .function import Function, P
from .image import Image
from .volume import Volume

R = TypeVar("R")

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")


class Endpoint(Generic[P, R]):
    """An endpoint as an app declares it. Called plainly it is the function, as if it were not decorated."""

    __wrapped__: Callable[P, R]

    def __init__(self, fn: Optional[Callable[P, R]], options: Mapping[str, Any], on_start: Optional[Callable[[], Any]]) -> None:
        if fn is not None:
            functools.update_wrapper(self, fn)
        #: ``queue``, or ``web``: a program with a port.
        self.kind = "queue"
        #: The plain function; None where a command answers.
        self.fn = fn
        #: As `ligase deploy` reads them: named and written as in TypeScript.
        self.options: Dict[str, Any] = dict(options)
        #: Runs in a worker before it takes its first job.
        self.on_start = on_start

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.fn is None:
            raise TypeError("what a command answers can only be called over HTTP")
        return self.fn(*args, **kwargs)

    def __repr__(self) -> str:
        what = self.__name__ if self.fn is not None else " ".join(self.options.get("command", []))
        return f"<{'endpoint' if self.kind == 'queue' else 'web app'} {what} of Ligase>"

    if TYPE_CHECKING:
        __name__: str


@overload
def endpoint(fn: Callable[P, R]) -> Endpoint[P, R]: ...


@overload
def endpoint(
    *,
    name: Optional[str] = None,
    min_workers: Optional[int] = None,
    max_workers: Optional[int] = None,
    idle_timeout: Union[float, str, None] = None,
    scaler: Optional[Mapping[str, float]] = None,
    concurrency: Optional[int] = None,
    start_timeout: Union[float, str, None] = None,
    execution_timeout: Union[float, str, None] = None,
    ttl: Union[float, str, None] = None,
    max_attempts: Optional[int] = None,
    max_queue: Optional[int] = None,
    keep_results: Union[float, str, None] = None,
    cache: Optional[bool] = None,
    aggregate_stream: Optional[bool] = None,
    on_start: Optional[Callable[[], Any]] = None,
    image: Optional[Image] = None,
    network: Optional[bool] = None,
    cpu: Union[float, str, None] = None,
    memory: Union[int, str, None] = None,
    gpu: Union[int, str, None] = None,
    disk: Union[int, str, None] = None,
    volumes: Union[Sequence[Volume], Mapping[str, Volume], None] = None,
    secrets: Optional[Sequence[str]] = None,
    env: Optional[Mapping[str, str]] = None,
) -> Callable[[Callable[P, R]], Endpoint[P, R]]: ...


@overload
def endpoint(*, command: Sequence[str], **options: Any) -> Endpoint[..., Any]: ...


def endpoint(fn: Optional[Callable[..., Any]] = None, **options: Any) -> Any:
    """Declares an endpoint: ``@endpoint``, or with options ``@endpoint(max_workers=3, idle_timeout="60s", gpu=1)``.

    ``ligase deploy app.py`` finds those at the top of the app. The parameters of the function are the fields of a job's input; a
    generator streams what it yields. ``endpoint(command=["python", "-u", "handler.py"], image=…)`` runs somebody else's worker.

    :param min_workers: workers that are kept with nothing to do (0); :param max_workers: the most at once (3)
    :param idle_timeout: how long a worker waits for another job (5 s); :param concurrency: jobs of a worker at once (1)
    :param scaler: ``{"queue_delay": 4}`` (seconds) or ``{"request_count": 1}``: when another worker is started
    :param start_timeout: how long a worker may take to be ready (5 min); :param on_start: runs before the first job
    :param execution_timeout: how long a job may run (600 s); :param ttl: how long it may wait (24 h)
    :param max_attempts: how often it is begun when workers die (3); :param max_queue: jobs that may wait (10,000)
    :param keep_results: how long results are kept (24 h); :param aggregate_stream: give yields as a list in the output too
    :raises LigaseError: ``LIGASE_E_OPTION``, ``LIGASE_E_PYTHON``
    """
    if fn is not None:
        return _decorated(fn, {})
    if options.get("command") is not None:
        return Endpoint(None, _read(options, {**_READERS, "command": ("command", _command)}, "the endpoint"), None)
    return lambda decorated: _decorated(decorated, options)


def web(
    *,
    command: Sequence[str],
    health_path: Optional[str] = None,
    request_timeout: Union[float, str, None] = None,
    public: Optional[bool] = None,
    **options: Any,
) -> Endpoint[..., Any]:
    """Declares a web app: a program that listens on ``$PORT`` of 127.0.0.1, behind the server at ``/web/{name}/``.

    >>> web(command=["uvicorn", "site:app", "--port", "$PORT"], public=True)
    <web app uvicorn site:app --port $PORT of Ligase>

    :param health_path: answers with 200 once it is ready; without one it is ready when its port is open
    :param request_timeout: how long a request may wait for its answer to begin (300 s); :param public: without a key?
    :param options: those of workers, as of :func:`endpoint`
    """
    given = {**options, "command": command, "health_path": health_path, "request_timeout": request_timeout, "public": public}
    made: Endpoint[..., Any] = Endpoint(None, _read(given, _WEB, "the web app"), None)
    made.kind = "web"
    return made


def _decorated(fn: Any, given: Mapping[str, Any]) -> Endpoint[Any, Any]:
    body, inherited = (fn._fn, fn.options) if isinstance(fn, Function) else (fn, {})
    if not inspect.isfunction(body):
        shown = f"the class {fn.__name__}" if inspect.isclass(fn) else repr(fn)
        raise LigaseError("LIGASE_E_PYTHON", f"@endpoint was given {shown}", mend="decorate a function made with def")
    on_start = given.get("on_start")
    if on_start is not None and not callable(on_start):
        raise LigaseError("LIGASE_E_OPTION", f"the option on_start of {body.__name__} should be a function; it is {on_start!r}")
    options = _read({key: value for key, value in given.items() if key != "on_start"}, _READERS, body.__name__)
    # What the function needs as a task, it needs here too.
    kept = ("image", "cpu", "memory", "gpu", "disk", "volumes", "secrets", "env", "network")
    for option in kept:
        value = inherited.get(option)
        if value is not None and option not in options and not (isinstance(value, dict) and "attempts" in value):
            options[option] = value
    return Endpoint(body, options, on_start)


def _name(value: Any) -> Any:
    if isinstance(value, str) and _NAME.match(value):
        return value
    raise ValueError("a name: letters, digits and dashes")


def _count(least: int, most: int = 1_000_000) -> read.Reader:
    def check(value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise ValueError(f"a whole number from {least}")

    return check


def _scaler(value: Any) -> Any:
    names = {"queue_delay": "queueDelay", "request_count": "requestCount"}
    if isinstance(value, Mapping) and len(value) == 1:
        ((key, amount),) = value.items()
        known = names.get(key, key)
        if known in names.values() and isinstance(amount, (int, float)) and not isinstance(amount, bool) and amount > 0:
            return {known: amount}
    raise ValueError('{"queue_delay": 4} (seconds), or {"request_count": 1}')


def _command(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and value and all(isinstance(word, str) and "\0" not in word for word in value):
        return list(value)
    raise ValueError('program and arguments: ["python", "-u", "handler.py"]')


def _path(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("/"):
        return value
    raise ValueError('a path: "/health"')


def _same(option: str) -> Tuple[str, read.Reader]:
    return option, read.READERS[option]


_WORKERS: Dict[str, Tuple[str, read.Reader]] = {
    "name": ("name", _name),
    "min_workers": ("minWorkers", _count(0)),
    "max_workers": ("maxWorkers", _count(1)),
    "idle_timeout": ("idleTimeout", read.READERS["timeout"]),
    "concurrency": ("concurrency", _count(1)),
    "start_timeout": ("startTimeout", read.READERS["timeout"]),
    **{option: _same(option) for option in ("cpu", "memory", "gpu", "disk", "image", "network", "volumes", "secrets", "env")},
}
_READERS: Dict[str, Tuple[str, read.Reader]] = {
    **_WORKERS,
    "scaler": ("scaler", _scaler),
    "execution_timeout": ("executionTimeout", read.READERS["timeout"]),
    "ttl": ("ttl", read.READERS["timeout"]),
    "max_attempts": ("maxAttempts", _count(1)),
    "max_queue": ("maxQueue", _count(1, 10_000_000)),
    "keep_results": ("keepResults", read.READERS["timeout"]),
    "cache": _same("cache"),
    "aggregate_stream": ("aggregateStream", read.READERS["cache"]),
}
_WEB: Dict[str, Tuple[str, read.Reader]] = {
    **_WORKERS,
    "command": ("command", _command),
    "health_path": ("healthPath", _path),
    "request_timeout": ("requestTimeout", read.READERS["timeout"]),
    "public": ("public", read.READERS["cache"]),
}


def _read(given: Mapping[str, Any], readers: Mapping[str, Tuple[str, read.Reader]], what: str) -> Dict[str, Any]:
    kept: Dict[str, Any] = {}
    for option, value in given.items():
        known = readers.get(option)
        if known is None:
            from difflib import get_close_matches

            near = get_close_matches(option, readers, 1)
            mend = f"did you mean {near[0]}?" if near else f"options are: {', '.join(readers)}"
            raise LigaseError("LIGASE_E_OPTION", f'the options of {what} have no "{option}"', mend=mend, facts={"option": option})
        if value is None:
            continue
        name, reader = known
        try:
            kept[name] = reader(value)
        except ValueError as error:
            message = f"the option {option} of {what} should be {error}; it is {value!r}"
            raise LigaseError("LIGASE_E_OPTION", message, facts={"option": option}) from None
    return kept
