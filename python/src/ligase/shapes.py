"""What annotations say of values: JSON keeps no floats that are whole, no tuples, no classes."""

from __future__ import annotations

import sys
import typing
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

#: Makes what was annotated of what came; None stands for "leave it as it is".
Shape = Callable[[Any], Any]

_known: Dict[Any, Optional[Shape]] = {}
_LISTS = ("list", "Sequence", "MutableSequence", "Iterable", "Collection", "Iterator")
_DICTS = ("dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict")


def shape_of(annotation: Any) -> Optional[Shape]:
    """How a value becomes what is annotated; None where nothing is to be done."""
    # By identity: annotations of other packages may compare in ways of their own.
    if annotation is None or isinstance(annotation, str) or any(annotation is plain for plain in _PLAIN):
        return None
    try:
        if annotation in _known:
            return _known[annotation]
    except TypeError:  # cannot be hashed: Literal[[…]], Annotated[…, []]
        return None
    _known[annotation] = None  # a class that holds itself is met again below
    shape = _known[annotation] = _made(annotation)
    return shape


def hints_of(value: Any) -> Dict[str, Any]:
    """The annotations of a function or a class, evaluated; without those that cannot be."""
    try:
        return typing.get_type_hints(value)
    except Exception:  # a name that is imported for type checkers only, or a form of a newer Python
        pass
    kept: Dict[str, Any] = {}
    names = vars(sys.modules.get(getattr(value, "__module__", ""), typing))
    for name, annotation in getattr(value, "__annotations__", {}).items():
        try:
            # Twice where it was quoted in a module whose annotations are all put off.
            for _ in range(2):
                annotation = eval(annotation, dict(names)) if isinstance(annotation, str) else annotation
        except Exception:
            continue
        kept[name] = annotation
    return kept


def _made(annotation: Any) -> Optional[Shape]:
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _generic(annotation, origin, typing.get_args(annotation))
    if annotation is float:
        return _float
    supertype = getattr(annotation, "__supertype__", None)  # NewType
    if supertype is not None:
        return shape_of(supertype)
    if isinstance(annotation, type):
        return _class(annotation)
    return None


