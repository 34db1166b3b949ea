"""Images: the software that functions run in, as a definition. The head builds it, once."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterable, List, Mapping, NoReturn, Optional, Pattern, Sequence, Tuple, Union

from .errors import LigaseError

Layer = Dict[str, Any]

#: Debian releases with the Python that each brings.
DEBIAN = {"11": "3.9", "12": "3.11", "13": "3.13"}
#: What is taken when nothing is said.
RELEASE = "12"
_CHANNELS = ("conda-forge", "bioconda")

# The same as in src/images/definition/checks.ts: a mistake is found where it stands.
_APT = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9]+)?(=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?\Z")
_PIP = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*(\[[A-Za-z0-9._,\s-]*\])?\s*"
    r"(@\s*(https?|git\+https)://[^\s;]+|\(?\s*((===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*\)?)"
    r"\s*(;[\w\s.<>=!~\"'()-]*)?\Z",
    re.ASCII,
)
_CONDA = re.compile(
    r"([A-Za-z0-9_./:-]+::)?[A-Za-z0-9_][A-Za-z0-9_.-]*"
    r"(\s*(==|=|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9_.*+!<>=,|-]+(=[A-Za-z0-9_.*]+)?)?\Z"
)
_CHANNEL = re.compile(r"([A-Za-z0-9][A-Za-z0-9_./-]*|(https|http|file)://[^\s\"'`$\\]+)\Z")
_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_REFERENCE = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z"
)


class Image:
    """The definition of a software environment. Nothing changes one: each method gives a new one.

    >>> Image(python_packages=["biopython"])
    Image([{'debian': '12'}, {'python': '3.11'}, {'pip': ['biopython']}])
    >>> Image.debian("12").apt("samtools").pip("pysam")
    Image([{'debian': '12'}, {'apt': ['samtools']}, {'pip': ['pysam']}])

    :param python_version: "3.11", or "python3.11" as Beam writes it
    :param python_packages: requirements, or the path of a file of them
    :param apt: Debian packages
    :param commands: shell commands that are run while it is built, after packages are installed
    :param base_image: an OCI image to stand on, best with its digest, instead of Debian
    :param env_vars: variables, as a mapping or as "NAME=value"
    :raises LigaseError: ``LIGASE_E_IMAGE_DEFINITION``
    """

    _layers: Tuple[Layer, ...]

    def __init__(
        self,
        python_version: Optional[str] = None,
        python_packages: Union[str, Sequence[str], None] = None,
        commands: Optional[Sequence[str]] = None,
        base_image: Optional[str] = None,
        env_vars: Union[Mapping[str, str], Sequence[str], str, None] = None,
        *,
        apt: Optional[Sequence[str]] = None,
    ) -> None:
        version = None if python_version is None else _python_version(python_version)
        if base_image is not None:
            image = Image.from_registry(base_image)
            if version is not None:
                image = image.python(version)
        else:
            version = version or DEBIAN[RELEASE]
            # Debian's own Python where a release has it: nothing is downloaded twice.
            release = next((release for release, has in DEBIAN.items() if has == version), None)
            image = Image.debian(release or RELEASE)
            image = image.python(version) if release else image.conda(f"python={version}")
        if env_vars is not None:
            image = image.with_envs(env_vars)
        if apt is not None:
            image = image.apt(*_listed("apt", apt))
        if python_packages is not None:
            image = image.add_python_packages(python_packages)
        if commands is not None:
            image = image.add_commands(commands)
        self._layers = image._layers

    @classmethod
    def _of(cls, layers: Iterable[Layer]) -> Image:
        image = cls.__new__(cls)
        image._layers = tuple(layers)
        return image

    @classmethod
    def debian(cls, release: str = RELEASE) -> Image:
        """A Debian release, by its number: ``"12"``."""
        if release not in DEBIAN:
            known = ", ".join(f'Image.debian("{known}")' for known in DEBIAN)
            _refuse(f"{release!r} is no Debian release that Ligase knows", f"write one of {known}")
        return cls._of([{"debian": release}])

    @classmethod
    def from_registry(cls, reference: str) -> Image:
        """Any OCI image, best by its digest: what a tag means may change. It needs a ``python3`` to run functions."""
        if not isinstance(reference, str) or not _REFERENCE.match(reference):
            bare = re.sub(r"^(docker|https?|oci)://", "", str(reference))
            near = bare != reference and _REFERENCE.match(bare)
            _refuse(
                f"{reference!r} is no reference to an image",
                f"leave the scheme out: {bare}" if near else "write registry/name:tag@sha256:…, or name:tag",
            )
        return cls._of([{"from": reference}])

    @classmethod
    def dockerfile(cls, path: str, *, context: Optional[str] = None, args: Optional[Mapping[str, str]] = None) -> Image:
        """What a Dockerfile describes."""
        file = _path("a Dockerfile", path)
        folder = _path("the build context", context or os.path.dirname(file) or ".")
        return cls._of([{"dockerfile": file, "context": folder, "args": _variables(args or {})}])

    @classmethod
    def archive(cls, path: str) -> Image:
        """An image in a file, as ``docker save`` writes it, or a root file system as a tar file."""
        return cls._of([{"archive": _path("an archive", path)}])

    def apt(self, *packages: str) -> Image:
        """Adds Debian packages: ``"bwa"``, ``"samtools=1.16.1-1"``."""
        return self._with({"apt": _each("Debian package", _APT, packages, '.apt("bwa", "samtools=1.16.1-1")')})

    def python(self, version: str) -> Image:
        """Sees to it that ``python3`` is there, in this version: Debian's own. Others come with :meth:`conda`."""
        wanted = _python_version(version)
        release = self._layers[0].get("debian")
        has = DEBIAN.get(release) if release is not None else None
        if has is not None and has != wanted:
            _refuse(f"Debian {release} has Python {has}, not {wanted}", f'take it from conda: .conda("python={wanted}")')
        return self._with({"python": wanted})

    def pip(self, *packages: str) -> Image:
        """Adds Python packages: ``"numpy"``, ``"pandas==2.2.3"``."""
        return self._with({"pip": _each("Python package", _PIP, packages, '.pip("numpy", "pandas==2.2.3")')})

    def requirements(self, path: str) -> Image:
        """Adds the Python packages that a file names, as ``pip install -r`` reads it. Its content counts."""
        return self._with({"requirements": _path("requirements", path)})

    def conda(self, *packages: str, channels: Sequence[str] = _CHANNELS) -> Image:
        """Adds conda packages."""
        names = _each("conda package", _CONDA, packages, '.conda("bwa=0.7.17", "python>=3.11")')
        return self._with({"conda": names, "channels": _each("conda channel", _CHANNEL, channels, 'channels=["bioconda"]')})

    def run(self, *commands: str) -> Image:
        """Runs shell commands while it is built, as its root user, with the network."""
        return self._with({"run": _each("shell command", None, commands, '.run("make && make install")')})

    def env(self, variables: Optional[Mapping[str, str]] = None, **more: str) -> Image:
        """Sets environment variables."""
        return self._with({"env": _variables({**(variables or {}), **more})})

    def workdir(self, path: str) -> Image:
        """The directory that commands which follow run in. It is made where it is not there."""
        return self._with({"workdir": _inside("workdir", path)})

    def files(self, local: str, inside: str) -> Image:
        """Copies a local file or folder into it, at an absolute path. Its content counts."""
        return self._with({"files": _path("files", local), "at": _inside("files", inside)})

    def add_python_packages(self, packages: Union[str, Sequence[str]]) -> Image:
        """Adds Python packages: a list of them, or the path of a file of requirements."""
        if isinstance(packages, (str, os.PathLike)):
            return self.requirements(os.fspath(packages))
        listed = _listed("python_packages", packages)
        return self.pip(*listed) if listed else self

    def add_commands(self, commands: Sequence[str]) -> Image:
        """Adds shell commands that are run while it is built."""
        listed = _listed("commands", commands)
        return self.run(*listed) if listed else self

    def with_envs(self, env_vars: Union[Mapping[str, str], Sequence[str], str]) -> Image:
        """Sets environment variables, given as a mapping or as "NAME=value"."""
        if isinstance(env_vars, Mapping):
            return self.env(env_vars)
        listed = [env_vars] if isinstance(env_vars, str) else list(env_vars)
        wrong = next((pair for pair in listed if not isinstance(pair, str) or "=" not in pair), None)
        if wrong is not None:
            _refuse(f"env_vars was given {wrong!r}", 'write {"LANG": "C.UTF-8"} or ["LANG=C.UTF-8"]')
        return self.env(dict(pair.split("=", 1) for pair in listed))

    @property
    def layers(self) -> List[Layer]:
        """The steps, in order, as data."""
        return [dict(layer) for layer in self._layers]

    def for_python(self) -> Image:
        """The same with a Python in it, where Debian alone would bring none."""
        first = self._layers[0]
        has = any(key in layer for layer in self._layers for key in ("python", "pip", "requirements", "conda"))
        return self if has or "debian" not in first else self.python(DEBIAN[first["debian"]])

    def described(self) -> Dict[str, Any]:
        """As TypeScript's ``Image.fromJSON`` reads it."""
        return {"layers": self.layers}

    def __repr__(self) -> str:
        return f"Image({list(self._layers)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and other._layers == self._layers

    def __hash__(self) -> int:
        return hash(repr(self._layers))

    def _with(self, layer: Layer) -> Image:
        return Image._of([*self._layers, layer])


