"""Calls as text, as ``src/expr/wire.ts`` says: a flat graph, in which a shared call is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from .codec import encode
from .errors import LigaseError
from .text import text_of_string

if TYPE_CHECKING:
    from .handle import Handle


class Call:
    """A function, by its name, applied to arguments: they may hold handles of other calls."""

    __slots__ = ("args", "name", "options")

    def __init__(self, name: str, args: List[Any], options: Optional[Mapping[str, Any]] = None) -> None:
        self.name = name
        self.args = args
        self.options = options


class _Graph:
    def __init__(self) -> None:
        self.texts: List[str] = []
        self._numbers: Dict[str, int] = {}

    def add(self, call: Call) -> int:
        """Numbers a call after those that it depends on; calls that are equal are one."""
        head = f'["call",{text_of_string(call.name)}'
        try:
            args = encode(call.args, self._replace)
        except LigaseError as error:
            if error.code == "LIGASE_E_UNSERIALISABLE":
                message = f"in the arguments of {call.name}(): {error.message}"
                raise LigaseError(error.code, message, mend=error.mend, facts=error.facts) from None
            raise
        options = f",{encode(call.options)}" if call.options else ""
        text = f"{head},{args}{options}]"
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def _replace(self, value: Any) -> Optional[str]:
        call = getattr(value, "__ligase_call__", None)
        if isinstance(call, Call):
            handle: Handle[Any] = value
            # What it gave is as good as the call, and shorter.
            if handle.text is not None:
                return handle.text
            return f'{{"$":"ref","v":{self.add(call)}}}'
        name = getattr(value, "__ligase_task__", None)
        if isinstance(name, str) and not isinstance(value, type):
            options = getattr(value, "_call_options", None)
            written = f"[{text_of_string(name)},{encode(options)}]" if options else text_of_string(name)
            return f'{{"$":"task","v":{written}}}'
        return None


    def written(self, value: str) -> str:
        if not self.texts:
            return value
        return f'{{"$":"expr","nodes":[{",".join(self.texts)}],"value":{value}}}'


def encode_value(value: Any) -> str:
    """Writes a value in which functions may stand, as their names, and handles, as their calls."""
    graph = _Graph()
    return graph.written(encode(value, graph._replace))


def encode_call(call: Call) -> str:
    """Writes a call.

    >>> encode_call(Call("download", ["NC_005816"]))
    '{"$":"expr","nodes":[["call","download",["NC_005816"]]],"value":{"$":"ref","v":0}}'
    """
    graph = _Graph()
    number = graph.add(call)
    return graph.written(f'{{"$":"ref","v":{number}}}')
