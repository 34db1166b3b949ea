"""The page for Python users: what it shows is a program that runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
ANSWERS = """
def evaluate(name, args):
    def gc(text):
        if not text:
            raise Failure(name="ZeroDivisionError", message="division by zero")
        return (text.count("G") + text.count("C")) / len(text)
    return gc(args[0]) if name == "gc" else [gc(text) for text in ["ACGT", "GGCC"]]
"""


@pytest.mark.skipif(not PAGE.exists(), reason="the package stands alone here, without Ligase's pages")
def test_what_the_page_shows_runs(program: Any) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 7
    ran = program(ANSWERS)
    done = ran.run("\n".join(blocks))
    assert (done.stdout, done.stderr) == ("[0.5, 1.0]\n0.5\nfailed\n", "")
    told = {function["name"]: function["options"] for message in ran.heard() for function in message.get("functions", [])}
    # What is decorated later is told with the next call, of which there is none.
    assert set(told) == {"gc", "main"}
