"""Places as they are written: relative to the store or the project, so that both can be moved; see ``src/files/codec.ts``."""

from __future__ import annotations

import os
from typing import Optional

from .files import is_url
from .place import here


def written_place(path: str) -> str:
    """The place of a file or folder, relative to a volume, the store or the project where it lies in one."""
    if path.startswith("ligase:") or is_url(path):
        return path
    for at, volume in here.mounts.items():
        inside = _within(at, path)
        if inside is not None:
            return f"ligase:volumes/{volume}/{inside}"
    if here.work_dir is not None and _within(here.work_dir, path) is not None:
        real = os.path.realpath(path)
        # A volume that is mounted by a link: its files stay where they are.
        if here.store_dir is not None:
            volumes = os.path.join(os.path.realpath(here.store_dir), "volumes")
            inside = _within(volumes, real)
            if inside is not None:
                return f"ligase:volumes/{inside}"
    if here.store_dir is not None:
        inside = _within(here.store_dir, path)
        if inside is not None:
            return f"ligase:{inside}"
    if here.root is not None:
        inside = _within(here.root, path)
        if inside is not None:
            return f"./{inside}"
    return path


def _within(folder: str, path: str) -> Optional[str]:
    """A path relative to a folder, if it lies in it."""
    start = folder if folder.endswith("/") else f"{folder}/"
    return path[len(start) :] if path.startswith(start) and len(path) > len(start) else None


def found_place(place: str) -> str:
    """Where a written place is on this machine."""
    if place.startswith("./") and here.root is not None:
        return os.path.join(here.root, place[2:])
    if place.startswith("ligase:") and here.store_dir is not None:
        return os.path.join(here.store_dir, place[7:])
    return place
