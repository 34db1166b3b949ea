"""Plasmids as points in space: ``workflow.ts`` in Python.

Records go into a volume, sequences into chunks, each chunk is embedded in a container of its own; then come the nearest
other plasmid of each, and a map to look at.

    python app.py                            # an ordinary program
    ligase run app.py:main --folder data     # the same by Ligase's command line
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import TypedDict

from ligase import Dir, File, Image, Output, Volume, env, function

if env.is_remote():
    # Only the image has these; this machine needs neither.
    import numpy as np
    from Bio import Entrez, SeqIO
    from Bio.Graphics import GenomeDiagram
    from reportlab.lib import colors

image = Image(python_packages=["biopython==1.88", "numpy==2.4.6", "reportlab==5.1.0"])
plasmids = Volume(name="plasmids", mount_path="./plasmids")


class Chunk(TypedDict):
    """A piece of a sequence, and the record it is of."""

    id: str
    start: int
    sequence: str


class Embedded(TypedDict):
    """The embedding of a chunk."""

    id: str
    vector: list[float]


@function(image=image, volumes=[plasmids], cache=True)
def keep(record: File) -> File:
    """Puts a record into the volume."""
    Path("plasmids", record.name).write_bytes(Path(record).read_bytes())
    return plasmids.file(record.name)


@function(image=image, volumes=[plasmids], cache=True, network=True, limits=["ncbi"], retries=3)
def download(accession: str) -> File:
    """Fetches a record from NCBI into the volume: at most three at a time, as they ask of whoever has no key."""
    Entrez.email = "you@example.org"
    with Entrez.efetch(db="nuccore", id=accession, rettype="gbwithparts", retmode="text") as answer:
        Path("plasmids", f"{accession}.gb").write_text(answer.read())
    return plasmids.file(f"{accession}.gb")


@function(image=image)
def split(record: File, size: int = 3000) -> list[Chunk]:
    """The sequences of a record in chunks."""
    return [
        Chunk(id=name_of(found, record), start=start + 1, sequence=str(found.seq[start : start + size]).upper())
        for found in read(record)
        for start in range(0, len(found), size)
    ]


@function(image=image, cpu=1, memory="512Mi")
def generate_embeddings(chunk: Chunk, k: int = 4) -> Embedded:
    """The k-mer spectrum of a chunk: how often each word of k bases occurs, on both strands at once."""
    places = spectrum_places(k)
    counts = np.zeros(len(set(places.values())))
    sequence = chunk["sequence"]
    for i in range(len(sequence) - k + 1):
        place = places.get(sequence[i : i + k])
        if place is not None:
            counts[place] += 1
    return Embedded(id=chunk["id"], vector=unit(counts).tolist())


@function(image=image)
def find_nearest(embedded: list[Embedded]) -> Output:
    """The nearest other plasmid of each, as a table."""
    ids = list(dict.fromkeys(each["id"] for each in embedded))
    means = np.array([unit(sum(np.array(each["vector"]) for each in embedded if each["id"] == id)) for id in ids])
    similarity = means @ means.T
    np.fill_diagonal(similarity, -1)
    rows = [(id, ids[int(row.argmax())], f"{row.max():.4f}") for id, row in zip(ids, similarity)]
    lines = ["\t".join(row) for row in [("plasmid", "nearest", "similarity"), *rows]]
    Path("nearest.tsv").write_text("\n".join(lines) + "\n")
    return Output("nearest.tsv")


@function(image=image)
def draw(record: File) -> list[Output]:
    """Maps of the plasmids of a record, to look at."""
    maps = []
    for found in read(record):
        diagram = GenomeDiagram.Diagram(name_of(found, record))
        genes = diagram.new_track(1, greytrack=False).new_set()
        for feature in found.features:
            if feature.type == "CDS" and feature.location is not None:
                genes.add_feature(feature, sigil="ARROW", color=colors.HexColor("#2f855a"), label=True, label_size=9)
        diagram.draw(format="circular", circular=True, pagesize=(600, 600), start=0, end=len(found), circle_core=0.7)
        path = Path(f"{name_of(found, record)}.svg")
        diagram.write(str(path), "SVG")
        maps.append(Output(path))
    return maps


@function(image=image)
def main(folder: Dir, accessions: list[str] = [], chunk: int = 3000, k: int = 4) -> dict[str, object]:
    """Embeds plasmids, and finds the nearest of each.

    :param folder: GenBank and EMBL records
    :param accessions: more of them, by their accessions at NCBI
    :param chunk: bases of a chunk
    :param k: the length of the words that are counted
    """
    files = [File(path) for path in sorted(Path(folder).iterdir()) if path.suffix in (".gb", ".gbk", ".embl")]
    records = [*keep.map(files), *download.map(accessions)]
    chunks = [piece for pieces in split.starmap((record, chunk) for record in records) for piece in pieces]
    embedded = list(generate_embeddings.starmap((piece, k) for piece in chunks))
    maps = [each for drawn in draw.map(records) for each in drawn]
    return {"nearest": find_nearest.remote(embedded), "maps": maps}


def read(record: File) -> list:
    """The records of a file; which of the two formats it is, its name says."""
    return list(SeqIO.parse(Path(record), "embl" if record.name.endswith(".embl") else "genbank"))


def name_of(found, record: File) -> str:
    """What people call a plasmid: its accession, its locus, or the name of its file."""
    return next((name for name in (found.id.split(".")[0], found.name) if name not in ("", "Exported")), Path(record.name).stem)


def spectrum_places(k: int) -> dict[str, int]:
    """The place of each word in a spectrum: a word and its reverse complement share one."""
    places: dict[str, int] = {}
    for letters in product("ACGT", repeat=k):
        word = "".join(letters)
        if word not in places:
            place = len(set(places.values()))
            places[word] = places[word[::-1].translate(str.maketrans("ACGT", "TGCA"))] = place
    return places


def unit(vector):
    """The same direction with length 1."""
    return vector / (np.linalg.norm(vector) or 1)


if __name__ == "__main__":
    result = main.remote(Dir(sys.argv[1] if len(sys.argv) > 1 else "data"))
    print(Path(result["nearest"]).read_text(), end="")
    for each in [result["nearest"], *result["maps"]]:
        print(each.name, each.public_url() or each.path)
