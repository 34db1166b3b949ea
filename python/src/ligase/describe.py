"""``python3 -m ligase.describe [--root <project>] app.py``: which functions an app has, as JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable, Dict, List

from .errors import LigaseError


def described(app: str, root: str) -> Dict[str, Any]:
    """Imports an app, and describes its functions and those of the modules that it imports.

    :param root: the project's folder; the app lies in it
    """
    from .function import registry
    from .modules import module_at
    from .place import here

    here.root = os.path.realpath(root)
    file = os.path.realpath(app)
    if not os.path.isfile(file):
        raise LigaseError("LIGASE_E_PYTHON", f"there is no {app}", mend="check its path")
    inside = os.path.relpath(file, here.root)
    code = os.path.dirname(file) if inside.startswith("..") else here.root
    module_at(code, os.path.relpath(file, code))
    return {"functions": [function.described(here.root) for function in registry.values()]}


def tell(module: str, describe: Callable[[str, str], Dict[str, Any]], arguments: List[str]) -> int:
    """Writes what ``describe`` says of an app as JSON, or the error that it raised: what a module's program is.

    ``describe`` is given the path of the app and the folder of the project.
    """
    root = os.getcwd()
    if arguments[:1] == ["--root"] and len(arguments) > 1:
        root, arguments = arguments[1], arguments[2:]
    if len(arguments) != 1:
        print(f"usage: python3 -m {module} [--root <project>] app.py", file=sys.stderr)
        return 2
    # What the app prints is not ours to mix with the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        told = describe(arguments[0], root)
    except BaseException as error:
        from .modules import failure_facts

        told = {"error": failure_facts(error)}
    sys.stdout.flush()
    with answer:
        answer.write(json.dumps(told) + "\n")
    return 1 if "error" in told else 0


if __name__ == "__main__":
    sys.exit(tell("ligase.describe", described, sys.argv[1:]))
