"""What a running function may ask about itself: ``env``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List, Optional

from .place import here


class Environment:
    """Says where the code runs, and what it was given. Outside of a job there is no job, and what the machine has counts."""

    def is_remote(self) -> bool:
        """Does Ligase run this? Not in the program itself, nor in ``f.local()`` there."""
        return here.is_remote()

    @property
    def job(self) -> Optional[str]:
        """The job's id."""
        return os.environ.get("LIGASE_JOB")

    @property
    def attempt(self) -> int:
        """Which attempt it is, counted from 1."""
        return int(os.environ.get("LIGASE_ATTEMPT", "1"))

    @property
    def cpu(self) -> int:
        """How many processors it may use: what to give to ``--threads``."""
        given = os.environ.get("LIGASE_CPU")
        return int(given) if given else os.cpu_count() or 1

    @property
    def memory(self) -> Optional[int]:
        """Bytes of memory that it asked for, if it did."""
        given = os.environ.get("LIGASE_MEMORY")
        return int(given) if given else None

    @property
    def gpus(self) -> List[int]:
        """The GPUs that it may use, by index."""
        given = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        return [int(index) for index in given.split(",") if index.strip().isdigit()]

    @property
    def work_dir(self) -> Path:
        """The directory of the job, which is the current one when it begins; outside, the current one."""
        return Path(here.work_dir or os.getcwd())

    def __repr__(self) -> str:
        return f"<env job={self.job!r} attempt={self.attempt} cpu={self.cpu} work_dir={str(self.work_dir)!r}>"


#: Of this process.
env = Environment()
