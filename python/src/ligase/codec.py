"""Values as text: canonical JSON with tags for what JSON lacks, as ``src/kernel/codec.ts`` writes it.

``test/vectors/codec.json`` in Ligase's repository holds the examples that both are tested against.
"""

from __future__ import annotations

import array
import base64
import math
import os
import re
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any, Callable, Dict, List, Mapping, NoReturn, Optional, Sequence, Tuple

from .errors import LigaseError, RemoteError, facts_of, revive
from .files import Dir, File, Located
from .located import found_place, written_place
from .output import Output
from .place import here
from .text import parse, sorted_keys, text_of_float, text_of_floats, text_of_int, text_of_string

#: How deep values may be nested.
DEEPEST = 1000

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)

#: Says what is written in place of a value, or nothing; asked about what is no plain data.
Replace = Callable[[Any], Optional[str]]



class Undefined:
    """An argument that was not given, before others that were: JavaScript's ``undefined``."""


UNDEFINED = Undefined()

_FLOATS = {float}
_STRINGS = {str}


def encode(value: Any, replace: Optional[Replace] = None) -> str:
    """Writes a value.

    :raises LigaseError: ``LIGASE_E_UNSERIALISABLE``, naming the place inside the value
    """
    text: str = _deep(lambda: _Writer(replace).write(value))
    return text


def _deep(work: Callable[[], Any]) -> Any:
    """Deep values need a deeper stack than people's programs do."""
    try:
        return work()
    except RecursionError:
        pass
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 6 * DEEPEST)
    try:
        return work()
    finally:
        sys.setrecursionlimit(limit)


