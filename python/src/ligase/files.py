"""Files as values: what a function takes and what it hands on."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any, Dict, Iterator, Optional, Tuple, Union
from urllib.parse import unquote, urlsplit

from .errors import LigaseError
from .place import here

Location = Union[str, "os.PathLike[str]"]


def is_url(location: str) -> bool:
    return location.startswith(("http://", "https://", "s3://"))


def _located(location: Location) -> str:
    if isinstance(location, Located):
        return location.path
    path = os.fspath(location)
    if not isinstance(path, str) or path == "":
        raise LigaseError(
            "LIGASE_E_LOCATION", f"{path!r} is no place of a file", mend="give a path or a URL: File('reads.fastq.gz')"
        )
    if is_url(path) or path.startswith("ligase:"):
        return path
    if path.startswith("file:"):
        path = unquote(urlsplit(path).path)
    return here.absolute(path)


class Located:
    """What files and folders have in common: they are somewhere, and ``os.fspath``, ``open`` and ``pathlib`` take them."""

    def __init__(self, location: Location) -> None:
        self._path = _located(location)
        #: Hash and size, where the head has told them.
        self._known: Dict[str, Any] = {}

    @property
    def path(self) -> str:
        """Its absolute path, or its URL."""
        if not self._path.startswith("ligase:"):
            return self._path
        if here.store_dir is None:
            raise LigaseError(
                "LIGASE_E_NO_FILE",
                f"where {self._path[7:]} lies is not known yet",
                mend="it is known in a function that runs, and after the first call of .remote()",
            )
        return os.path.join(here.store_dir, self._path[7:])

    @property
    def name(self) -> str:
        """The last part of its path."""
        path = unquote(urlsplit(self._path).path) if is_url(self._path) else self._path
        return os.path.basename(path.rstrip("/"))

    def exists(self) -> bool:
        """Tells whether it is there."""
        return os.path.exists(self.path)

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self._path if self._path.startswith("ligase:") else self.path

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and str(other) == str(self)

    def __hash__(self) -> int:
        return hash(str(self))


class File(Located):
    """A file. For the cache it counts by its name and content, never by where it lies.

    It is a path to everything in Python: ``open(file)``, ``pysam.AlignmentFile(file)``, ``Path(file)``. A relative path counts
    from the current directory: in a running function that is the job's own.

    >>> File("reads.fastq.gz").name
    'reads.fastq.gz'
    """

    def __init__(self, location: Location) -> None:
        super().__init__(location)
        #: Files that travel with it and lie beside it: the index of a reference.
        self.sidecars: Tuple[File, ...] = ()
        self._fetched: Optional[str] = None

    def with_sidecars(self, *files: Location) -> File:
        """The same file with others that travel with it: ``File("ref.fa").with_sidecars("ref.fa.fai")``."""
        copy = File(self)
        copy._known = dict(self._known)
        added = tuple(file if isinstance(file, File) else File(file) for file in files)
        copy.sidecars = self.sidecars + added
        return copy

    def __fspath__(self) -> str:
        if not is_url(self._path):
            return self.path
        if self._fetched is None or not os.path.exists(self._fetched):
            # The head's side fetched what was given as an argument.
            self._fetched = here.fetched.get(self._path) or _fetch(self._path, self.name)
        return self._fetched

    @property
    def size(self) -> int:
        """Its size in bytes."""
        known = self._known.get("size")
        return known if isinstance(known, int) else os.stat(self).st_size

    def open(self, mode: str = "r", **options: Any) -> IO[Any]:
        """Opens it, as the function ``open`` does."""
        if any(letter in mode for letter in "wax+"):
            self._known = {}
        return open(self, mode, **options)

    def read_bytes(self) -> bytes:
        """Its content as it is."""
        with open(self, "rb") as file:
            return file.read()

    def read_text(self) -> str:
        """Its text: gzip decompressed, UTF-8, without a byte order mark."""
        with self._plain() as file:
            return file.read()

    def lines(self) -> Iterator[str]:
        """Its lines, without their ends: gzip decompressed, files of any size."""
        with self._plain() as file:
            for line in file:
                yield line.rstrip("\r\n")

    def json(self) -> Any:
        """Its content as JSON."""
        return json.loads(self.read_text())

    def _plain(self) -> IO[str]:
        raw = open(self, "rb")
        zipped = raw.peek(2)[:2] == b"\x1f\x8b"
        content: Any = gzip.GzipFile(fileobj=raw) if zipped else raw
        return io.TextIOWrapper(content, encoding="utf-8-sig")

    @staticmethod
    def write(name: str, content: Union[str, bytes]) -> File:
        """Writes a file and gives it: in a running function into the job's directory."""
        os.makedirs(os.path.dirname(os.path.abspath(name)), exist_ok=True)
        with open(name, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return File(name)

    def publish(self, destination: Location) -> File:
        """Copies it, with its sidecars, to where people look for it: a path, or a folder."""
        target = os.path.abspath(os.fspath(destination))
        if os.fspath(destination).endswith("/") or os.path.isdir(target):
            target = os.path.join(target, self.name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        # Whole or not at all: nobody finds half of it.
        partial = f"{target}.{os.getpid()}.tmp"
        shutil.copyfile(self, partial)
        os.replace(partial, target)
        published = File(target)
        published._known = dict(self._known) if published.name == self.name else {}
        published.sidecars = tuple(side.publish(os.path.dirname(target) + "/") for side in self.sidecars)
        return published


class Dir(Located):
    """A folder, with all that is in it.

    >>> Dir("plots").name
    'plots'
    """

    def __truediv__(self, name: str) -> Path:
        return Path(self.path) / name

    def files(self) -> Iterator[File]:
        """The files in it at any depth, in the order of their paths."""
        for folder, folders, names in os.walk(self.path):
            folders.sort()
            for name in sorted(names):
                yield File(os.path.join(folder, name))


def _fetch(url: str, name: str) -> str:
    """Downloads a file once for this process."""
    import tempfile
    from urllib.request import urlopen

    if url.startswith("s3://"):
        raise LigaseError("LIGASE_E_NO_FILE", f"{url} cannot be read here: no storage for it is set up")
    folder = tempfile.mkdtemp(prefix="ligase-", dir=here.work_dir)
    target = os.path.join(folder, name or "file")
    try:
        with urlopen(url) as answer, open(target, "wb") as file:
            shutil.copyfileobj(answer, file, 1 << 20)
    except OSError as error:
        raise LigaseError(
            "LIGASE_E_NO_FILE",
            f"{url} cannot be fetched: {error}",
            mend="a function in an image reaches the network with network=True",
        ) from error
    return target
