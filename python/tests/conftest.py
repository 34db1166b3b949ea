from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Iterator

import pytest

from fake_head import Evaluate, Program, WorkerProcess
from ligase.function import registry


@pytest.fixture
def folder() -> Iterator[Path]:
    """A fresh folder whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="lg-") as name:
        yield Path(name).resolve()


@pytest.fixture
def worker(folder: Path) -> Iterator[Any]:
    """Starts a worker; ends it with the test."""
    started = []

    def start(source: str = "", evaluate: Any = None) -> WorkerProcess:
        process = WorkerProcess(folder, evaluate)
        process.write("app.py", source)
        started.append(process)
        return process

    yield start
    for process in started:
        process.process.kill()
        process.process.wait()
        process.connection.close()


@pytest.fixture
def program(folder: Path) -> Any:
    """A program with a head of its own, which answers as some Python source says."""
    return lambda answers: Program(folder, answers)


@pytest.fixture(autouse=True)
def _no_functions() -> Iterator[None]:
    """Each test decorates anew."""
    registry.clear()
    yield
    registry.clear()


__all__ = ["Evaluate"]