class _Writer:
    """One pass over one value."""

    def __init__(self, replace: Optional[Replace]) -> None:
        self._replace = replace
        self._path: List[Any] = []
        self._above: List[int] = []

    def write(self, value: Any) -> str:
        kind = type(value)
        if kind is str:
            return text_of_string(value)
        if value is None:
            return "null"
        if kind is bool:
            return "true" if value else "false"
        if kind is int:
            return text_of_int(value)
        if kind is float:
            return text_of_float(value)
        if kind is list or kind is tuple:
            return self._list(value)
        if kind is dict:
            return self._dict(value)
        return self._other(value)

    def _list(self, items: Sequence[Any]) -> str:
        # Long lists of numbers and texts are the common big values: 5 to 10 times faster than one by one.
        if len(items) > 8:
            kinds = set(map(type, items))
            if kinds == _FLOATS:
                return f"[{text_of_floats(items)}]"
            if kinds == _STRINGS:
                return f"[{','.join(map(text_of_string, items))}]"
        self._enter(items)
        path = self._path
        parts = []
        for index, item in enumerate(items):
            path.append(index)
            parts.append(self.write(item))
            path.pop()
        self._above.pop()
        return f"[{','.join(parts)}]"

    def _dict(self, value: Mapping[Any, Any]) -> str:
        if not all(isinstance(key, str) for key in value):
            pairs = self._list([[key, part] for key, part in value.items()])
            return f'{{"$":"map","v":{pairs}}}'
        self._enter(value)
        path = self._path
        parts = []
        for key in sorted_keys(value):
            path.append(key)
            parts.append(f"{text_of_string(key)}:{self.write(value[key])}")
            path.pop()
        self._above.pop()
        text = f"{{{','.join(parts)}}}"
        return f'{{"$":"object","v":{text}}}' if "$" in value else text

    def _enter(self, value: Any) -> None:
        me = id(value)
        if me in self._above:
            self.refuse("it contains itself")
        if len(self._above) == DEEPEST:
            self.refuse(f"it is nested deeper than {DEEPEST} levels")
        self._above.append(me)

    def _other(self, value: Any) -> str:
        if self._replace is not None:
            text = self._replace(value)
            if text is not None:
                return text
        if value is UNDEFINED:
            return '{"$":"undefined"}'
        if isinstance(value, Located):
            return located_text(value)
        if isinstance(value, PurePath):
            return self._file_of_path(value)
        name = type(value).__name__
        # An Enum may be a text or a number too: what it stands for is its value.
        if "enum" in sys.modules and isinstance(value, sys.modules["enum"].Enum):
            return self.write(value.value)
        if isinstance(value, str):
            return text_of_string(str.__str__(value))
        if isinstance(value, int):
            return text_of_int(value)
        if isinstance(value, float):
            return text_of_float(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return _typed("Uint8Array", bytes(value))
        if isinstance(value, datetime):
            return self._datetime(value)
        if isinstance(value, date):
            return text_of_string(value.isoformat())
        if isinstance(value, (set, frozenset)):
            self.refuse(f"it is a {name}, whose order is not the same twice", "give a list of it: sorted(values)")
        if isinstance(value, Mapping):
            return self._dict(value if isinstance(value, dict) else dict(value))
        if isinstance(value, (list, tuple, range)):
            return self._list(value)
        if isinstance(value, array.array) and value.typecode in _TYPE_OF_ARRAY:
            return _typed(_TYPE_OF_ARRAY[value.typecode], value.tobytes())
        # numpy's scalars and arrays, and what behaves like them (torch, pandas.Series, jax).
        if hasattr(value, "tolist") and hasattr(value, "dtype"):
            return self.write(value.tolist())
        fields = getattr(type(value), "__dataclass_fields__", None)
        if fields is not None and not isinstance(value, type):
            return self._dict({field: getattr(value, field) for field in fields})
        if hasattr(type(value), "model_fields") and hasattr(value, "model_dump"):
            return self._dict(value.model_dump())
        return self._rare(value, name)

    def _datetime(self, value: datetime) -> str:
        # One without a zone is in that of this machine, as in all of Python.
        aware = value if value.tzinfo is not None else value.astimezone()
        return f'{{"$":"date","v":{(aware - EPOCH) // _MILLISECOND}}}'

    def _file_of_path(self, value: PurePath) -> str:
        path = here.absolute(os.fspath(value))
        if os.path.isdir(path):
            return located_text(Dir(path))
        if os.path.exists(path):
            return located_text(File(path))
        self.refuse(f"there is no file {value}", "write it first, or hand on the text: str(path)")

    def _rare(self, value: Any, name: str) -> str:
        if isinstance(value, re.Pattern):
            flags = "".join(letter for letter, flag in _FLAGS if value.flags & flag)
            return f'{{"$":"regexp","v":[{text_of_string(value.pattern)},{text_of_string(flags)}]}}'
        if isinstance(value, BaseException):
            from .tracebacks import traceback_text

            told = facts_of(value) if isinstance(value, RemoteError) else facts_of(value, traceback_text(value))
            return f'{{"$":"error","v":{_Writer(None).write(told)}}}'
        if type(value).__module__ in ("decimal", "uuid", "fractions"):
            return text_of_string(str(value))
        if isinstance(value, timedelta):
            return text_of_float(value.total_seconds())
        if type(value).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow"):
            self.refuse(
                f"it is a {name} of {type(value).__module__.partition('.')[0]}",
                'save it and hand on the file: table.to_parquet("table.parquet"); return File("table.parquet")',
            )
        if callable(getattr(value, "__next__", None)):
            self.refuse(f"it is a {name}, which gives its items once", "make a list of it: list(values)")
        if callable(getattr(value, "__await__", None)):
            self.refuse(f"it is a {name} that was not awaited", "await it first")
        if callable(value) and hasattr(value, "__name__"):
            self.refuse(
                f"{value.__name__} is a {'class' if isinstance(value, type) else 'function'}, which cannot leave the process",
                "decorate it with @function, or pass what it gives",
            )
        self.refuse(
            f"it is an instance of {name}, which cannot leave the process", "use a dict, a list or a dataclass"
        )

    def refuse(self, why: str, mend: Optional[str] = None) -> NoReturn:
        at = _place(self._path)
        raise LigaseError(
            "LIGASE_E_UNSERIALISABLE",
            f"the value{at and f' at {at}'} cannot be stored: {why}",
            mend=mend,
            facts={"path": at},
        )


_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")


def _place(path: Sequence[Any]) -> str:
    """A place inside a value, as people write it: ``[2]["reads"]``."""
    steps = [f"[{step}]" if isinstance(step, int) else f"[{text_of_string(step)}]" for step in path]
    if len(steps) > 12:
        steps = [*steps[:6], " … ", *steps[-4:]]
    return "".join(steps)


def _typed(kind: str, content: bytes) -> str:
    return f'{{"$":"bytes","v":["{kind}","{base64.b64encode(content).decode()}"]}}'


def located_text(value: Located) -> str:
    """How a file or a folder is written: with its place, relative to the store or the project where it lies there."""
    if isinstance(value, Output):
        tag = "output"
    elif isinstance(value, File):
        tag = "file"
    else:
        tag = "dir"
    return f'{{"$":"{tag}","v":{_Writer(None).write(_fields_of(value))}}}'


def _fields_of(value: Located) -> Dict[str, Any]:
    fields: Dict[str, Any] = {"path": written_place(value._path), **value._known}
    if isinstance(value, File) and value.sidecars:
        fields["sidecars"] = [_fields_of(side) for side in value.sidecars]
    if isinstance(value, Output) and value.said_type is not None:
        fields["mediaType"] = value.said_type
    return fields


_FLAGS: Tuple[Tuple[str, int], ...] = (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL))

