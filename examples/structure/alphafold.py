"""AlphaFold 2 on one alignment. Runs in the image that ``alphafold.ts`` names, on a GPU."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from weights import fetch_weights

# As ColabFold names them, and where it looks for them: below `params`, beside a file that says they are whole.
WEIGHTS = "https://storage.googleapis.com/alphafold/alphafold_params_2021-07-14.tar"


def predict(a3m: str, seed: int) -> dict[str, Any]:
    """The best of five models, all atoms, with pLDDT in the B-factor column."""
    weights = Path("weights")
    params = fetch_weights(WEIGHTS, weights / "params")
    (params / "download_finished.txt").touch()
    Path("query.a3m").write_text(a3m)
    subprocess.run(
        [
            "colabfold_batch",
            "--data",
            str(weights),
            "--model-type",
            "alphafold2_ptm",
            "--random-seed",
            str(seed),
            "query.a3m",
            "models",
        ],
        check=True,
    )
    (best,) = Path("models").glob("*_unrelaxed_rank_001_*.pdb")
    pdb = best.read_text()
    plddt = [float(line[60:66]) for line in pdb.splitlines() if line.startswith("ATOM") and line[12:16] == " CA "]
    return {"pdb": pdb, "plddt": sum(plddt) / len(plddt)}
