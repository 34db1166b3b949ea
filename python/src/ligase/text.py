"""Numbers and texts as JavaScript writes them: what is hashed has one form, whoever wrote it."""

from __future__ import annotations

import json
import re
from typing import Any, List, Sequence

#: The largest whole number that JavaScript's numbers hold without doubt.
SAFE = 2**53 - 1

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_SURROGATE = re.compile("[\ud800-\udfff]")


def text_of_string(value: str) -> str:
    """A text with its quotes. Halves of a surrogate pair are joined, and escaped where they stand alone."""
    written = _quoted(value)
    if value.isascii() or not _SURROGATE.search(value):
        return written
    joined = written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", joined)


def text_of_int(value: int) -> str:
    """A whole number; one that JavaScript's numbers cannot hold is written as its bigint."""
    if -SAFE <= value <= SAFE:
        return int.__repr__(value)
    return f'{{"$":"bigint","v":"{int.__repr__(value)}"}}'


def text_of_float(value: float) -> str:
    """A number with a fraction: the shortest digits that give it back, laid out as ECMAScript says."""
    text = float.__repr__(value)
    if text.endswith(".0"):
        return '{"$":"number","v":"-0"}' if text == "-0.0" else text[:-2]
    if "e" in text:
        return _from_exponent(text)
    if "n" in text:
        word = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]
        return f'{{"$":"number","v":"{word}"}}'
    # Python turns to exponents below 1e-4 and from 1e16 on, JavaScript below 1e-6 and from 1e21 on.
    return text


def _from_exponent(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    mantissa, _, power = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    # The value is 0.digits × 10^point.
    point = int(power) + len(whole)
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    exponent = point - 1
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def text_of_floats(values: Sequence[float]) -> str:
    """Many numbers with a comma between them: most of them Python writes as JavaScript does."""
    parts: List[str] = list(map(float.__repr__, values))
    text = ",".join(parts)
    if "e" in text or "n" in text or ".0," in text or text.endswith(".0"):
        return ",".join(map(text_of_float, values))
    return text


def sorted_keys(keys: Any) -> List[str]:
    """Texts in the order of their UTF-16 code units, which is JavaScript's."""
    names: List[str] = sorted(keys)
    if all(map(str.isascii, names)):
        return names
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


_LONG_NUMBER = re.compile(r"\d{16}")


def _whole(digits: str) -> Any:
    value = int(digits)
    return value if -SAFE <= value <= SAFE else float(digits)


def parse(text: str) -> Any:
    """Reads JSON. A whole number beyond the safe ones was a number with a fraction to JavaScript, and is one here."""
    if _LONG_NUMBER.search(text):
        return json.loads(text, parse_int=_whole)
    return json.loads(text)
