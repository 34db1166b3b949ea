"""Endpoints as they are declared and described."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_server import SRC
from ligase import Image, LigaseError, Volume, endpoint, function, web

APP = '''
from dataclasses import dataclass
from typing import Annotated, Dict, List, Literal, Optional, Tuple
from pathlib import Path
from ligase import Dir, File, endpoint, function, web
import helper

@dataclass
class Node:
    name: str
    children: "List[Node]"
    weight: float = 1.0

@function(cpu=2, memory="4Gi")
def task(n: int) -> int: return n

@endpoint(min_workers=1, idle_timeout="60s", scaler={"queue_delay": 2}, name="fold")
def fold_it(seq: str, tree: Node, reads: File, out: Dir, mode: Literal["a", "b"] = "a", pair: Optional[Tuple[int, str]] = None,
            ks: Dict[str, List[int]] = {}, note: Annotated[str, "What to say"] = "", raw: bytes = b"", **more: float):
    """Folds."""
    yield 1

of_task = endpoint(task)
legacy = endpoint(command=["python", "-u", "h.py"], gpu="A100:2")
site = web(command=["serve", "$PORT"], public=True, health_path="/up")
print("not part of the answer")
'''


def task() -> None:
    """A function at the top of a module."""


def describe(folder: Path, app: str) -> Any:
    """Describes an app in a process of its own."""
    (folder / "app.py").write_text(app)
    (folder / "helper.py").write_text("")
    program = [sys.executable, "-m", "ligase.describe_app", "--root", str(folder), str(folder / "app.py")]
    done = subprocess.run(program, env={"PYTHONPATH": SRC}, stdout=subprocess.PIPE, check=False)
    return done.returncode, json.loads(done.stdout)


def test_describes_the_endpoints_of_an_app(folder: Path) -> None:
    status, told = describe(folder, APP)
    assert status == 0
    fold, of_task, legacy, site = told["endpoints"]
    schema = fold.pop("input")
    assert fold == {
        "kind": "queue",
        "name": "fold",
        "export": "fold_it",
        "module": "app.py",
        "command": None,
        "file": str(folder / "app.py"),
        "line": fold["line"],
        "doc": "Folds.",
        "options": {"minWorkers": 1, "idleTimeout": "60s", "scaler": {"queueDelay": 2}, "name": "fold"},
        "parameters": ["seq", "tree", "reads", "out", "mode", "pair", "ks", "note", "raw", "more"],
        "generator": True,
    }
    assert schema["required"] == ["seq", "tree", "reads", "out"]
    assert schema["additionalProperties"] == {"type": "number"}
    fields = schema["properties"]
    node = {"type": "array", "items": {}}
    assert fields["tree"] == {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": node, "weight": {"type": "number"}},
        "required": ["name", "children"],
        "additionalProperties": False,
    }
    assert fields["reads"] == {"type": "string", "format": "path"}
    assert fields["out"]["contentMediaType"] == "inode/directory"
    assert fields["mode"] == {"type": "string", "enum": ["a", "b"], "default": "a"}
    pair = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2}
    assert fields["pair"] == {"anyOf": [pair, {"type": "null"}]}
    assert fields["ks"]["additionalProperties"] == {"type": "array", "items": {"type": "integer"}}
    assert fields["note"] == {"type": "string", "description": "What to say", "default": ""}
    assert fields["raw"] == {"type": "string", "contentEncoding": "base64"}
    # What the task asks for, its endpoint does too.
    assert (of_task["name"], of_task["options"], of_task["parameters"]) == ("of-task", {"cpu": 2, "memory": "4Gi"}, ["n"])
    assert (legacy["command"], legacy["options"], legacy["input"]) == (["python", "-u", "h.py"], {"gpu": "A100:2"}, None)
    assert (site["kind"], site["command"], site["options"]) == ("web", ["serve", "$PORT"], {"healthPath": "/up", "public": True})
    assert [each["name"] for each in told["functions"]] == ["task"]
    assert told["files"] == [str(folder / "app.py"), str(folder / "helper.py")]


def test_says_why_an_app_cannot_be_described(folder: Path) -> None:
    status, told = describe(folder, "from ligase import endpoint\n@endpoint(max_worker=1)\ndef f(): pass\n")
    assert status == 1
    assert told["error"]["code"] == "LIGASE_E_OPTION" and told["error"]["mend"] == "did you mean max_workers?"


def test_is_the_function_when_it_is_called() -> None:
    @endpoint(max_workers=2)
    def double(n: int) -> int:
        """Doubles."""
        return n * 2

    assert double(4) == 8 and double.__name__ == "double" and double.__doc__ == "Doubles."
    with pytest.raises(TypeError, match="over HTTP"):
        endpoint(command=["x"])()


@pytest.mark.parametrize(
    "options, says",
    [
        ({"name": "a_b"}, "a name: letters, digits and dashes"),
        ({"max_workers": 0}, "a whole number from 1"),
        ({"scaler": {"queue_delay": 1, "request_count": 1}}, "queue_delay"),
        ({"idle_timeout": "soon"}, "a duration"),
        ({"on_start": 3}, "should be a function"),
        ({"command": "python h.py"}, "program and arguments"),
    ],
)
def test_refuses_options_that_cannot_be(options: Any, says: str) -> None:
    with pytest.raises(LigaseError, match=says) as refused:
        endpoint(**options)(lambda: None)
    assert refused.value.code == "LIGASE_E_OPTION"


def test_refuses_what_is_no_function() -> None:
    made: Any = endpoint
    with pytest.raises(LigaseError, match="was given the class Image"):
        made(Image)
    with pytest.raises(LigaseError, match="health_path"):
        web(command=["x"], health_path="up")


def test_writes_volumes_and_images_as_typescript_reads_them() -> None:
    decorated: Any = function(image=Image.debian("12"), cpu=4)(task)
    made = endpoint(volumes={"/data": Volume("w", read_only=True)}, cpu=1)(decorated)
    assert made.options == {
        "volumes": {"/data": {"volume": "w", "readOnly": True}},
        "cpu": 1,
        "image": {"layers": [{"debian": "12"}, {"python": "3.11"}]},
    }