_ARRAYS = {
    "Int8Array": "b",
    "Int16Array": "h",
    "Uint16Array": "H",
    "Int32Array": "i",
    "Uint32Array": "I",
    "Float32Array": "f",
    "Float64Array": "d",
    "BigInt64Array": "q",
    "BigUint64Array": "Q",
}
_TYPE_OF_ARRAY = {code: name for name, code in _ARRAYS.items()}
_TYPE_OF_ARRAY["B"] = "Uint8Array"

#: Makes a function of the name by which it is written; set by the module of functions, which stands above this one.
revive_function: List[Callable[[str, Optional[Mapping[str, Any]]], Any]] = []


def decode(text: str) -> Any:
    """Reads what :func:`encode`, or TypeScript's codec, wrote."""
    # Most values hold no tag.
    return _deep(lambda: _revive(parse(text)) if '"$"' in text else parse(text))


def decode_arguments(text: str) -> List[Any]:
    """Reads a list of arguments: those that were not given are :data:`UNDEFINED`."""
    items = _deep(lambda: [UNDEFINED if item == _WRITTEN_UNDEFINED else _revive(item) for item in parse(text)])
    return items  # type: ignore[no-any-return]


_WRITTEN_UNDEFINED = {"$": "undefined"}


def _revive(json: Any) -> Any:
    if type(json) is list:
        return [_revive(part) if type(part) in _NESTED else part for part in json]
    if type(json) is not dict:
        return json
    tag = json.get("$")
    if tag is None:
        return {key: _revive(part) for key, part in json.items()}
    read = _READERS.get(tag)
    if read is None:
        raise LigaseError(
            "LIGASE_E_UNKNOWN_TAG",
            f"a stored value is of the kind {text_of_string(str(tag))}, unknown here",
            mend="it was written by a newer version: update the Python package ligase",
        )
    return read(json.get("v"))


_NESTED = (list, dict)


def _number(v: Any) -> float:
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}[v]


def _date(v: Any) -> Optional[datetime]:
    # JavaScript's invalid date, and those of the year 10000 and later, are no dates in Python.
    try:
        return None if v == "NaN" else EPOCH + timedelta(milliseconds=v)
    except OverflowError:
        return None


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key


def _map(v: Any) -> Dict[Any, Any]:
    return {_hashable(_revive(key)): _revive(part) for key, part in v}


def _set(v: Any) -> Any:
    items = [_hashable(_revive(part)) for part in v]
    try:
        return set(items)
    except TypeError:  # records cannot be in a set of Python's
        return items


def _regexp(v: Any) -> Any:
    source, letters = v
    flags = sum(flag for letter, flag in _FLAGS if letter in letters)
    try:
        return re.compile(source, flags)
    except re.error:  # JavaScript has forms that Python has not
        return source


def _bytes(v: Any) -> Any:
    kind, text = v
    content = base64.b64decode(text)
    code = _ARRAYS.get(kind)
    return content if code is None else array.array(code, content)


def _learnt(value: Any, v: Mapping[str, Any]) -> Any:
    value._known = {key: v[key] for key in ("hash", "size") if key in v}
    return value


def _file(v: Any, kind: Any = File) -> Any:
    file = _learnt(kind(found_place(v["path"])), v)
    if "sidecars" in v:
        file.sidecars = tuple(_file(side) for side in v["sidecars"])
    return file


def _output(v: Any) -> Any:
    output = _file(v, Output)
    output.said_type = v.get("mediaType")
    return output


def _task(v: Any) -> Any:
    name, options = v if isinstance(v, list) else (v, None)
    return revive_function[0](name, options)


_READERS: Dict[Any, Callable[[Any], Any]] = {
    "object": lambda v: {key: _revive(part) for key, part in v.items()},
    "undefined": lambda v: None,
    "number": _number,
    "bigint": int,
    "date": _date,
    "map": _map,
    "set": _set,
    "regexp": _regexp,
    "url": lambda v: v,
    "error": revive,
    "bytes": _bytes,
    "file": _file,
    "dir": lambda v: _learnt(Dir(found_place(v["path"])), v),
    "output": _output,
    "task": _task,
}
