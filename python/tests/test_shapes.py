"""What annotations make of what JSON could keep."""

from __future__ import annotations

import sys
import typing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, NewType, Optional, Sequence, Set, Tuple, TypedDict, Union
from uuid import UUID

import pytest

from ligase import File
from ligase.shapes import hints_of, shape_of


class Strand(Enum):
    PLUS = "+"


class Locus(NamedTuple):
    chrom: str
    score: float


class Record(TypedDict, total=False):
    id: str
    score: float


@dataclass
class Tree:
    name: str
    children: List[Tree] = field(default_factory=list)
    strand: Optional[Strand] = None
    depth: int = field(init=False, default=0)


Score = NewType("Score", float)
NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)

CASES = [
    (float, 2, 2.0),
    (float, True, True),
    (Optional[float], 2, 2.0),
    (Optional[float], None, None),
    (Union[float, str], 2, 2.0),
    (Union[int, float], 2, 2),
    (List[float], [1, 2.5], [1.0, 2.5]),
    (Sequence[float], [1, None], [1.0, None]),
    (List[List[float]], [[1], []], [[1.0], []]),
    (Dict[str, float], {"a": 1}, {"a": 1.0}),
    (Mapping[int, Strand], {1: "+"}, {1: Strand.PLUS}),
    (Tuple[int, float], [1, 2], (1, 2.0)),
    (Tuple[float, ...], [1, 2], (1.0, 2.0)),
    (tuple, [1, 2], (1, 2)),
    (Set[str], ["a"], {"a"}),
    (FrozenSet[float], [1], frozenset({1.0})),
    (set, [1], {1}),
    (bytearray, b"a", bytearray(b"a")),
    (Strand, "+", Strand.PLUS),
    (Locus, ["chr1", 3], Locus("chr1", 3.0)),
    (Record, {"id": "a", "score": 1, "more": 2}, {"id": "a", "score": 1.0, "more": 2}),
    (
        Tree,
        {"name": "a", "children": [{"name": "b", "strand": "+"}], "depth": 0},
        Tree("a", [Tree("b", [], Strand.PLUS)]),
    ),
    (Score, 1, 1.0),
    (date, "2024-02-29", date(2024, 2, 29)),
    (datetime, "2024-01-01T12:00:00+00:00", NOON),
    (datetime, NOON, NOON),
    (timedelta, 90, timedelta(seconds=90)),
    (Decimal, "1.10", Decimal("1.10")),
    (Fraction, "1/3", Fraction(1, 3)),
    (UUID, str(UUID(int=1)), UUID(int=1)),
    (Path, "/a/b", Path("/a/b")),
    (Path, File("/a/b"), Path("/a/b")),
    (typing.Annotated[float, "mm"], 2, 2.0),
    (typing.Literal[1, "a"], 1, 1),
    (Any, 1, 1),
    (int, 1, 1),
    ("unknown", 1, 1),
]


@pytest.mark.parametrize("annotation, given, wanted", CASES, ids=lambda value: str(value)[:40])
def test_makes_what_is_annotated(annotation: Any, given: Any, wanted: Any) -> None:
    shape = shape_of(annotation)
    made = given if shape is None else shape(given)
    assert made == wanted and type(made) is type(wanted)
    if isinstance(wanted, (list, tuple)):
        assert [type(part) for part in made] == [type(part) for part in wanted]


@pytest.mark.parametrize("annotation", [annotation for annotation, _, _ in CASES], ids=lambda value: str(value)[:40])
def test_leaves_alone_what_is_something_else(annotation: Any) -> None:
    shape = shape_of(annotation)
    other = object()
    if shape is not None and annotation is not Strand:
        assert shape(other) is other


def test_leaves_out_annotations_that_cannot_be_evaluated() -> None:
    def f(a: float, b: Unknown, c: "List[float]") -> NotThere: ...  # type: ignore[name-defined]  # noqa: F821

    assert hints_of(f) == {"a": float, "c": List[float]}


@pytest.mark.skipif(sys.version_info < (3, 10), reason="X | Y is newer")
def test_knows_new_unions() -> None:
    shape = shape_of(eval("float | None"))
    assert shape is not None and shape(1) == 1.0 and shape(None) is None
