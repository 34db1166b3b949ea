"""Options of functions: checked where they stand, and written as TypeScript names them."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Callable, Dict, List, Mapping, NoReturn, Optional

from .errors import LigaseError
from .image import Image
from .volume import Volume, normal_mount

#: Makes what the head reads of what was given, or says (as text in a ValueError) what it should have been.
Reader = Callable[[Any], Any]

_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*\Z", re.IGNORECASE)
_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgt", 1):
    _UNITS.update({_letter: 1000**_power, f"{_letter}b": 1000**_power})
    _UNITS.update({f"{_letter}i": 1024**_power, f"{_letter}ib": 1024**_power})
_DURATION = re.compile(r"\s*(\d+(\.\d+)?\s*(ms|s|m|min|h|d|w)\s*)+\Z")
_GPU = re.compile(r"[A-Za-z][\w .-]*(:[1-9]\d*)?\Z", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_MIB = 1024**2


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> Any:
    if isinstance(value, str) and value != "":
        return value
    raise ValueError("text")


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    raise ValueError("True or False")


def _cpu(value: Any) -> Any:
    if isinstance(value, str) and re.match(r"\d+m\Z", value):  # thousandths, as Kubernetes and Beam write them
        value = int(value[:-1]) / 1000
    if _number(value) and value > 0:
        return value
    raise ValueError("a number above 0")


def _amount(what: str) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, str):
            match = _AMOUNT.match(value)
            if match and match[2].lower() in _UNITS and float(match[1]) > 0:
                return value
        elif _number(value) and value > 0:
            if value < _MIB:
                # Elsewhere 1024 would be MiB: a thousand bytes is never what was meant.
                raise ValueError(f'an amount with its unit, "{value:g}Mi" (a number alone is bytes)')
            return math.ceil(value)
        raise ValueError(what)

    return read


def _gpu(value: Any) -> Any:
    if isinstance(value, str) and _GPU.match(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError('how many GPUs (2), which kind ("A100"), or both ("A100:2")')


def _duration(value: Any) -> Any:
    if (_number(value) and value > 0) or (isinstance(value, str) and _DURATION.match(value)):
        return value
    raise ValueError('a duration: seconds, or text such as "2h"')


def _whole(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("a whole number from 0")


def _processes(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise ValueError("a whole number from 1")


_RETRY: Dict[str, Reader] = {
    "times": _whole,
    "delay": lambda value: value if value == 0 else _duration(value),
    "factor": lambda value: value if _number(value) and value >= 1 else _wrong(),
    "maxDelay": _duration,
}


def _wrong() -> NoReturn:
    raise ValueError


def _retries(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, Mapping):
        written = {"maxDelay" if key == "max_delay" else key: part for key, part in value.items()}
        try:
            if "times" in written:
                return {key: _RETRY[key](part) for key, part in written.items()}
        except (KeyError, ValueError):
            pass
    raise ValueError('a whole number, or {"times": 3, "delay": "10s", "factor": 2, "max_delay": "5 min"}')


def _image(value: Any) -> Any:
    if isinstance(value, Image):
        return value.for_python().described()
    raise ValueError('an Image: Image(python_packages=["biopython"])')


def _volumes(value: Any) -> Any:
    mounts: Dict[str, Any] = {}
    if isinstance(value, Mapping):
        pairs = [(normal_mount(at), volume) for at, volume in value.items()]
    elif isinstance(value, (list, tuple)):
        pairs = [(getattr(volume, "mount_path", ""), volume) for volume in value]
    else:
        pairs = [("", None)]
    for at, volume in pairs:
        if not isinstance(volume, Volume):
            raise ValueError('a list of volumes: [Volume(name="seq", mount_path="./seq")]')
        if at in mounts:
            raise ValueError(f"volumes at different places: two are at {at}")
        mounts[at] = volume.described()
    return mounts


def _secrets(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and _VARIABLE.match(name) for name in value):
        return list(value)
    raise ValueError('names of secrets, which are names of variables too: ["NCBI_API_KEY"]')


def _texts(value: Any) -> Any:
    if isinstance(value, Mapping) and all(isinstance(part, str) for pair in value.items() for part in pair):
        return dict(value)
    raise ValueError('a dict of texts: {"LANG": "C.UTF-8"}')


def _limits(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and name for name in value):
        return list(value)
    if isinstance(value, Mapping) and all(isinstance(name, str) and _number(n) and n > 0 for name, n in value.items()):
        return dict(value)
    raise ValueError('names of limits: ["ncbi"], or {"ncbi": 2}')


def _check(value: Any) -> Any:
    if value in ("full", "shallow"):
        return value
    raise ValueError('"full" or "shallow"')


def _priority(value: Any) -> Any:
    if _number(value):
        return value
    raise ValueError("a number")


_memory = _amount('an amount, such as "32Gi" or "500 MB"')
#: Of each option: what makes of it what the head reads.
READERS: Dict[str, Reader] = {
    "name": _text,
    "version": _text,
    "cache": _flag,
    "check": _check,
    "cpu": _cpu,
    "memory": _memory,
    "gpu": _gpu,
    "disk": _memory,
    "processes": _processes,
    "image": _image,
    "network": _flag,
    "volumes": _volumes,
    "secrets": _secrets,
    "executor": _text,
    "timeout": _duration,
    "retries": _retries,
    "limits": _limits,
    "priority": _priority,
    "tags": _texts,
    "env": _texts,
}
#: May be a function of the attempt, counted from 1.
_PER_ATTEMPT = frozenset({"cpu", "memory", "gpu", "disk", "timeout"})
#: What a call may not change: they say what the function is.
_OF_DEFINITION = frozenset({"name", "image"})
#: What people know from elsewhere, and its name here.
_ELSEWHERE = {
    "gpu_count": 'say it with the kind: gpu="A100:2"',
    "mem": 'write memory="4Gi"',
    "cpus": "write cpu=4",
    "packages": 'write image=Image(python_packages=["…"])',
    "python_packages": 'write image=Image(python_packages=["…"])',
    "max_retries": "write retries=3",
    "retry": "write retries=3",
    "concurrency": "how many run at once follows from what they ask for, and from limits=[…]",
    "workers": "how many run at once follows from what they ask for, and from limits=[…]",
}


def read_options(given: Mapping[str, Any], function: str, *, at_call: bool = False) -> Dict[str, Any]:
    """Checks options, and gives them as data under the names that they have in TypeScript.

    An option that is None counts as absent.

    :raises LigaseError: ``LIGASE_E_OPTION``, naming the option and what it should have been
    """
    kept: Dict[str, Any] = {}
    for option, value in given.items():
        reader = READERS.get(option)
        if reader is None:
            _unknown(option, function)
        if at_call and option in _OF_DEFINITION:
            raise LigaseError(
                "LIGASE_E_OPTION",
                f"{option} of {function} cannot be changed at a call",
                mend=f"give it where {function} is decorated: @function({option}=…)",
            )
        if value is None:
            continue
        try:
            if callable(value) and option in _PER_ATTEMPT:
                if at_call:
                    raise ValueError("a value: a call is data, and a function is not")
                kept[option] = _attempts(value, reader, _times(given.get("retries")))
            else:
                kept[option] = reader(value)
        except ValueError as error:
            more = ", or a function of the attempt: lambda attempt: …" if option in _PER_ATTEMPT and not at_call else ""
            raise LigaseError(
                "LIGASE_E_OPTION",
                f"the option {option} of {function} should be {error}{more}; it is {_shown(value)}",
                facts={"task": function, "option": option},
            ) from None
    return kept


def _times(retries: Any) -> int:
    times = retries.get("times", 0) if isinstance(retries, Mapping) else retries
    return times if isinstance(times, int) and 0 <= times <= 100 else 0


def _attempts(value: Callable[[int], Any], reader: Reader, times: int) -> Any:
    """The values for all attempts: the head has no Python to ask."""
    values: List[Any] = []
    for attempt in range(1, times + 2):
        values.append(reader(value(attempt)))
    return values[0] if len(values) == 1 else {"attempts": values}


def _unknown(option: str, function: str) -> NoReturn:
    from difflib import get_close_matches

    mend = _ELSEWHERE.get(option)
    if mend is None:
        near = get_close_matches(option, READERS, 1)
        mend = f"did you mean {near[0]}?" if near else f"options are: {', '.join(READERS)}"
    raise LigaseError(
        "LIGASE_E_OPTION",
        f"the options of {function} have no {json.dumps(option)}",
        mend=mend,
        facts={"task": function, "option": option},
    )


def _shown(value: object) -> str:
    return "a function" if callable(value) else repr(value)
