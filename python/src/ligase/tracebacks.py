"""Tracebacks as Python prints them, without the frames of this package."""

from __future__ import annotations

import importlib
import os
import traceback
from types import TracebackType
from typing import Optional, Set

from .place import here

_OURS = (
    os.path.dirname(os.path.abspath(__file__)) + os.sep,
    os.path.dirname(str(importlib.__file__)) + os.sep,
    "<frozen importlib",
    "<frozen runpy",
)


#: How Python begins to print a RemoteTraceback.
_QUOTED = 'ligase.errors.RemoteTraceback: \n"""\n'


def _is_ours(filename: str) -> bool:
    return filename.startswith(_OURS)


def traceback_text(error: BaseException) -> str:
    """What Python would print of an error, with the user's lines, and with paths as the user knows them."""
    told = traceback.TracebackException.from_exception(error)
    _strip(told, set())
    # What was raised elsewhere is not quoted: it reads as what was raised here.
    return "".join(told.format()).replace(_QUOTED, "").replace('\n"""\n', "\n")


def _strip(told: traceback.TracebackException, seen: Set[int]) -> None:
    if id(told) in seen:
        return
    seen.add(id(told))
    told.stack = traceback.StackSummary.from_list(
        [_shown(frame) for frame in told.stack if not _is_ours(frame.filename)]
    )
    # Of a SyntaxError: where it was found is no frame.
    if isinstance(getattr(told, "filename", None), str):
        told.filename = _known_path(str(told.filename))
    for part in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if part is not None:
            _strip(part, seen)


def _shown(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    frame.line  # read now, from where it lies
    frame.filename = _known_path(frame.filename)
    return frame


def _known_path(path: str) -> str:
    """The copy of the code that a run works on stands for the project."""
    code, root = here.code, here.root
    if code is None or root is None or not path.startswith(code + os.sep):
        return path
    return os.path.join(root, path[len(code) + 1 :])


def without_ours(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """A traceback without the frames of this package."""
    if trace is None:
        return None
    rest = without_ours(trace.tb_next)
    if _is_ours(trace.tb_frame.f_code.co_filename):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