def _float(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _generic(annotation: Any, origin: Any, args: Tuple[Any, ...]) -> Optional[Shape]:
    name = getattr(origin, "__name__", "")
    if origin is Union or name == "UnionType":
        return _union([arg for arg in args if arg is not type(None)])
    if hasattr(annotation, "__metadata__"):  # Annotated
        return shape_of(args[0])
    if name in ("set", "frozenset", "Set", "AbstractSet", "MutableSet"):
        return _each(frozenset if name == "frozenset" else set, args[0] if args else Any)
    if name == "tuple":
        if len(args) == 2 and args[1] is Ellipsis:
            return _each(tuple, args[0])
        return _tuple([shape_of(arg) for arg in args])
    if name in _LISTS and args:
        inner = shape_of(args[0])
        if args[0] is float:
            return lambda value: list(map(float, value)) if _all_numbers(value) else _items(value, _float)
        return None if inner is None else partial(_items, inner=inner)
    if name in _DICTS and len(args) == 2:
        keys, values = shape_of(args[0]), shape_of(args[1])
        if keys is None and values is None:
            return None
        return lambda value: _entries(value, keys or _same, values or _same)
    return _class(origin) if isinstance(origin, type) else None


def _same(value: Any) -> Any:
    return value


def _all_numbers(value: Any) -> bool:
    return isinstance(value, list) and set(map(type, value)) <= {int, float}


def _items(value: Any, inner: Shape) -> Any:
    return [inner(item) for item in value] if isinstance(value, list) else value


def _optional(value: Any, inner: Shape) -> Any:
    return None if value is None else inner(value)


def _entries(value: Any, keys: Shape, values: Shape) -> Any:
    return {keys(key): values(part) for key, part in value.items()} if isinstance(value, dict) else value


def _each(kind: Callable[[List[Any]], Any], of: Any) -> Shape:
    inner = shape_of(of) or _same
    return lambda value: kind([inner(item) for item in value]) if isinstance(value, (list, set)) else value


def _tuple(inner: List[Optional[Shape]]) -> Shape:
    def shape(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            return tuple(value) if isinstance(value, list) else value
        return tuple(part(item) if part else item for part, item in zip(inner, value))

    return shape


def _union(members: List[Any]) -> Optional[Shape]:
    if len(members) == 1:
        inner = shape_of(members[0])
        return None if inner is None else partial(_optional, inner=inner)
    # Which member was meant is guessed only where there is no doubt.
    return _float if float in members and int not in members else None


def _class(kind: type) -> Optional[Shape]:
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        return _dataclass(kind, fields)
    if hasattr(kind, "model_fields") and hasattr(kind, "model_validate"):
        validate = getattr(kind, "model_validate")
        return lambda value: validate(value) if isinstance(value, dict) else value
    if issubclass(kind, tuple):
        return _namedtuple(kind) if hasattr(kind, "_fields") else lambda value: _as(tuple, value, list)
    if issubclass(kind, dict):
        return _typed_dict(kind) if hasattr(kind, "__total__") else None
    if kind in (set, frozenset):
        return lambda value: _as(kind, value, list)
    if kind is bytearray:
        return lambda value: _as(bytearray, value, bytes)
    return _standard(kind)


def _as(kind: Any, value: Any, given: Any) -> Any:
    return kind(value) if isinstance(value, given) else value


def _dataclass(kind: Any, fields: Any) -> Shape:
    hints: Dict[str, Optional[Shape]] = {}
    ready = False

    def shape(value: Any) -> Any:
        nonlocal ready
        if not isinstance(value, dict):
            return value
        if not ready:
            hints.update({name: shape_of(hint) for name, hint in hints_of(kind).items()})
            ready = True
        parts = {name: _shaped(hints.get(name), part) for name, part in value.items()}
        later = {name: parts.pop(name) for name in list(parts) if name in fields and not fields[name].init}
        made = kind(**parts)
        for name, part in later.items():
            object.__setattr__(made, name, part)
        return made

    return shape


def _shaped(shape: Optional[Shape], value: Any) -> Any:
    return value if shape is None else shape(value)


def _namedtuple(kind: Any) -> Shape:
    inner = [shape_of(hints_of(kind).get(field)) for field in kind._fields]

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return kind(**value)
        return kind(*map(_shaped, inner, value)) if isinstance(value, list) else value

    return shape


def _typed_dict(kind: Any) -> Optional[Shape]:
    hints = {name: shape_of(hint) for name, hint in hints_of(kind).items()}
    if not any(hints.values()):
        return None
    return lambda value: (
        {name: _shaped(hints.get(name), part) for name, part in value.items()} if isinstance(value, dict) else value
    )


def _standard(kind: Any) -> Optional[Shape]:
    """Classes of the standard library. Only those that are imported can have been annotated."""
    module, name = kind.__module__, kind.__name__
    enum = sys.modules.get("enum")
    if enum is not None and issubclass(kind, enum.Enum):
        return lambda value: value if isinstance(value, kind) else kind(value)
    if module.startswith("pathlib"):
        return lambda value: kind(value) if isinstance(value, str) or hasattr(value, "__fspath__") else value
    if module == "datetime" and name in ("datetime", "date", "time"):
        return lambda value: kind.fromisoformat(value) if isinstance(value, str) else value
    if module == "datetime" and name == "timedelta":
        return lambda value: kind(seconds=value) if isinstance(value, (int, float)) else value
    if module in ("decimal", "uuid", "fractions") and name in ("Decimal", "UUID", "Fraction"):
        return lambda value: kind(value) if isinstance(value, (str, int)) else value
    return None


_PLAIN = (Any, int, str, bool, bytes, object, list, dict, type(None))
