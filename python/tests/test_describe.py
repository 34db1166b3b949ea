"""`python3 -m ligase.describe`: what the head is told of an app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fake_head import SRC


def describe(folder: Path, *arguments: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "ligase.describe", *arguments],
        env={**os.environ, "PYTHONPATH": SRC},
        capture_output=True,
        text=True,
        cwd=folder,
    )


def test_lists_functions_of_the_app_and_its_modules(folder: Path) -> None:
    (folder / "apps").mkdir()
    (folder / "apps" / "steps.py").write_text("from ligase import function\n\n@function(cpu=2)\ndef step(n): ...\n")
    (folder / "apps" / "app.py").write_text(
        'import sys\nfrom ligase import function\nimport steps\nprint("imported")\n'
        '@function\ndef main():\n    """Runs all."""\nif __name__ == "__main__":\n    sys.exit(1)\n'
    )
    done = describe(folder, "apps/app.py")
    assert (done.returncode, done.stderr) == (0, "imported\n")
    told = json.loads(done.stdout)
    assert told == {
        "functions": [
            {
                "name": "step",
                "module": "apps/steps.py",
                "function": "step",
                "file": str(folder / "apps" / "steps.py"),
                "line": 3,
                "doc": None,
                "options": {"cpu": 2},
            },
            {
                "name": "main",
                "module": "apps/app.py",
                "function": "main",
                "file": str(folder / "apps" / "app.py"),
                "line": 5,
                "doc": "Runs all.",
                "options": {},
            },
        ]
    }
    inner = json.loads(describe(folder, "--root", str(folder / "apps"), "apps/app.py").stdout)
    assert [function["module"] for function in inner["functions"]] == ["steps.py", "app.py"]


def test_describes_the_same_file_once_when_it_imports_itself(folder: Path) -> None:
    (folder / "app.py").write_text("from ligase import function\n@function\ndef main(): ...\nimport other\n")
    (folder / "other.py").write_text("import app\n")
    assert [function["name"] for function in json.loads(describe(folder, "app.py").stdout)["functions"]] == ["main"]


def test_shows_why_an_app_cannot_be_imported(folder: Path) -> None:
    (folder / "app.py").write_text("import helper\n")
    (folder / "helper.py").write_text("def f():\n    return {}['x']\nf()\n")
    done = describe(folder, "app.py")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1 and error["code"] == "LIGASE_E_PYTHON"
    assert error["message"] == "app.py cannot be imported: KeyError: 'x'"
    assert [line for line in error["stack"].splitlines() if "^" not in line and "~" not in line] == [
        "Traceback (most recent call last):",
        f'  File "{folder}/app.py", line 1, in <module>',
        "    import helper",
        f'  File "{folder}/helper.py", line 3, in <module>',
        "    f()",
        f'  File "{folder}/helper.py", line 2, in f',
        "    return {}['x']",
        "KeyError: 'x'",
    ]


def test_says_what_is_wrong_with_an_option(folder: Path) -> None:
    (folder / "app.py").write_text("from ligase import function\n@function(memroy='1Gi')\ndef main(): ...\n")
    error = json.loads(describe(folder, "app.py").stdout)["error"]
    assert (error["code"], error["mend"]) == ("LIGASE_E_OPTION", "did you mean memory?")
    assert f'File "{folder}/app.py", line ' in error["stack"]


def test_says_when_there_is_no_app(folder: Path) -> None:
    done = describe(folder, "gone.py")
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["message"] == "there is no gone.py"
    assert describe(folder).returncode == 2
