"""Where this process is: the project, the store, and the job it runs, if any."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional


class Place:
    """What is known of the surroundings. There is one of it in a process: :data:`here`."""

    def __init__(self) -> None:
        #: The project's folder, and the store's; known once the head is.
        self.root: Optional[str] = None
        self.store_dir: Optional[str] = None
        #: Is this a worker's process?
        self.in_worker = False
        #: The job's own directory, while one runs.
        self.work_dir: Optional[str] = None
        #: Where the code lies that the job runs: paths below it stand for those below the root.
        self.code: Optional[str] = None
        #: The module that is being imported, for a worker or to be described.
        self.importing: Optional[str] = None
        #: Volumes that the job sees: their names by the absolute paths where they are mounted.
        self.mounts: Dict[str, str] = {}
        #: Copies of files that are URLs, by URL.
        self.fetched: Dict[str, str] = {}
        #: Evaluates what this process asks for; a Head.
        self.head: Optional[Any] = None

    def is_remote(self) -> bool:
        """Does this process run functions for the head? While it imports their modules, too."""
        return self.in_worker

    def absolute(self, path: str) -> str:
        """A path as an absolute one. Relative ones count from the current directory; while modules are imported for a
        job, from the project, as they would where the program began."""
        if self.importing is not None and self.root is not None:
            return os.path.normpath(os.path.join(self.root, path))
        return os.path.abspath(path)


#: Of this process.
here = Place()
