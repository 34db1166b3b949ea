"""Results of handlers as JSON."""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any, Mapping

from .errors import LigaseError
from .files import Dir, Located
from .handle import Handle

#: Files up to this size go with the result, in bytes.
LARGEST_FILE = 16 * 1024 * 1024


def json_of(value: Any) -> str:
    """What a handler gave, as JSON: dates as ISO 8601, bytes as base64, dataclasses and models as objects, arrays of numpy as
    lists, files up to 16 MB as ``{name, size, data}`` with their content as base64.

    :raises LigaseError: ``LIGASE_E_RESULT`` for what would be lost: NaN, sets, functions, folders
    """
    try:
        return json.dumps(value, allow_nan=False, default=_plain, separators=(",", ":"))
    except RecursionError:
        raise _refused("", "it is nested too deeply", "return a tree of values") from None
    except (TypeError, ValueError):
        # Where it was is found only now: most results have nothing wrong.
        _find(value, "", 0)
        raise


def _plain(value: Any) -> Any:
    kind = type(value)
    if isinstance(value, Handle):
        return value.result()
    if hasattr(kind, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in kind.__dataclass_fields__}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Dir):
        raise TypeError("it is a folder; return its files, or let a task hand it out as an Output")
    if isinstance(value, (Located, os.PathLike)):
        return _file(os.fspath(value))
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return value.tolist()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return value.value
    if (kind.__module__, kind.__name__) in (("decimal", "Decimal"), ("uuid", "UUID"), ("fractions", "Fraction")):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        raise TypeError("it is a set, whose order is not the same each time; return sorted(…)")
    if callable(value):
        raise TypeError("it is a function; return what it computes")
    raise TypeError(f"it is an instance of {kind.__qualname__}; return dicts, lists, numbers and text")


def _file(path: str) -> Any:
    size = os.path.getsize(path)
    if os.path.isdir(path):
        raise TypeError("it is a folder; return its files, or let a task hand it out as an Output")
    if size > LARGEST_FILE:
        raise TypeError(f"it is a file of {size} bytes, and results hold files up to 16 MB; let a task return it as an Output")
    with open(path, "rb") as file:
        data = file.read()
    return {"name": os.path.basename(path), "size": len(data), "data": base64.b64encode(data).decode("ascii")}


def _find(value: Any, path: str, depth: int) -> None:
    """Raises for the first part that JSON does not have, with its place."""
    if isinstance(value, (str, bool, int)) or value is None:
        return
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise _refused(path, f"it is {value}, which JSON does not have", "return None, or leave it out")
        return
    if depth > 500:
        raise _refused(path, "it is nested too deeply, or holds itself", "return a tree of values")
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, (str, int, float, bool)) and key is not None:
                raise _refused(path, f"it has the key {key!r}", "use text for keys")
            _find(part, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            _find(part, f"{path}[{index}]", depth + 1)
    else:
        try:
            plain = _plain(value)
        except TypeError as error:
            says, _, mend = str(error).partition("; ")
            raise _refused(path, says, mend) from None
        _find(plain, path, depth + 1)


def _refused(path: str, says: str, mend: str) -> LigaseError:
    what = f"{path} in the result" if path else "the result"
    return LigaseError("LIGASE_E_RESULT", f"{what} cannot be written as JSON: {says}", mend=mend or None, facts={"path": path})
