"""The package's types: strict inside, and right for those who use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]

USER = """
from typing import List
from ligase import Function, Image, Results, Volume, function

@function(image=Image(python_packages=["numpy"]), cpu=2, memory=lambda attempt: attempt * 2**30, volumes=[Volume("seq")])
def embed(chunk: str, size: int = 4) -> List[float]:
    return [float(size)]

@function
def main() -> int:
    return 1

reveal_type(embed.remote("A", size=2))
reveal_type(embed("A"))
reveal_type(embed.map(["A"]))
reveal_type([vector for vector in embed.map(["A"])])
reveal_type(main.spawn().result())
reveal_type(main.local())
embed.remote(3)
embed.remote()
function(memroy="1Gi")
"""


def _mypy(*arguments: str) -> str:
    pytest.importorskip("mypy")
    env = {**os.environ, "MYPYPATH": str(PACKAGE / "src")}
    command = [sys.executable, "-m", "mypy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=PACKAGE, env=env).stdout


def test_is_strict(tmp_path: Path) -> None:
    assert "Success" in _mypy("--cache-dir", str(tmp_path))


def test_tells_users_what_they_get(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(USER)
    said = _mypy("--cache-dir", str(tmp_path / "cache"), "--strict", str(tmp_path / "user.py"))
    lines = [line.split(":", 2)[2].strip().replace("builtins.", "").replace("typing.", "") for line in said.splitlines() if "user.py" in line]
    assert [line for line in lines if "Revealed" in line] == [
        f'note: Revealed type is "{kind}"'
        for kind in ("list[float]", "list[float]", "ligase.results.Results[list[float]]", "list[list[float]]", "int", "int")
    ]
    errors = [line for line in lines if line.startswith("error")]
    assert 'Argument 1 to "remote" of "Function" has incompatible type "int"; expected "str"' in errors[0]
    assert 'Missing positional argument "chunk"' in errors[1] and '"function"' in errors[2]
