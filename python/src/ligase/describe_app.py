"""``python3 -m ligase.describe_app [--root <project>] app.py``: which endpoints an app has, as one JSON object on stdout.

    {
      "endpoints": [{
        "kind": "queue" | "web",
        "name": "fold-protein",           what it is called in URLs: the option, else the variable, with - for _
        "export": "fold_protein",         the variable in the app, for a worker's program: {module, function}
        "module": "app.py",               relative to the project
        "command": null | ["python", …],  null: the function answers
        "file": "/…/app.py", "line": 12,  where the function stands; null and 0 of a command
        "doc": "…" | null,
        "options": {…},                   those that were given, named and written as in src/apps/types.ts (without onStart)
        "parameters": ["sequence", …] | null,
        "input": {…JSON Schema…} | null,
        "generator": true | false
      }],
      "functions": [{…}],                 tasks that handlers may call, as `ligase.describe` lists them
      "files": ["/…/app.py", …]           the modules of the project that were imported
    }

What the app prints goes to stderr. When it cannot be imported: ``{"error": {…ErrorFacts}}`` and exit status 1.
"""

from __future__ import annotations

import inspect
import os
import sys
from typing import Any, Dict, List, Optional

from .describe import tell
from .errors import LigaseError


def described(app: str, root: str) -> Dict[str, Any]:
    """Imports an app, and describes its endpoints.

    :param root: the project's folder; the app lies in it
    """
    from .endpoint import Endpoint
    from .function import registry
    from .modules import module_at
    from .place import here

    here.root = os.path.realpath(root)
    file = os.path.realpath(app)
    if not os.path.isfile(file):
        raise LigaseError("LIGASE_E_PYTHON", f"there is no {app}", mend="check its path")
    module = os.path.relpath(file, here.root)
    if module.startswith(".."):
        raise LigaseError("LIGASE_E_PYTHON", f"{app} lies outside of the project {root}", mend="name the project with --root")
    loaded = module_at(here.root, module)
    found = [(name, value) for name, value in vars(loaded).items() if isinstance(value, Endpoint)]
    return {
        "endpoints": [_endpoint(name, value, module) for name, value in found],
        "functions": [function.described(here.root) for function in registry.values()],
        "files": _files(here.root),
    }


def _endpoint(export: str, value: Any, module: str) -> Dict[str, Any]:
    options = dict(value.options)
    command = options.pop("command", None)
    told: Dict[str, Any] = {
        "kind": value.kind,
        "name": options.get("name") or export.strip("_").replace("_", "-"),
        "export": export,
        "module": module,
        "command": command,
        "file": None,
        "line": 0,
        "doc": None,
        "options": options,
        "parameters": None,
        "input": None,
        "generator": False,
    }
    if value.fn is not None:
        from .function import file_of, signature_of
        from .schema import input_schema

        signature = signature_of(value.fn)
        told.update(
            file=file_of(value.fn),
            line=value.fn.__code__.co_firstlineno,
            doc=inspect.getdoc(value.fn),
            parameters=[parameter.name for parameter in signature.parameters],
            input=input_schema(value.fn),
            generator=inspect.isgeneratorfunction(value.fn) or inspect.isasyncgenfunction(value.fn),
        )
    return told


def _files(root: str) -> List[str]:
    below = os.path.join(root, "")
    found = set()
    for module in list(sys.modules.values()):
        file: Optional[str] = getattr(module, "__file__", None)
        path = os.path.realpath(file) if file else ""
        inside = path[len(below) :] if path.startswith(below) else ""
        # Packages that are installed below the project are of the environment.
        if inside and not {"site-packages", "node_modules"} & set(inside.split(os.sep)):
            found.add(path)
    return sorted(found)


if __name__ == "__main__":
    sys.exit(tell("ligase.describe_app", described, sys.argv[1:]))
