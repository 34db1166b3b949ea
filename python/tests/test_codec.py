"""The codec, against the vectors that TypeScript's is tested with too, and what only Python has."""

from __future__ import annotations

import array
import json
import math
import re
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, Iterator, List
from uuid import UUID

import pytest

from ligase import Dir, File, LigaseError, Output, RemoteError, function
from ligase.codec import UNDEFINED, decode, decode_arguments, encode
from ligase.expression import Call, encode_call, encode_value
from ligase.place import here

VECTORS = json.loads((Path(__file__).parents[2] / "test" / "vectors" / "codec.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _project() -> Iterator[None]:
    here.root, here.store_dir = "/project", "/store"
    yield
    here.root = here.store_dir = None


@pytest.mark.parametrize("vector", VECTORS["canonical"], ids=lambda vector: vector["json"][:40])
def test_writes_canonical_json(vector: Any) -> None:
    assert encode(json.loads(vector["json"])) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda vector: vector["text"][:60])
def test_reads_and_writes_tagged_values(vector: Any) -> None:
    assert encode_value(decode(vector["text"])) == vector.get("python", vector["text"])


@pytest.mark.parametrize("vector", VECTORS["calls"], ids=lambda vector: vector["name"])
def test_writes_calls(vector: Any) -> None:
    options = decode(vector["options"]) if "options" in vector else None
    assert encode_call(Call(vector["name"], decode_arguments(vector["args"]), options)) == vector["text"]


class Pending:
    """A handle whose value is not there yet."""

    text = None

    def __init__(self, name: str, args: List[Any]) -> None:
        self.__ligase_call__ = Call(name, args)


def _built(value: Any) -> Any:
    if isinstance(value, list):
        return [_built(part) for part in value]
    if isinstance(value, dict):
        return Pending(value["call"][0], _built(value["call"][1])) if "call" in value else {key: _built(part) for key, part in value.items()}
    return value


@pytest.mark.parametrize("vector", VECTORS["graphs"], ids=lambda vector: vector["why"])
def test_writes_graphs(vector: Any) -> None:
    assert encode_value(_built(vector["value"])) == vector["text"]


def test_reads_numbers_as_javascript_wrote_them() -> None:
    assert type(decode("9007199254740991")) is int
    assert type(decode("9007199254740992")) is float
    assert decode('{"$":"bigint","v":"9007199254740993"}') == 9007199254740993
    assert math.isnan(decode('{"$":"number","v":"NaN"}'))
    assert math.copysign(1, decode('{"$":"number","v":"-0"}')) == -1


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


@dataclass
class Chunk:
    start: int
    tags: List[str] = field(default_factory=list)
    at: Any = None


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "value, text",
    [
        ((1, (2, 3)), "[1,[2,3]]"),
        (Pair(1, "x"), '[1,"x"]'),
        (range(3), "[0,1,2]"),
        (Chunk(1, ["a"], datetime(2024, 1, 1, tzinfo=timezone.utc)), '{"at":{"$":"date","v":1704067200000},"start":1,"tags":["a"]}'),
        (OrderedDict(b=1, a=2), '{"a":2,"b":1}'),
        (defaultdict(int, a=1), '{"a":1}'),
        ({1: "a", "b": 2}, '{"$":"map","v":[[1,"a"],["b",2]]}'),
        ({(1, 2): None}, '{"$":"map","v":[[[1,2],null]]}'),
        (2**53 - 1, "9007199254740991"),
        (2**53, '{"$":"bigint","v":"9007199254740992"}'),
        (-(2**64), '{"$":"bigint","v":"-18446744073709551616"}'),
        (float(2**60), "1152921504606847000"),
        (1e16, "10000000000000000"),
        (True, "true"),
        (Level.HIGH, "3"),
        (Colour.RED, '"red"'),
        (b"\x00\xff", '{"$":"bytes","v":["Uint8Array","AP8="]}'),
        (bytearray(b"a"), '{"$":"bytes","v":["Uint8Array","YQ=="]}'),
        (memoryview(b"a"), '{"$":"bytes","v":["Uint8Array","YQ=="]}'),
        (array.array("d", [1.0]), '{"$":"bytes","v":["Float64Array","AAAAAAAA8D8="]}'),
        (datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), '{"$":"date","v":1704067200000}'),
        (datetime(1969, 12, 31, 23, 59, 59, 999500, tzinfo=timezone.utc), '{"$":"date","v":-1}'),
        (date(2024, 2, 29), '"2024-02-29"'),
        (timedelta(minutes=1), "60"),
        (Decimal("1.10"), '"1.10"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (re.compile("a+", re.I), '{"$":"regexp","v":["a+","i"]}'),
        ("\ud83e\uddec", '"\U0001f9ec"'),
        (File("/project/a.txt"), '{"$":"file","v":{"path":"./a.txt"}}'),
        (File("/store/x").with_sidecars("/store/x.i"), '{"$":"file","v":{"path":"ligase:x","sidecars":[{"path":"ligase:x.i"}]}}'),
        (Dir("/projects"), '{"$":"dir","v":{"path":"/projects"}}'),
        (Output("/project/a.svg", media_type="text/x"), '{"$":"output","v":{"mediaType":"text/x","path":"./a.svg"}}'),
        ([UNDEFINED, 1], '[{"$":"undefined"},1]'),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_writes_what_python_has(value: Any, text: str) -> None:
    assert encode(value) == text


def test_takes_a_time_without_zone_as_that_of_the_machine() -> None:
    at = datetime(2024, 6, 1, 12)
    assert decode(encode(at)) == at.astimezone()


class Scalar:
    """Behaves like those of numpy."""

    dtype = "float32"

    def __init__(self, value: Any) -> None:
        self._value = value

    def tolist(self) -> Any:
        return self._value


def test_writes_arrays_of_numpy_and_its_like() -> None:
    assert encode({"a": Scalar([[1.5, 2.0], [3, 4]]), "b": Scalar(2.5)}) == '{"a":[[1.5,2],[3,4]],"b":2.5}'


def test_writes_arrays_of_numpy_itself() -> None:
    numpy = pytest.importorskip("numpy")
    value = {"v": numpy.arange(3), "f": numpy.float64(1.5), "i": numpy.int64(2**60), "b": numpy.bool_(True), "s": numpy.str_("x")}
    assert encode(value) == '{"b":true,"f":1.5,"i":{"$":"bigint","v":"1152921504606846976"},"s":"x","v":[0,1,2]}'


def test_writes_paths_that_exist(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert decode(encode(tmp_path / "a")) == File(tmp_path / "a")
    assert decode(encode(tmp_path)) == Dir(tmp_path)


def embed(chunk: str) -> int:
    return len(chunk)


def test_writes_functions_by_name() -> None:
    embedder = function(embed)
    assert encode_value([embedder, 1]) == '[{"$":"task","v":"embed"},1]'
    assert decode('{"$":"task","v":"embed"}') is embedder
    with pytest.raises(LigaseError, match="elsewhere is not in this program"):
        decode('{"$":"task","v":"elsewhere"}')("x")


def _refused() -> Any:
    endless: List[Any] = []
    endless.append(endless)
    deep: Any = 1
    for _ in range(1001):
        deep = [deep]
    return [
        ({"a": [{1, 2}]}, 'at ["a"][0]', "it is a set", "sorted(values)"),
        (frozenset(), "", "it is a frozenset", "sorted(values)"),
        (endless, "at [0]", "it contains itself", None),
        (deep, "…", "nested deeper than 1000 levels", None),
        ({"k": object()}, 'at ["k"]', "an instance of object", "dict"),
        ([iter([])], "at [0]", "gives its items once", "list(values)"),
        ({"f": print}, 'at ["f"]', "print is a function", "@function"),
        ([int], "at [0]", "int is a class", None),
        (Path("/nowhere/x"), "", "there is no file /nowhere/x", "str(path)"),
        (1 + 2j, "", "an instance of complex", None),
    ]


@pytest.mark.parametrize("value, at, says, mend", _refused(), ids=lambda value: str(type(value)))
def test_refuses_what_cannot_be_stored(value: Any, at: str, says: str, mend: Any) -> None:
    with pytest.raises(LigaseError) as refused:
        encode(value)
    assert refused.value.code == "LIGASE_E_UNSERIALISABLE"
    assert at in refused.value.message and says in refused.value.message
    assert mend is None or mend in (refused.value.mend or "")


def test_writes_what_is_deep_but_not_too_deep() -> None:
    deep: Any = 1
    for _ in range(1000):
        deep = [deep]
    assert encode(deep) == "[" * 1000 + "1" + "]" * 1000
    text = encode({"a": File("/store/x")})
    for _ in range(900):
        text = f"[{text}]"
    assert encode(decode(text)) == text


def test_names_the_call_in_whose_arguments_it_is() -> None:
    with pytest.raises(LigaseError, match=r"in the arguments of embed\(\): the value at \[0\] cannot be stored"):
        encode_call(Call("embed", [object()]))


def test_says_that_a_kind_is_unknown() -> None:
    with pytest.raises(LigaseError, match='of the kind "tensor", unknown here'):
        decode('{"$":"tensor","v":1}')


def test_revives_errors_as_what_they_are() -> None:
    error = decode('{"$":"error","v":{"name":"KeyError","message":"\'x\'","facts":{"a":1}}}')
    assert isinstance(error, RemoteError) and isinstance(error, KeyError)
    assert (str(error), error.type_name, error.facts) == ("'x'", "KeyError", {"a": 1})
    for name in ("UnicodeDecodeError", "OSError", "FileNotFoundError", "TimeoutError", "ExceptionGroup", "StopIteration", "SystemExit", "MyError", "a b"):
        error = decode(json.dumps({"$": "error", "v": {"name": name, "message": "m"}}))
        assert isinstance(error, RemoteError) and error.type_name == name and str(error) == "m"
    assert isinstance(decode('{"$":"error","v":{"name":"OSError","message":"m"}}'), OSError)
    assert isinstance(decode('{"$":"error","v":{"name":"LigaseError","code":"LIGASE_E_TIMEOUT","message":"m"}}'), TimeoutError)


def test_keeps_what_a_file_is_known_by() -> None:
    file = decode('{"$":"file","v":{"hash":"ab","path":"ligase:a/b.txt","size":3}}')
    assert (file.path, file.name, file.size) == ("/store/a/b.txt", "b.txt", 3)
    assert encode(file.with_sidecars("/store/i")) == '{"$":"file","v":{"hash":"ab","path":"ligase:a/b.txt","sidecars":[{"path":"ligase:i"}],"size":3}}'
