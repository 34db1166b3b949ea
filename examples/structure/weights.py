"""Fetches an archive of weights onto a volume: once, however many workers ask, and from where it broke off.

Needs Python's standard library alone.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import shutil
import tarfile
import urllib.error
import urllib.request
from pathlib import Path


class ChecksumError(Exception):
    """What came is not what the server has."""


def fetch_weights(url: str, folder: Path, sha256: str | None = None) -> Path:
    """The folder with the unpacked archive; fetched and checked before anybody sees it.

    The checksum is the one that is given, or else the one that the server states of the file (``x-goog-hash``,
    ``Content-MD5``).
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Who comes second waits for who came first. The lock goes with its process, however that ends.
    with open(folder.with_name(f"{folder.name}.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        archive = folder.with_name(f"{folder.name}.tar.part")
        expected = _download(url, archive)
        _check(archive, {"sha256": sha256} if sha256 else expected, url)
        unpacked = folder.with_name(f"{folder.name}.unpacking")
        shutil.rmtree(unpacked, ignore_errors=True)
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data") if hasattr(tarfile, "data_filter") else _extract(tar, unpacked)
        os.replace(unpacked, folder)
        archive.unlink()
        return folder


def _download(url: str, archive: Path) -> dict[str, str]:
    """Appends what is missing of a file. Returns the checksums that the server states."""
    have = archive.stat().st_size if archive.exists() else 0
    tag = archive.with_name(f"{archive.name}.etag")
    request = urllib.request.Request(url)
    if have and tag.exists():
        # Another file under the same address is sent whole.
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", tag.read_text())
    try:
        response = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        archive.unlink()
        return _download(url, archive)
    with response:
        if response.headers.get("ETag"):
            tag.write_text(response.headers["ETag"])
        with open(archive, "ab" if response.status == 206 else "wb") as file:
            shutil.copyfileobj(response, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        length = response.headers.get("Content-Length")
        start = have if response.status == 206 else 0
        if length is not None and archive.stat().st_size != start + int(length):
            raise ConnectionError(f"{url} broke off after {archive.stat().st_size} bytes; the next try goes on from there")
        stated = dict(part.strip().split("=", 1) for part in response.headers.get("x-goog-hash", "").split(",") if "=" in part)
        md5 = stated.get("md5") or response.headers.get("Content-MD5")
    return {"md5": base64.b64decode(md5).hex()} if md5 else {}


def _check(archive: Path, expected: dict[str, str], url: str) -> None:
    if not expected:
        raise ChecksumError(f"{url} states no checksum; give its SHA-256")
    for name, digest in expected.items():
        with open(archive, "rb") as file:
            found = hashlib.new(name)
            while piece := file.read(1 << 20):
                found.update(piece)
        if found.hexdigest() != digest.lower():
            archive.unlink()
            raise ChecksumError(f"{url}: {name} is {found.hexdigest()} where {digest} was expected; it was thrown away")


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """For a Python without extraction filters: plain files and folders below the folder, nothing else."""
    for member in tar.getmembers():
        target = os.path.normpath(member.name)
        if os.path.isabs(target) or target.startswith("..") or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name} has no place in an archive of weights")
    tar.extractall(folder)
