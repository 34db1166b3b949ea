"""What a job used of a process that has had others."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any, Dict, List, Optional, Set

if sys.platform != "win32":
    import resource

#: ru_maxrss is in KiB, but for macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Meter:
    """Begins to measure when it is made."""

    def __init__(self, enclosed: bool) -> None:
        self._enclosed = enclosed
        self._threads = set(threading.enumerate())
        self._reset = _reset_peak()
        self._highest = _highest(resource.RUSAGE_SELF)
        self._highest_child = _highest(resource.RUSAGE_CHILDREN)
        self._cpu = _cpu()
        self._begun = time.perf_counter()

    def read(self) -> Dict[str, Any]:
        """What was used since it was made."""
        measured = {
            "wallMs": (time.perf_counter() - self._begun) * 1000,
            "cpuMs": max(0.0, (_cpu() - self._cpu) * 1000),
            "peakMemory": self._peak(),
        }
        left = self._left()
        return {**measured, "leftovers": left} if left else measured

    def _peak(self) -> Optional[int]:
        own = _peak() if self._reset else None
        if own is None:
            now = _highest(resource.RUSAGE_SELF)
            own = now if now > self._highest else None
        # Of the children only the largest ever is known: it counts where this job had it.
        child = _highest(resource.RUSAGE_CHILDREN)
        return max(own or 0, child) if child > self._highest_child else own

    def _left(self) -> List[str]:
        """What the job left running, and would be there beside the next one."""
        threads = [
            f"thread {thread.name}"
            for thread in threading.enumerate()
            if thread not in self._threads and not thread.daemon and thread.is_alive()
        ]
        return threads + _processes(self._enclosed)


def _cpu() -> float:
    times = os.times()
    # Finer than os.times() for this process itself.
    return time.process_time() + times.children_user + times.children_system


def _highest(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * _RSS_UNIT


def _reset_peak() -> bool:
    """Lets the kernel count the peak of resident memory anew, where it can."""
    try:
        with open("/proc/self/clear_refs", "wb", 0) as file:
            file.write(b"5")
        return True
    except OSError:
        return False


def _peak() -> Optional[int]:
    try:
        with open("/proc/self/status", "rb", 0) as file:
            status = file.read()
    except OSError:
        return None
    at = status.find(b"VmHWM:")
    return None if at < 0 else int(status[at + 6 : status.index(b"kB", at)]) * 1024


def _processes(enclosed: bool) -> List[str]:
    """The processes that still run: children, or in an environment all but those that keep it."""
    me = os.getpid()
    try:
        if enclosed:
            pids = {int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, me, os.getppid()}
        else:
            pids = set()
            for task in os.listdir("/proc/self/task"):
                with open(f"/proc/self/task/{task}/children", "rb", 0) as file:
                    pids.update(map(int, file.read().split()))
    except (OSError, ValueError):
        return []
    return [name for name in map(_process, pids - _trackers()) if name is not None]


def _trackers() -> Set[int]:
    # A helper of multiprocessing that ends with its process, and harms nobody.
    module = sys.modules.get("multiprocessing.resource_tracker")
    pid = getattr(getattr(module, "_resource_tracker", None), "_pid", None)
    return {pid} if isinstance(pid, int) else set()


def _process(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
            stat = file.read()
    except OSError:
        return None
    end = stat.rindex(")")
    return None if stat[end + 2] in "ZX" else f"{stat[stat.index('(') + 1 : end]} ({pid})"
