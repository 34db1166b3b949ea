"""The wheel: built, installed with pip in a fresh environment, and used there."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__", ".*"))
    # With what is installed, where it is: then no package index is needed.
    here = all(importlib.util.find_spec(name) for name in ("setuptools", "wheel"))
    isolation = ["--no-build-isolation"] if here else []
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *isolation, "--wheel-dir", str(folder), str(source)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_has_the_version_of_ligase() -> None:
    from ligase import __version__

    assert f'version = "{__version__}"' in (PACKAGE / "pyproject.toml").read_text()
    assert json.loads((PACKAGE.parent / "package.json").read_text())["version"] == __version__


def test_is_pure_and_has_all_modules(wheel: Path) -> None:
    assert wheel.name.startswith("ligase-") and wheel.name.endswith("-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {f"ligase/{path.name}" for path in (PACKAGE / "src" / "ligase").iterdir() if path.is_file()}
    assert modules <= names
    # Nothing but the package: no tests, no folder of another name.
    assert {name.split("/")[0] for name in names} == {"ligase", f"{wheel.name[: -len('-py3-none-any.whl')]}.dist-info"}
    metadata = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert "Requires-Python: >=3.9" in metadata and "Requires-Dist" not in metadata


def test_installs_and_runs_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)], check=True)
    (tmp_path / "app.py").write_text("from ligase import function\n@function\ndef f(n): return n + 1\nprint(f.local(1))\n")
    ran = subprocess.run([str(python), "-I", str(tmp_path / "app.py")], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("2\n", "")
    said = subprocess.run([str(python), "-m", "ligase.describe", "app.py"], cwd=tmp_path, capture_output=True, text=True)
    assert '"name": "f"' in said.stdout