def _refuse(message: str, mend: str) -> NoReturn:
    raise LigaseError("LIGASE_E_IMAGE_DEFINITION", message, mend=mend)


def _listed(what: str, values: object) -> List[str]:
    if isinstance(values, (list, tuple)):
        return list(values)
    return _refuse(f"{what} of an image was given {values!r}, which is no list", f'write {what}=["…"]')


def _each(what: str, pattern: Optional[Pattern[str]], values: Sequence[str], example: str) -> List[str]:
    if isinstance(values, str) or len(values) == 0:
        _refuse(f"a {what} was wanted, and {values!r} given", f"write {example}")
    for value in values:
        if not isinstance(value, str) or value == "" or "\0" in value or (pattern and not pattern.match(value)):
            _refuse(f"{value!r} is no {what}", f"write {example}")
    return list(values)


def _python_version(version: object) -> str:
    # Beam writes "python3.11".
    text = re.sub(r"^python", "", version) if isinstance(version, str) else ""
    if not re.match(r"3\.\d{1,2}\Z", text):
        _refuse(f"{version!r} is no version of Python", 'write its first two numbers: python_version="3.11"')
    return text


def _variables(values: object) -> Dict[str, str]:
    example = 'write env_vars={"LANG": "C.UTF-8"}'
    if not isinstance(values, Mapping):
        _refuse(f"the variables of an image were given as {values!r}", example)
    for name, value in values.items():
        if not isinstance(name, str) or not _VARIABLE.match(name):
            _refuse(f"{name!r} is no name of a variable", example)
        if not isinstance(value, str) or "\0" in value:
            _refuse(f"the variable {name} was given {value!r}, which is no text", example)
    return dict(values)


def _inside(what: str, path: object) -> str:
    if not isinstance(path, str) or not path.startswith("/") or ".." in path.split("/") or "\0" in path:
        _refuse(f"{what} was given {path!r}", 'write an absolute path inside of the image: "/opt/reference"')
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        _refuse(f"{what} was given the root itself", 'write a folder in it: "/opt/reference"')
    if parts[0] in ("proc", "sys", "dev", "run", "tmp"):
        _refuse(f"{what} was given {path}, which is not kept: /{parts[0]} is made anew for every job", "write another")
    return "/" + "/".join(parts)


def _path(what: str, path: object) -> str:
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or path == "" or "\0" in path:
        _refuse(f"{what} of an image was given {path!r}, which is no path", "write the path of a file or a folder")
    return path
