"""Definitions of images and volumes: what they compile to, and what is refused."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ligase import Image, LigaseError, Output, Volume


@pytest.mark.parametrize(
    "image, layers",
    [
        (Image(), [{"debian": "12"}, {"python": "3.11"}]),
        (Image(python_version="python3.9"), [{"debian": "11"}, {"python": "3.9"}]),
        (Image(python_version="3.13"), [{"debian": "13"}, {"python": "3.13"}]),
        (
            Image(python_version="3.10"),
            [{"debian": "12"}, {"conda": ["python=3.10"], "channels": ["conda-forge", "bioconda"]}],
        ),
        (
            Image(python_packages=["numpy>=2,<3"], commands=["make"], env_vars=["A=b=c"], apt=["bwa"]),
            [
                {"debian": "12"},
                {"python": "3.11"},
                {"env": {"A": "b=c"}},
                {"apt": ["bwa"]},
                {"pip": ["numpy>=2,<3"]},
                {"run": ["make"]},
            ],
        ),
        (Image(python_packages="requirements.txt").layers[-1:], [{"requirements": "requirements.txt"}]),
        (Image(base_image="nvcr.io/nvidia/pytorch:24.01-py3"), [{"from": "nvcr.io/nvidia/pytorch:24.01-py3"}]),
        (
            Image(base_image="python:3.12", python_version="3.12", env_vars={"A": "b"}),
            [{"from": "python:3.12"}, {"python": "3.12"}, {"env": {"A": "b"}}],
        ),
        (
            Image.debian("12").apt("bwa", "samtools=1.16.1-1").pip("pysam").run("true").env(LANG="C").workdir("/opt//x/"),
            [
                {"debian": "12"},
                {"apt": ["bwa", "samtools=1.16.1-1"]},
                {"pip": ["pysam"]},
                {"run": ["true"]},
                {"env": {"LANG": "C"}},
                {"workdir": "/opt/x"},
            ],
        ),
        (
            Image.debian().conda("bwa=0.7.17", channels=["bioconda"]).files("lib", "/opt/lib"),
            [{"debian": "12"}, {"conda": ["bwa=0.7.17"], "channels": ["bioconda"]}, {"files": "lib", "at": "/opt/lib"}],
        ),
        (
            Image.dockerfile("docker/Dockerfile", args={"A": "1"}),
            [{"dockerfile": "docker/Dockerfile", "context": "docker", "args": {"A": "1"}}],
        ),
        (Image.archive("image.tar"), [{"archive": "image.tar"}]),
        (
            Image().add_python_packages(["a"]).add_commands(["b"]).with_envs("C=d"),
            [{"debian": "12"}, {"python": "3.11"}, {"pip": ["a"]}, {"run": ["b"]}, {"env": {"C": "d"}}],
        ),
    ],
)
def test_compiles_to_layers(image: Any, layers: Any) -> None:
    assert (image.layers if isinstance(image, Image) else image) == layers


def test_never_changes() -> None:
    base = Image()
    more = base.add_python_packages(["numpy"])
    base.layers.append({"run": ["rm"]})
    assert base == Image() and more != base and hash(base) == hash(Image())


def test_sees_to_it_that_there_is_a_python() -> None:
    assert Image.debian("11").apt("bwa").for_python().layers[-1] == {"python": "3.9"}
    for has in (Image.debian().pip("x"), Image.debian().conda("x"), Image.from_registry("python:3.12"), Image()):
        assert has.for_python() == has


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: Image.debian("bookworm"), 'write one of Image.debian("11")'),
        (lambda: Image(python_version="3"), "'3' is no version of Python"),
        (lambda: Image.debian("12").python("3.9"), 'Debian 12 has Python 3.11, not 3.9\n  take it from conda: .conda("python=3.9")'),
        (lambda: Image.debian().apt(), "a Debian package was wanted"),
        (lambda: Image.debian().apt("bwa samtools"), "'bwa samtools' is no Debian package"),
        (lambda: Image.debian().apt("bwa-"), "'bwa-' is no Debian package"),
        (lambda: Image(python_packages=["-r x"]), "'-r x' is no Python package"),
        (lambda: Image(python_packages=["numpy; rm -rf /"]), "is no Python package"),
        (lambda: Image.debian().conda("a b"), "is no conda package"),
        (lambda: Image.debian().conda("a", channels=["$(x)"]), "is no conda channel"),
        (lambda: Image(base_image="docker://debian:12"), "leave the scheme out: debian:12"),
        (lambda: Image(base_image="Debian 12"), "is no reference to an image"),
        (lambda: Image(commands="make"), "commands of an image was given 'make', which is no list"),
        (lambda: Image(env_vars=["A"]), "env_vars was given 'A'"),
        (lambda: Image(env_vars={"A B": "c"}), "'A B' is no name of a variable"),
        (lambda: Image(env_vars={"A": 1}), "the variable A was given 1, which is no text"),  # type: ignore[dict-item]
        (lambda: Image().workdir("opt"), "write an absolute path"),
        (lambda: Image().workdir("/tmp/x"), "which is not kept"),
        (lambda: Image().workdir("/"), "the root itself"),
        (lambda: Image().files("", "/x"), "which is no path"),
    ],
)
def test_refuses_definitions_where_they_stand(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(LigaseError) as refused:
        make()
    assert refused.value.code == "LIGASE_E_IMAGE_DEFINITION" and says in str(refused.value)


def test_volumes() -> None:
    volume = Volume(name="seq", mount_path="seq/../seq2".replace("../", ""), read_only=True)
    assert repr(volume) == "Volume('seq', './seq/seq2', read_only=True)"
    assert Volume("seq") == Volume("seq", "./seq") and Volume("seq").described() == {"volume": "seq", "readOnly": False}
    assert repr(volume.file("a//b.fa")) == "File('ligase:volumes/seq/a/b.fa')"
    assert repr(volume.dir()) == "Dir('ligase:volumes/seq')" and volume.dir("a").name == "a"


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "a b", "x" * 64, None])
def test_refuses_names_of_volumes(name: Any) -> None:
    with pytest.raises(LigaseError, match="no name of a volume"):
        Volume(name)


@pytest.mark.parametrize("path", [".", "/", "../x", "a/../../b", "a\0b", 3])
def test_refuses_places_of_volumes(path: Any) -> None:
    with pytest.raises(LigaseError, match="cannot be mounted at"):
        Volume("seq", path)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", ".", "a/../.."])
def test_keeps_files_of_volumes_inside(path: str) -> None:
    with pytest.raises(LigaseError, match="leads out of the volume seq"):
        Volume("seq").file(path)


def test_outputs(tmp_path: Any) -> None:
    with pytest.raises(LigaseError, match="does not exist"):
        Output(tmp_path / "x.svg").save()
    (tmp_path / "x.svg").write_text("<svg/>")
    output = Output(tmp_path / "x.svg").save()
    with pytest.raises(LigaseError, match="has no link yet"):
        output.public_url()
    with pytest.raises(LigaseError, match="is no media type"):
        Output("x", media_type="svg")
