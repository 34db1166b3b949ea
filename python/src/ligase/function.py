"""Functions that Ligase runs: what ``@function`` makes of a plain one."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from types import CodeType
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Generic,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    TypeVar,
    Union,
    overload,
)

from .codec import UNDEFINED, revive_function
from .errors import LigaseError
from .expression import Call
from .handle import Handle, value_of
from .head import current_head
from .image import Image
from .options import read_options
from .place import here
from .results import IN_FLIGHT, Results
from .shapes import Shape, hints_of, shape_of
from .volume import Volume

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")
elif sys.version_info >= (3, 10):
    from typing import ParamSpec

    P = ParamSpec("P")
else:
    # Only type checkers look at it.
    P = TypeVar("P")

R = TypeVar("R")

#: Stands for an argument that was not given, before others that were.
_MISSING: Any = object()

Described = Dict[str, Any]

#: All functions of this program, by name.
registry: Dict[str, Function[Any, Any]] = {}


class Function(Generic[P, R]):
    """A function that can run elsewhere. Called plainly it runs here, as if it were not decorated."""

    __wrapped__: Callable[P, R]
    __name__: str
    __qualname__: str

    def __init__(self, fn: Callable[P, R], options: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, fn)
        self._fn = fn
        #: As the head reads them: named and written as in TypeScript.
        self.options: Dict[str, Any] = dict(options)
        #: By what it is known; unique in a program.
        self.name: str = options.get("name") or fn.__name__
        self._call_options: Optional[Dict[str, Any]] = None
        self._returned: Any = _MISSING
        self.__ligase_task__ = self.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._fn(*args, **kwargs)

    def local(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs it here, in this process: the plain function call."""
        return self._fn(*args, **kwargs)

    def remote(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Has Ligase run it, in its environment, and waits for its value: from the cache, where it is known.

        :raises RemoteError: what it raised there
        """
        head = current_head(f"{self.name}.remote()")
        asked = head.ask(self._call(args, kwargs))
        try:
            asked.wait()
        except BaseException:  # Ctrl+C
            head.channel.cancel(asked)
            raise
        return value_of(asked, self._result_shape())  # type: ignore[no-any-return]

    def spawn(self, *args: P.args, **kwargs: P.kwargs) -> Handle[R]:
        """Begins it, and gives a handle: ``status()``, ``result()``, ``cancel()``."""
        head = current_head(f"{self.name}.spawn()")
        call = self._call(args, kwargs)
        return Handle(head.channel, head.ask(call), call, self._result_shape())

    def map(
        self, *iterables: Iterable[Any], return_exceptions: bool = False, in_flight: int = IN_FLIGHT
    ) -> Results[R]:
        """Calls it with each item, many at once, and gives the results in the order of the items.

        With several iterables it is given an item of each, as ``map`` does.

        :param return_exceptions: give errors in place of results, and go on
        :param in_flight: how many calls are open at once
        """
        if not iterables:
            raise TypeError(f"{self.name}.map() wants something to map over")
        return self._map("map", zip(*iterables), return_exceptions, in_flight)

    def starmap(
        self, items: Iterable[Sequence[Any]], *, return_exceptions: bool = False, in_flight: int = IN_FLIGHT
    ) -> Results[R]:
        """The same for items that are lists of arguments each."""
        return self._map("starmap", items, return_exceptions, in_flight)

    def with_options(self, **options: Any) -> Function[P, R]:
        """The same with other options for the calls made of it: ``align.with_options(memory="64Gi").remote(reads)``."""
        copy: Function[P, R] = Function(self._fn, self.options)
        copy._call_options = {**(self._call_options or {}), **read_options(options, self.name, at_call=True)}
        return copy

    def described(self, root: Optional[str] = None) -> Described:
        """What the head is told of it."""
        file = file_of(self._fn)
        return {
            "name": self.name,
            "module": _below(root, file),
            "function": self.__qualname__,
            "file": file,
            "line": _line_of(self._fn),
            "doc": inspect.getdoc(self._fn),
            "options": self.options,
        }

    def __reduce__(self) -> str:
        return self.__qualname__

    def __repr__(self) -> str:
        return f"<function {self.name} of Ligase>"

    def _map(self, how: str, items: Iterable[Sequence[Any]], return_exceptions: bool, in_flight: int) -> Results[R]:
        if in_flight < 1:
            raise ValueError(f"in_flight should be 1 or more; it is {in_flight}")
        head = current_head(f"{self.name}.{how}()")
        shape = self._result_shape()
        calls = self._calls(items)
        return Results(head, self.name, calls, shape, return_exceptions=return_exceptions, in_flight=in_flight)

    def _calls(self, items: Iterable[Sequence[Any]]) -> Iterator[Call]:
        for item in items:
            yield self._call(tuple(item), {})

    def _call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
        return Call(self.name, signature_of(self._fn).listed(args, kwargs), self._call_options)

    def _result_shape(self) -> Optional[Shape]:
        if self._returned is _MISSING:
            self._returned = shape_of(hints_of(self._fn).get("return"))
        shape: Optional[Shape] = self._returned
        return shape


class Signature:
    """How the arguments of a call become a list, and the list a call again: one item for each parameter."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._fn = fn
        self._signature: Optional[inspect.Signature] = None
        try:
            if not hasattr(fn, "__ligase_foreign__"):
                self._signature = inspect.signature(fn)
        except (TypeError, ValueError):
            pass  # a function written in C may have none
        hints = hints_of(fn) if self._signature else {}
        self._parameters = list(self._signature.parameters.values()) if self._signature else []
        self._shapes = [shape_of(hints.get(parameter.name)) for parameter in self._parameters]
        kinds = {parameter.kind for parameter in self._parameters}
        self._plain = kinds <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}

    @property
    def parameters(self) -> Sequence[inspect.Parameter]:
        """In order; none where the function does not tell."""
        return self._parameters

    @property
    def shapes(self) -> Sequence[Optional[Shape]]:
        """How a value becomes what each of them is annotated as."""
        return self._shapes

    def listed(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> List[Any]:
        """The arguments of a call as a list.

        :raises TypeError: as the function itself would, when they do not fit
        """
        if self._signature is None:
            return list(args)
        if self._plain and not kwargs and len(args) == len(self._parameters):
            return list(args)
        try:
            given = self._signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{self._fn.__name__}() {error}") from None
        items = [given.get(parameter.name, _MISSING) for parameter in self._parameters]
        while items and items[-1] is _MISSING:
            items.pop()
        return [UNDEFINED if item is _MISSING else item for item in items]

    def call(self, items: Sequence[Any]) -> Any:
        """Calls the function with such a list, each item as its parameter is annotated."""
        if self._signature is None:
            return self._fn(*items)
        args: List[Any] = []
        kwargs: Dict[str, Any] = {}
        for parameter, shape, item in zip(self._parameters, self._shapes, items):
            kind = parameter.kind
            if item is UNDEFINED:
                # Nothing was given: positions need their default, names do not.
                if kind in (kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD) and parameter.default is not parameter.empty:
                    args.append(parameter.default)
            elif kind is kind.VAR_POSITIONAL:
                args.extend(item if shape is None else map(shape, item))
            elif kind is kind.VAR_KEYWORD:
                kwargs.update(item if shape is None else {name: shape(part) for name, part in item.items()})
            elif kind is kind.KEYWORD_ONLY:
                kwargs[parameter.name] = item if shape is None else shape(item)
            else:
                args.append(item if shape is None else shape(item))
        # Python itself says it best when there are too many.
        args.extend(items[len(self._parameters) :])
        return self._fn(*args, **kwargs)


@functools.lru_cache(maxsize=None)
def signature_of(fn: Callable[..., Any]) -> Signature:
    """The signature of a function, looked at once."""
    return Signature(fn)


@overload
def function(fn: Callable[P, R]) -> Function[P, R]: ...


@overload
def function(
    *,
    name: Optional[str] = None,
    version: Optional[str] = None,
    image: Optional[Image] = None,
    cpu: Union[float, str, Callable[[int], float], None] = None,
    memory: Union[int, str, Callable[[int], Union[int, str]], None] = None,
    gpu: Union[int, str, Callable[[int], Union[int, str]], None] = None,
    disk: Union[int, str, Callable[[int], Union[int, str]], None] = None,
    processes: Optional[int] = None,
    volumes: Union[Sequence[Volume], Mapping[str, Volume], None] = None,
    secrets: Optional[Sequence[str]] = None,
    network: Optional[bool] = None,
    timeout: Union[float, str, Callable[[int], Union[float, str]], None] = None,
    retries: Union[int, Mapping[str, Any], None] = None,
    cache: Optional[bool] = None,
    check: Optional[str] = None,
    limits: Union[Sequence[str], Mapping[str, float], None] = None,
    priority: Optional[float] = None,
    tags: Optional[Mapping[str, str]] = None,
    env: Optional[Mapping[str, str]] = None,
    executor: Optional[str] = None,
) -> Callable[[Callable[P, R]], Function[P, R]]: ...


def function(fn: Optional[Callable[..., Any]] = None, **options: Any) -> Any:
    """Makes a function one that Ligase can run: ``@function``, or with options ``@function(cpu=4, memory="32Gi")``.

    :param image: the software it runs in: ``Image(python_packages=["biopython"])``
    :param cpu: processors; :param memory: "32Gi"; :param gpu: how many, or which kind ("A100"), or both ("A100:2")
    :param volumes: ``[Volume(name="seq", mount_path="./seq")]``; :param secrets: ``["NCBI_API_KEY"]``, as variables
    :param network: may it reach the network, in an image? :param timeout: seconds, or "2h"; :param retries: how many times
    :param cache: ``False``: run it every time; :param version: stands for its code
    :raises LigaseError: ``LIGASE_E_OPTION``, ``LIGASE_E_DUPLICATE_TASK``, ``LIGASE_E_PYTHON``
    """
    if fn is None:
        return lambda decorated: _decorated(decorated, options)
    return _decorated(fn, options)


def _decorated(fn: Any, options: Mapping[str, Any]) -> Function[Any, Any]:
    if isinstance(fn, Function):
        raise LigaseError("LIGASE_E_PYTHON", f"{fn.name} is decorated twice", mend="leave one @function there")
    if not inspect.isfunction(fn):
        shown = f"the class {fn.__name__}" if inspect.isclass(fn) else repr(fn)
        raise LigaseError("LIGASE_E_PYTHON", f"@function was given {shown}", mend="decorate a function made with def")
    if fn.__qualname__ != fn.__name__ or fn.__name__ == "<lambda>":
        raise LigaseError(
            "LIGASE_E_PYTHON",
            f"{fn.__qualname__} is not at the top of a module, where another process could find it",
            mend="move it out of the function or class, and give it what it needs as arguments",
        )
    made: Function[Any, Any] = Function(fn, read_options(options, fn.__name__))
    known = registry.get(made.name)
    if known is not None and not _is_same(known._fn, fn):
        where = f"{file_of(known._fn)}, line {_line_of(known._fn)}"
        raise LigaseError(
            "LIGASE_E_DUPLICATE_TASK",
            f"two functions are called {made.name}: the other is in {where}",
            mend=f'give one of them another name: @function(name="{made.name}2")',
        )
    registry[made.name] = made
    return made


def _is_same(one: Any, other: Any) -> bool:
    """The same function, decorated again: its module is the program and was imported besides, or was read anew."""
    return one.__qualname__ == other.__qualname__ and file_of(one) == file_of(other)


def file_of(fn: Callable[..., Any]) -> str:
    """The file of the module in which a function stands; empty when that was typed in."""
    # Not that of its code: another decorator's would be elsewhere.
    file = getattr(sys.modules.get(fn.__module__), "__file__", None)
    if file is None:
        file = _code_of(fn).co_filename
        if not os.path.exists(file):
            return ""
    return os.path.realpath(str(file))


def _line_of(fn: Callable[..., Any]) -> int:
    return _code_of(fn).co_firstlineno


def _code_of(fn: Callable[..., Any]) -> CodeType:
    code: CodeType = getattr(inspect.unwrap(fn), "__code__")
    return code


def _below(root: Optional[str], file: str) -> str:
    if root is not None:
        start = os.path.join(os.path.realpath(root), "")
        if file.startswith(start):
            return file[len(start) :]
    return file


def _revived(name: str, options: Optional[Mapping[str, Any]]) -> Any:
    """A function that came as a value, by its name; one of another program can only be called remotely."""
    found = registry.get(name)
    if found is None:
        found = _foreign(name)
    if options:
        found = Function(found._fn, found.options)
        found._call_options = dict(options)
    return found


def _foreign(name: str) -> Function[Any, Any]:
    def elsewhere(*args: Any) -> Any:
        raise LigaseError("LIGASE_E_NO_TASK", f"{name} is not in this program", mend=f"call {name}.remote()")

    elsewhere.__name__ = elsewhere.__qualname__ = name
    # What its parameters are is known there.
    setattr(elsewhere, "__ligase_foreign__", True)
    return Function(elsewhere, {"name": name})


revive_function.append(_revived)
