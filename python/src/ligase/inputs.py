"""Arguments of handlers, out of the input of a job."""

from __future__ import annotations

import base64
import os
import tempfile
import typing
from typing import Any, Callable, Dict, List, Mapping, Optional, Union
from urllib.parse import unquote, unquote_to_bytes

from .codec import UNDEFINED
from .context import job_context
from .errors import LigaseError
from .files import Dir, File, is_url
from .function import signature_of
from .shapes import hints_of

#: Names the folders whose files the input of a job may name, as ``PATH`` does: who may submit a job may then read them.
FOLDERS = "LIGASE_INPUT_FOLDERS"

#: Makes what is annotated of a part of the input, besides what shapes do; None where there is nothing to do.
Maker = Optional[Callable[[Any], Any]]


class Inputs:
    """Reads inputs for one function."""

    def __init__(self, fn: Callable[..., Any], code_dir: str, enclosed: bool) -> None:
        self._fn = fn
        self._code_dir = code_dir
        self._enclosed = enclosed
        signature = signature_of(fn)
        self._signature = signature
        self._parameters = list(signature.parameters)
        hints = hints_of(fn)
        self._makers: List[Maker] = [self._maker(hints.get(parameter.name)) for parameter in self._parameters]
        self._names = {parameter.name for parameter in self._parameters}
        kinds = [parameter.kind for parameter in self._parameters]
        self._takes_more = any(kind is kind.VAR_KEYWORD for kind in kinds)
        #: Nothing is to be made of what comes.
        self._plain = not any(self._makers) and not any(signature.shapes) and not self._takes_more

    def call(self, given: Any) -> Any:
        """Calls the function with the fields of an input.

        :raises LigaseError: ``LIGASE_E_INPUT`` naming the field that is missing, not known or wrong
        """
        if not isinstance(given, Mapping):
            raise LigaseError("LIGASE_E_INPUT", f"the input must be an object with the fields of {self._fn.__name__}()")
        items: List[Any] = []
        for parameter, maker in zip(self._parameters, self._makers):
            kind = parameter.kind
            if kind is kind.VAR_KEYWORD:
                items.append({key: value for key, value in given.items() if key not in self._names})
                continue
            value = given.get(parameter.name, UNDEFINED)
            if value is UNDEFINED:
                if parameter.default is parameter.empty and kind is not kind.VAR_POSITIONAL:
                    raise _wrong(parameter.name, "is missing")
                items.append([] if kind is kind.VAR_POSITIONAL else value)
                continue
            if kind is kind.VAR_POSITIONAL and not isinstance(value, list):
                raise _wrong(parameter.name, "must be a list")
            if maker is not None:
                value = [maker(item) for item in value] if kind is kind.VAR_POSITIONAL else maker(value)
            items.append(value)
        if not self._takes_more and len(given) > 0:
            for key in given:
                if key not in self._names:
                    raise _wrong(str(key), "is not known", f"known: {', '.join(sorted(self._names))}")
        if not self._plain:
            self._check_shapes(items)
        return self._signature.call(items)

    def _check_shapes(self, items: List[Any]) -> None:
        """Tries what the annotations ask for, so that what does not fit is told by its name."""
        for parameter, shape, item in zip(self._parameters, self._signature.shapes, items):
            if shape is None or item is UNDEFINED:
                continue
            parts = item if parameter.kind is parameter.VAR_POSITIONAL else [item]
            if parameter.kind is parameter.VAR_KEYWORD:
                parts = list(item.values())
            for part in parts:
                try:
                    shape(part)
                except LigaseError:
                    raise
                except Exception as error:
                    raise _wrong(parameter.name, f"does not fit: {error}") from None

    def _maker(self, annotation: Any) -> Maker:
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        name = getattr(origin, "__name__", "")
        if origin is Union or name == "UnionType":
            made = [maker for maker in (self._maker(arg) for arg in args if arg is not type(None)) if maker is not None]
            return made[0] if len(made) == 1 and len(args) == 2 else None
        if hasattr(annotation, "__metadata__"):
            return self._maker(args[0])
        if origin in (list, tuple, set, frozenset) or name in ("Sequence", "Iterable", "Collection"):
            return _of_items(self._maker(args[0]) if args else None)
        if (origin is dict or name == "Mapping") and len(args) == 2:
            return _of_values(self._maker(args[1]))
        if isinstance(annotation, type):
            return self._class_maker(annotation)
        return None

    def _class_maker(self, kind: type) -> Maker:
        if issubclass(kind, (File, Dir)):
            return lambda value: kind(self._place(value, issubclass(kind, File))) if isinstance(value, str) else value
        if kind.__module__.startswith("pathlib"):
            return lambda value: self._place(value, True) if isinstance(value, str) else value
        if kind in (bytes, bytearray):
            return lambda value: kind(base64.b64decode(value)) if isinstance(value, str) else value
        if hasattr(kind, "__dataclass_fields__"):
            return self._fields_maker(kind)
        return None

    def _fields_maker(self, kind: type) -> Maker:
        fields: Dict[str, Maker] = {}
        for name, hint in hints_of(kind).items():
            if hint is not kind:
                fields[name] = self._maker(hint)
        known = {name: maker for name, maker in fields.items() if maker is not None}
        if not known:
            return None

        def make(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            return {name: known[name](part) if name in known else part for name, part in value.items()}

        return make

    def _place(self, given: str, is_file: bool) -> str:
        """Where a file or folder lies that the input names. Whoever may submit a job may not therefore read all that the worker
        can: outside of an environment, only paths in the folder of the code and in those of LIGASE_INPUT_FOLDERS are taken."""
        if is_file and given.startswith("data:"):
            return _content(given)
        if is_url(given):
            return given
        path = unquote(given[len("file://") :]) if given.startswith("file://") else given
        path = os.path.normpath(os.path.join(self._code_dir, path))
        if self._enclosed:
            return path
        real = os.path.realpath(path)
        folders = [self._code_dir, *filter(None, os.environ.get(FOLDERS, "").split(os.pathsep))]
        if any(real.startswith(os.path.join(os.path.realpath(folder), "")) for folder in folders):
            return path
        raise LigaseError(
            "LIGASE_E_INPUT_PATH",
            f"{given} is on the server's machine, in no folder that jobs may name",
            mend=f'send a URL, or the content as a data: URL; or deploy the endpoint with env={{"{FOLDERS}": "/data"}}',
            facts={"path": given},
        )


def _of_items(maker: Maker) -> Maker:
    def make(value: Any) -> Any:
        return [maker(item) for item in value] if maker is not None and isinstance(value, list) else value

    return None if maker is None else make


def _of_values(maker: Maker) -> Maker:
    def make(value: Any) -> Any:
        if maker is None or not isinstance(value, dict):
            return value
        return {key: maker(item) for key, item in value.items()}

    return None if maker is None else make


def _content(url: str) -> str:
    """``data:text/plain;name=reads.fa;base64,Pj…``"""
    about, comma, text = url[len("data:") :].partition(",")
    if not comma:
        raise LigaseError(
            "LIGASE_E_LOCATION", "a data: URL has no comma before its content", mend="write data:;base64,… or data:,text"
        )
    parts = about.split(";")
    said = next((unquote(part[len("name=") :]) for part in parts if part.startswith("name=")), "")
    name = os.path.basename(said)
    # In a folder of its own: two may have one name, and the name counts.
    folder = tempfile.mkdtemp(prefix="ligase-input-")
    path = os.path.join(folder, name if name.strip(".") else "file")
    with open(path, "wb") as file:
        file.write(base64.b64decode(text) if "base64" in parts else unquote_to_bytes(text))
    context = job_context()
    if context is not None:
        context.folders.append(folder)
    return path


def _wrong(field: str, says: str, mend: Optional[str] = None) -> LigaseError:
    return LigaseError("LIGASE_E_INPUT", f"{field} {says}", mend=mend, facts={"field": field})
