"""Modules by the path of their file: as ``python app.py`` finds them, in a folder of code."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Dict, List, Optional, Tuple

from .errors import LigaseError, facts_of
from .place import here
from .tracebacks import traceback_text

_imported: Dict[Tuple[str, str], ModuleType] = {}
_added: List[str] = []
_code: Optional[str] = None


def module_at(code: str, path: str) -> ModuleType:
    """Imports the module of a file, once for each folder of code.

    :param code: the folder that holds the project's files
    :param path: of the module's file, relative to it
    :raises LigaseError: ``LIGASE_E_PYTHON`` when it cannot be imported
    """
    global _code
    if _code is not None and _code != code:
        _forget(_code)
    _code = code
    known = _imported.get((code, path))
    if known is not None:
        return known
    file = os.path.join(code, path)
    if not os.path.isfile(file):
        raise LigaseError("LIGASE_E_PYTHON", f"there is no {path}", mend="check its path", facts={"module": path})
    here.importing = file
    try:
        module = _import(code, file)
    except SystemExit as error:
        raise _not_imported(path, error, f"it ends the interpreter: sys.exit({error.code!r})") from None
    except Exception as error:
        raise _not_imported(path, error, f"{type(error).__name__}: {error}") from error
    finally:
        here.importing = None
    _imported[(code, path)] = module
    return module


def _not_imported(path: str, error: BaseException, why: str) -> ImportFailure:
    if isinstance(error, LigaseError) and error.code is not None:
        # What is wrong with an option is said best by what found it.
        told = ImportFailure(error.code, error.message, mend=error.mend, facts=error.facts)
    else:
        told = ImportFailure("LIGASE_E_PYTHON", f"{path} cannot be imported: {why}", mend=_mend(error))
    told.facts["exception"] = type(error).__name__
    told.stack = traceback_text(error)
    return told


def _mend(error: BaseException) -> Optional[str]:
    name = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and name:
        package = str(name).partition(".")[0]
        return f'if {package} is a package, add it to the image: Image(python_packages=["{package}"])'
    return None


class ImportFailure(LigaseError):
    """A module of the user's raised when it was imported. ``stack`` shows where."""

    stack: str = ""


def failure_facts(error: BaseException) -> Dict[str, object]:
    """An error as plain data, with the traceback of the user's lines."""
    if isinstance(error, ImportFailure):
        return {**facts_of(error, error.stack), "name": "LigaseError"}
    if isinstance(error, SystemExit):
        told = LigaseError("LIGASE_E_PYTHON", f"the function called sys.exit({error.code!r})", mend="return, or raise an error")
        return facts_of(told, traceback_text(error))
    return facts_of(error, traceback_text(error))


def _import(code: str, file: str) -> ModuleType:
    # As pytest does: the folder above all packages that the module is in is where its imports begin.
    base, names = os.path.dirname(file), [os.path.splitext(os.path.basename(file))[0]]
    while os.path.isfile(os.path.join(base, "__init__.py")) and base != code:
        names.insert(0, os.path.basename(base))
        base = os.path.dirname(base)
    for folder in (code, base):
        if folder not in sys.path[:1]:
            if folder in _added:
                sys.path.remove(folder)
            sys.path.insert(0, folder)
            _added.append(folder)
    if names[-1] == "__init__" and len(names) > 1:
        names.pop()
    name = ".".join(names)
    known = sys.modules.get(name)
    if known is None and all(part.isidentifier() for part in names):
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        if _is_of(module, file):
            return module
    elif known is not None and _is_of(known, file):
        return known
    return _load(file, name)


def _is_of(module: ModuleType, file: str) -> bool:
    of = getattr(module, "__file__", None)
    return of is not None and os.path.realpath(of) == os.path.realpath(file)


def _load(file: str, name: str) -> ModuleType:
    """Loads a file under a name of its own, where its name is taken (``random.py``) or is none (``my-app.py``)."""
    own = f"_ligase_{abs(hash(file)):x}_{''.join(letter if letter.isalnum() else '_' for letter in name)}"
    spec = importlib.util.spec_from_file_location(own, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[own] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[own]
        raise
    return module


def _forget(code: str) -> None:
    """Takes back what was imported from a folder of code."""
    from .function import registry

    for folder in _added:
        if folder in sys.path:
            sys.path.remove(folder)
    _added.clear()
    _imported.clear()
    registry.clear()
    below = os.path.join(os.path.realpath(code), "")
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and os.path.realpath(file).startswith(below):
            del sys.modules[name]
