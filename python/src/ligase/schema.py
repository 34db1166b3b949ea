"""JSON Schema of a function's input, from its annotations: what is checked before a job is taken in."""

from __future__ import annotations

import json
import sys
import typing
from typing import Any, Callable, Dict, List, Tuple, Union

from .files import Dir, File
from .function import signature_of
from .shapes import hints_of

JsonSchema = Dict[str, Any]


def input_schema(fn: Callable[..., Any]) -> JsonSchema:
    """The schema of an object with a field for each parameter."""
    hints = _hints(fn)
    properties: Dict[str, JsonSchema] = {}
    required: List[str] = []
    more: Any = False
    for parameter in signature_of(fn).parameters:
        schema = schema_of(hints.get(parameter.name, Any))
        if parameter.kind is parameter.VAR_KEYWORD:
            more = schema or True
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            schema = {"type": "array", "items": schema}
        elif parameter.default is parameter.empty:
            required.append(parameter.name)
        elif parameter.default is None:
            schema = _or_null(schema)
        elif _is_json(parameter.default):
            schema = {**schema, "default": parameter.default}
        properties[parameter.name] = schema
    made: JsonSchema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties}
    if required:
        made["required"] = required
    made["additionalProperties"] = more
    return made


def _hints(value: Any) -> Dict[str, Any]:
    """The annotations with what `Annotated` says of them."""
    try:
        return typing.get_type_hints(value, include_extras=True)
    except Exception:  # one that cannot be evaluated: the others count
        return hints_of(value)


def schema_of(annotation: Any, within: Tuple[Any, ...] = ()) -> JsonSchema:
    """The schema of a type; an empty one, which takes everything, where nothing is known of it."""
    plain = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
    try:
        kind = plain.get(annotation)
    except TypeError:  # cannot be hashed
        return {}
    if kind is not None:
        return {"type": kind}
    if annotation is None:
        return {"type": "null"}
    # A class that holds itself.
    if annotation in within:
        return {}
    within = (*within, annotation)
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _generic(annotation, origin, typing.get_args(annotation), within)
    supertype = getattr(annotation, "__supertype__", None)  # NewType
    if supertype is not None:
        return schema_of(supertype, within)
    return _class(annotation, within) if isinstance(annotation, type) else {}


def _generic(annotation: Any, origin: Any, args: Tuple[Any, ...], within: Tuple[Any, ...]) -> JsonSchema:
    name = getattr(origin, "__name__", "")
    if origin is typing.Literal:
        kinds = {type(value) for value in args}
        kind = {str: "string", int: "integer"}.get(kinds.pop()) if len(kinds) == 1 else None
        return {**({"type": kind} if kind else {}), "enum": list(args)}
    if origin is Union or name == "UnionType":
        return {"anyOf": [schema_of(arg, within) for arg in args]}
    if hasattr(annotation, "__metadata__"):  # Annotated
        described = next((text for text in annotation.__metadata__ if isinstance(text, str)), None)
        return {**schema_of(args[0], within), **({"description": described} if described else {})}
    if name == "tuple" and not (len(args) == 2 and args[1] is Ellipsis):
        items = [schema_of(arg, within) for arg in args]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if origin in (list, tuple, set, frozenset) or name in ("Sequence", "Iterable", "Collection", "Iterator"):
        return {"type": "array", "items": schema_of(args[0], within)}
    if origin is dict or name in ("Mapping", "MutableMapping"):
        return {"type": "object", "additionalProperties": schema_of(args[1], within) if len(args) == 2 else {}}
    return {}


def _class(kind: Any, within: Tuple[Any, ...]) -> JsonSchema:
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        missing = sys.modules["dataclasses"].MISSING
        hints = _hints(kind)
        made = {name: field for name, field in fields.items() if field.init}
        needed = [n for n, field in made.items() if field.default is missing and field.default_factory is missing]
        return _object({name: schema_of(hints.get(name, Any), within) for name in made}, needed)
    if hasattr(kind, "model_json_schema"):  # pydantic: it may refer to definitions of its own
        whole: JsonSchema = getattr(kind, "model_json_schema")()
        return {"type": "object"} if "$defs" in whole else whole
    if hasattr(kind, "__total__"):  # TypedDict
        hints = _hints(kind)
        return _object({name: schema_of(hint, within) for name, hint in hints.items()}, sorted(kind.__required_keys__))
    if issubclass(kind, Dir):
        return {"type": "string", "format": "path", "contentMediaType": "inode/directory"}
    if issubclass(kind, File) or kind.__module__.startswith("pathlib"):
        return {"type": "string", "format": "path"}
    if kind in (bytes, bytearray):
        return {"type": "string", "contentEncoding": "base64"}
    enum = sys.modules.get("enum")
    if enum is not None and issubclass(kind, enum.Enum):
        return {"enum": [member.value for member in kind]}
    if kind in (list, tuple, set, frozenset):
        return {"type": "array"}
    if kind is dict:
        return {"type": "object"}
    if kind.__module__ == "datetime" and kind.__name__ in ("datetime", "date", "time"):
        # `fromisoformat` takes more than the standard's "date-time": with a time zone and without one.
        return {"type": "string", **({"format": "date"} if kind.__name__ == "date" else {})}
    return {"type": "string", "format": "uuid"} if (kind.__module__, kind.__name__) == ("uuid", "UUID") else {}


def _object(properties: Dict[str, JsonSchema], required: List[str]) -> JsonSchema:
    made: JsonSchema = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    return {**made, "additionalProperties": False}


def _or_null(schema: JsonSchema) -> JsonSchema:
    """`x: int = None`, as many write it."""
    if not schema or schema.get("type") == "null" or {"type": "null"} in schema.get("anyOf", []):
        return schema
    return {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
