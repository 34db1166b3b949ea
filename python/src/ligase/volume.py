"""Volumes: named folders that persist, and that functions share."""

from __future__ import annotations

import os
import re
from typing import Any, Dict

from .errors import LigaseError
from .files import Dir, File

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*\Z", re.ASCII)


class Volume:
    """A volume, and where a function sees it.

    A path below the job's directory (``"./seq"``), or in an image an absolute one.

    >>> Volume(name="seq", mount_path="./seq")
    Volume('seq', './seq')
    """

    def __init__(self, name: str, mount_path: str = "", *, read_only: bool = False) -> None:
        if not isinstance(name, str) or not _NAME.match(name) or len(name) > 63:
            raise LigaseError(
                "LIGASE_E_VOLUME",
                f"{name!r} is no name of a volume",
                mend="a name has up to 63 letters, digits, dots, dashes and underscores, and begins with a letter or a digit",
            )
        if not isinstance(read_only, bool):
            raise LigaseError("LIGASE_E_OPTION", f"read_only of the volume {name} should be True or False; it is {read_only!r}")
        self.name = name
        self.mount_path = normal_mount(mount_path or f"./{name}")
        self.read_only = read_only

    def file(self, path: str) -> File:
        """A file in it, as a value: given to a function, its content counts for the cache."""
        return File(self._place(path))

    def dir(self, path: str = "") -> Dir:
        """A folder in it, or all of it, as a value."""
        return Dir(self._place(path) if path else f"ligase:volumes/{self.name}")

    def _place(self, path: str) -> str:
        inside = os.path.normpath(path)
        if os.path.isabs(inside) or inside in (".", "..") or inside.startswith("../") or "\0" in inside:
            raise LigaseError(
                "LIGASE_E_VOLUME",
                f"{path!r} leads out of the volume {self.name}",
                mend="give a path inside of it: volume.file('genomes/NC_005816.gb')",
            )
        return f"ligase:volumes/{self.name}/{inside}"

    def described(self) -> Dict[str, Any]:
        """As TypeScript writes it."""
        return {"volume": self.name, "readOnly": self.read_only}

    def __repr__(self) -> str:
        more = ", read_only=True" if self.read_only else ""
        return f"Volume({self.name!r}, {self.mount_path!r}{more})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Volume) and repr(other) == repr(self)

    def __hash__(self) -> int:
        return hash(repr(self))


def normal_mount(path: object) -> str:
    """A place to mount something: ``./seq`` or ``/data/seq``.

    :raises LigaseError: ``LIGASE_E_OPTION``
    """
    if isinstance(path, str) and path != "" and "\0" not in path and ".." not in path.split("/"):
        normal = os.path.normpath(path)
        if normal not in (".", "/", "//"):
            return normal if normal.startswith("/") else f"./{normal}"
    raise LigaseError(
        "LIGASE_E_OPTION",
        f"a volume cannot be mounted at {path!r}",
        mend='give a path below the directory of the job, "./seq", or in an image an absolute one, "/data/seq"',
    )
